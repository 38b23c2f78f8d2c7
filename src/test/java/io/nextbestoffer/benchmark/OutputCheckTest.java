package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Tests that every kind of wrong output is reported; otherwise the benchmark's check would prove nothing. */
class OutputCheckTest {
    private static final int CUSTOMERS = 5;
    private static final int ACTIVITIES = 200;

    private final ExpectedOffers answers = answers();
    private final List<byte[]> output = right();

    @Test
    void acceptsCorrectOutput() {
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void acceptsCustomersInAnyOrder() {
        // Ordered by customer, as if each had a separate partition
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
    void reportsAMissingOffer() {
        output.remove(17);

        failsWith("1 are missing, 0 are duplicated, 0 out of order, 0 with a wrong offer");
    }

    @Test
    void reportsTheLastOfferMissing() {
        output.remove(ACTIVITIES - 1);

        failsWith("1 are missing, 0 are duplicated");
    }

    @Test
    void reportsEmptyOutput() {
        output.clear();

        failsWith("200 are missing");
    }

    @Test
    void reportsADuplicate() {
        output.add(18, output.get(17));

        failsWith("0 are missing, 1 are duplicated, 0 out of order, 0 with a wrong offer");
    }

    @Test
    void reportsADuplicateInPlaceOfAnotherOffer() {
        output.set(18, output.get(17));

        failsWith("1 are missing, 1 are duplicated");
    }

    @Test
    void reportsALateDuplicate() {
        output.add(output.get(0));

        failsWith("0 are missing, 1 are duplicated");
    }

    @Test
    void reportsOffersOfACustomerOutOfOrder() {
        int first = 10;
        int second = first + 1;
        while (answers.customer(second) != answers.customer(first)) {
            second++;
        }
        Collections.swap(output, first, second);

        failsWith("0 are missing, 0 are duplicated, 1 out of order, 0 with a wrong offer");
    }

    @Test
    void reportsAWrongOffer() {
        int activity = 20;
        output.set(activity, offer(activity, answers.customer(activity), answers.offer(activity) % 5 + 1));

        failsWith("1 are missing, 0 are duplicated, 0 out of order, 1 with a wrong offer");
    }

    @Test
    void reportsAnOfferToTheWrongCustomer() {
        int activity = 20;
        output.set(activity, offer(activity, answers.customer(activity) % CUSTOMERS + 1, answers.offer(activity)));

        failsWith("1 with a wrong offer");
    }

    @Test
    void reportsAnOfferWithoutActivity() {
        output.add(offer(ACTIVITIES, 1, 1));
        output.add(offer(-1, 1, 1));
        output.add(offer(0, CUSTOMERS + 100, 1));

        failsWith("0 are missing, 0 are duplicated, 0 out of order, 3 with a wrong offer");
    }

    @Test
    void reportsUnreadableOutput() {
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
