package io.nextbestoffer.faults;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** One activity that was sent, and its outcome so far. */
final class SentActivity {

    /** Kind of content, with the reason of the dead letter if the activity can't be decided. */
    enum Content {
        GOOD(null), NOT_JSON("unreadable"), EMPTY("unreadable"), NULL("unreadable"), NO_ACTIVITY_ID(
                "unreadable"), NOT_UTF8("unreadable"), UNKNOWN_KEY("unreadable"), WRONG_TYPE("undecidable");

        final String reason;

        Content(String reason) {
            this.reason = reason;
        }
    }

    enum Outcome {
        OFFER, MALFORMED, CUSTOMER_UNKNOWN, CUSTOMER_ERASED
    }

    private static final String[] TYPES = {"branch_visit", "deposit", "web_open", "mobile_open", "new_account"};

    final int number;
    final ChangingBank.Customer customer;
    final Content content;
    /** Position in the input topic, once Kafka has acknowledged it. */
    volatile int partition = -1;
    volatile long offset = -1;
    Outcome outcome;
    /** Version of the profile with which its offer was decided. */
    int version;
    UUID decisionId;

    SentActivity(int number, ChangingBank.Customer customer, Content content) {
        this.number = number;
        this.customer = customer;
        this.content = content;
    }

    double propensity() {
        return Math.floorMod(number * 0x9E3779B1, 100) / 100.0;
    }

    String type() {
        return TYPES[Math.floorMod(number * 0x85EBCA6B, TYPES.length)];
    }

    byte[] key() {
        return content == Content.UNKNOWN_KEY ? new byte[]{1, 2, 3} : utf8(Integer.toString(customer.id));
    }

    byte[] value() {
        return switch (content) {
            case GOOD -> utf8(good());
            case NOT_JSON -> utf8("activity_id=" + number);
            case EMPTY -> new byte[0];
            case NULL -> null;
            case NO_ACTIVITY_ID -> utf8("{\"customer_id\":" + customer.id + ",\"propensity_to_buy\":0.5}");
            case NOT_UTF8 -> (good().replace("}", ",\"note\":\"é\"}")).getBytes(StandardCharsets.ISO_8859_1);
            case UNKNOWN_KEY -> utf8("{\"activity_id\":" + number + ",\"propensity_to_buy\":0.5}");
            case WRONG_TYPE ->
                utf8(good().replaceAll("\"propensity_to_buy\":[0-9.]+", "\"propensity_to_buy\":\"much\""));
        };
    }

    private String good() {
        return "{\"activity_id\":" + number + ",\"customer_id\":" + customer.id
                + ",\"ip_address\":\"198.18.0.1\",\"activity_type\":\"" + type() + "\",\"propensity_to_buy\":"
                + propensity() + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "activity " + number + " (" + content + ", partition " + partition + ", offset " + offset
                + ") of customer " + customer.id + (customer.present ? "" : ", absent")
                + (customer.everDeleted ? ", deleted once" : "") + ": " + outcome;
    }
}
