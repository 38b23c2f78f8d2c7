package io.nextbestoffer.benchmark.peer;

/** The products, each with its rule. */
enum PeerProduct {
    SAVINGS(1, "new_savings", "http://google.com.br/magnis/dis/parturient.json", "savings-for-high-income"), CHECKING(2,
            "new_checking", "https://earthlink.net/in/ante.js", "checking-for-low-income"), HOME_LOAN(3,
                    "new_home_loan", "https://webs.com/in/ante.jpg", "home-loan-for-good-credit"), AUTO_LOAN(4,
                            "new_auto_loan", "http://squidoo.com/venenatis/non/sodales/sed/tincidunt/eu.js",
                            "auto-loan-for-high-income"), NONE(5, "no_offer",
                                    "https://ezinearticles.com/ipsum/primis/in/faucibus/orci/luctus.html", "otherwise");

    final int id;
    final String offerName;
    final String url;
    final String rule;

    PeerProduct(int id, String offerName, String url, String rule) {
        this.id = id;
        this.offerName = offerName;
        this.url = url;
        this.rule = rule;
    }

    /** The first rule that matches decides. */
    static PeerProduct bestFor(PeerActivity activity, PeerCustomer customer) {
        if (activity.propensityToBuy() >= 0.9) {
            return NONE;
        }
        if (customer.income() > 100_000 && customer.fico() < 700) {
            return SAVINGS;
        }
        if (customer.income() < 50_000) {
            return CHECKING;
        }
        if (customer.fico() >= 600) {
            return HOME_LOAN;
        }
        // AUTO_LOAN needs an income above 100,000 and a FICO score of 700, but for those HOME_LOAN matches first.
        return NONE;
    }
}
