package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tests that every kind of wrong row is counted. */
class LatestOfferCheckTest {
    private static final int CUSTOMERS = 3;

    private final ExpectedOffers answers = new ExpectedOffers(4);
    private final LatestOfferCheck check;

    LatestOfferCheckTest() {
        answers.add(1, 1);
        answers.add(2, 2);
        answers.add(1, 3); // the last one of customer 1; customer 3 has none
        check = new LatestOfferCheck(CUSTOMERS, answers);
    }

    @Test
    void acceptsTheLastOfferOfEach() {
        check.take("1", offer(2, 1, 3));
        check.take("2", offer(1, 2, 2));

        assertThat(check.wrong()).isZero();
    }

    @Test
    void countsMissingRows() {
        assertThat(check.wrong()).isEqualTo(2);

        check.take("2", offer(1, 2, 2));

        assertThat(check.wrong()).isEqualTo(1);
    }

    @Test
    void countsEarlierOffers() {
        check.take("1", offer(0, 1, 1));
        check.take("2", offer(1, 2, 2));

        assertThat(check.wrong()).isEqualTo(1);
    }

    @Test
    void countsWrongOffersAndWrongKeys() {
        check.take("1", offer(2, 1, 1));
        check.take("3", offer(1, 2, 2));

        assertThat(check.wrong()).isEqualTo(2);
    }

    @Test
    void countsRowsThatShouldNotExist() {
        check.take("1", offer(2, 1, 3));
        check.take("2", offer(1, 2, 2));
        check.take("3", offer(-1, 3, 3));
        check.take("99", offer(0, 99, 1));
        check.take("1", "{");

        assertThat(check.wrong()).isEqualTo(3);
    }

    private static String offer(int activity, int customer, int offer) {
        return "{\"activity_id\":" + activity + ",\"customer_id\":" + customer + ",\"offer_id\":" + offer + "}";
    }
}
