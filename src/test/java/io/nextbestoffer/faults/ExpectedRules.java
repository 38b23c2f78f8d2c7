package io.nextbestoffer.faults;

/** A second, plain implementation of the bank's four rules, to check the offers. */
final class ExpectedRules {

    private static final String[] NAMES = {"new_savings", "new_checking", "new_home_loan", "new_auto_loan", "no_offer"};

    private ExpectedRules() {
    }

    static int offer(ChangingBank.Profile customer, double propensity) {
        if (propensity >= 0.9) {
            return 5;
        }
        if (customer.income() > 100_000 && customer.fico() < 700) {
            return 1;
        }
        if (customer.income() < 50_000) {
            return 2;
        }
        return customer.fico() >= 600 ? 3 : 5;
    }

    static String name(int offer) {
        return NAMES[offer - 1];
    }
}
