package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Whether each kind of wrong output is found: a benchmark whose check sees nothing proves nothing. */
class OutputCheckTest {
    private static final int CUSTOMERS = 5;
    private static final int ACTIVITIES = 200;

    private final ExpectedOffers answers = answers();
    private final List<byte[]> output = right();

    @Test
    void rightOutputIsRight() {
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void customersMayComeInAnyOrder() {
        // By customer, as if each had a partition of his own
        List<byte[]> sorted = new ArrayList<>();
        for (int customer = 1; customer <= CUSTOMERS; customer++) {
            for (int activity = 0; activity < ACTIVITIES; activity++) {
                if (answers.customer(activity) == customer) {
                    sorted.add(output.get(activity));
                }
            }
        }
        output.clear();
        output.addAll(sorted);

        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void aMissingOneIsFound() {
        output.remove(17);

        failsWith("1 are missing, 0 came out again, 0 out of order, 0 with a wrong offer");
    }

    @Test
    void theLastOneMissingIsFound() {
        output.remove(ACTIVITIES - 1);

        failsWith("1 are missing, 0 came out again");
    }

    @Test
    void noOutputIsFound() {
        output.clear();

        failsWith("200 are missing");
    }

    @Test
    void aRepeatedOneIsFound() {
        output.add(18, output.get(17));

        failsWith("0 are missing, 1 came out again, 0 out of order, 0 with a wrong offer");
    }

    @Test
    void aRepeatedOneInPlaceOfAnotherIsFound() {
        output.set(18, output.get(17));

        failsWith("1 are missing, 1 came out again");
    }

    @Test
    void aLateRepetitionIsFound() {
        output.add(output.get(0));

        failsWith("0 are missing, 1 came out again");
    }

    @Test
    void twoOfACustomerInTheWrongOrderAreFound() {
        int first = 10;
        int second = first + 1;
        while (answers.customer(second) != answers.customer(first)) {
            second++;
        }
        Collections.swap(output, first, second);

        failsWith("0 are missing, 0 came out again, 1 out of order, 0 with a wrong offer");
    }

    @Test
    void aWrongOfferIsFound() {
        int activity = 20;
        output.set(activity, offer(activity, answers.customer(activity), answers.offer(activity) % 5 + 1));

        failsWith("1 are missing, 0 came out again, 0 out of order, 1 with a wrong offer");
    }

    @Test
    void anOfferToTheWrongCustomerIsFound() {
        int activity = 20;
        output.set(activity, offer(activity, answers.customer(activity) % CUSTOMERS + 1, answers.offer(activity)));

        failsWith("1 with a wrong offer");
    }

    @Test
    void anOfferForNoActivityIsFound() {
        output.add(offer(ACTIVITIES, 1, 1));
        output.add(offer(-1, 1, 1));
        output.add(offer(0, CUSTOMERS + 100, 1));

        failsWith("0 are missing, 0 came out again, 0 out of order, 3 with a wrong offer");
    }

    @Test
    void whatIsNoOfferIsFound() {
        output.add("{".getBytes(StandardCharsets.UTF_8));
        output.add("{}".getBytes(StandardCharsets.UTF_8));
        output.add("{\"activity_id\":\"one\"}".getBytes(StandardCharsets.UTF_8));
        output.add("{\"activity_id\":99999999999999}".getBytes(StandardCharsets.UTF_8));
        output.add(new byte[0]);
        output.add(null);

        failsWith("6 with a wrong offer");
    }

    private void failsWith(String message) {
        assertThatThrownBy(this::check).isInstanceOf(OutputCheck.Failed.class).hasMessageContaining(message);
    }

    private void check() {
        OutputCheck check = new OutputCheck(CUSTOMERS, answers);
        output.forEach(check::take);
        check.conclude();
    }

    private static ExpectedOffers answers() {
        GeneratedBank.Activities activities = new GeneratedBank(CUSTOMERS).activities(ACTIVITIES);
        for (int i = 0; i < ACTIVITIES; i++) {
            activities.next();
        }
        return activities.answers();
    }

    private List<byte[]> right() {
        List<byte[]> right = new ArrayList<>();
        for (int activity = 0; activity < ACTIVITIES; activity++) {
            right.add(offer(activity, answers.customer(activity), answers.offer(activity)));
        }
        return right;
    }

    private static byte[] offer(int activity, int customer, int offer) {
        return ("{\"rule\":\"any\",\"activity_id\":" + activity + ",\"customer_id\":" + customer
                + ",\"more\":{\"offer_id\":9},\"offer_id\":" + offer + "}").getBytes(StandardCharsets.UTF_8);
    }
}
