package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;

/** Tests the proof itself: it reports each violation that a single record can show. */
class RecordLedgerTest {

    private static final UUID TOPIC = new UUID(1, 2);

    private final RecordLedger records = new RecordLedger(TOPIC);
    private final ChangingBank.Customer customer = new ChangingBank.Customer(7, 0,
            new ChangingBank.Profile(60_000, 700));
    private final SentActivity first = sent(SentActivity.Content.GOOD, 0);
    private final SentActivity second = sent(SentActivity.Content.GOOD, 1);

    RecordLedgerTest() {
        customer.present = true;
    }

    @Test
    void reportsNothingWithoutViolations() {
        offer(first);
        offer(second);
        letter(sent(SentActivity.Content.EMPTY, 2), "unreadable");
        letter(sent(SentActivity.Content.WRONG_TYPE, 3), "undecidable");

        records.match();

        assertThat(records.takeViolations()).isEmpty();
        assertThat(records.open()).isEmpty();
    }

    @Test
    void keepsActivitiesWithoutOutcomeOpen() {
        offer(first);

        records.match();

        assertThat(records.open()).containsExactly(second);
    }

    @Test
    void reportsSecondOutcomes() {
        offer(first);
        offer(first);
        assertViolation("a second outcome, an offer");

        letter(first, "customer-unknown");
        assertViolation("a second outcome, a dead letter");
        assertThat(records.counts().duplicates()).isEqualTo(2);
    }

    @Test
    void reportsOffersOutOfOrder() {
        offer(second);
        offer(first);

        assertViolation("out of order, after offset 1");
    }

    @Test
    void reportsOffersAgainstTheRules() {
        records.offer(record(json(first, 60_000, 700, 5), "7", ""));
        assertViolation("against the rules, which choose 3");

        records.offer(record(json(second, 60_000, 701, 3), "7", ""));
        assertViolation("a profile that never existed");
    }

    @Test
    void reportsDecisionIdsOfOtherPositions() {
        second.decisionId = decisionId(first);
        records.offer(record(json(second, 60_000, 700, 3).replace(decisionId(second).toString(),
                decisionId(first).toString()), "7", ""));

        assertViolation("the decision id does not match the position");
    }

    @Test
    void reportsOffersForMalformedActivities() {
        offer(sent(SentActivity.Content.WRONG_TYPE, 2));

        assertViolation("a malformed activity got an offer");
    }

    @Test
    void reportsDeadLettersWithTheWrongReason() {
        letter(first, "customer-unknown");
        assertViolation("an unexpected dead letter");

        letter(second, "customer-erased");
        assertViolation("an unexpected dead letter");

        letter(sent(SentActivity.Content.EMPTY, 2), "undecidable");
        assertViolation("an unexpected dead letter");
    }

    @Test
    void acceptsDeadLettersOfDeletedCustomers() {
        customer.everDeleted = true;
        customer.present = false;
        letter(first, "customer-unknown");
        records.deadLetter(new ConsumerRecord<>("dead", 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, null, null,
                headers(second, "customer-erased"), Optional.empty()));

        records.match();

        assertThat(records.takeViolations()).isEmpty();
    }

    @Test
    void reportsDeadLettersWithOtherContent() {
        customer.present = false;
        records.deadLetter(record("{}", "7", "customer-unknown", first));

        assertViolation("an unexpected dead letter, or unexpected content");
    }

    private void assertViolation(String message) {
        records.match();
        assertThat(records.takeViolations()).singleElement().asString().contains(message);
    }

    private SentActivity sent(SentActivity.Content content, long offset) {
        SentActivity one = records.add(customer, content);
        records.setPosition(one, 0, offset);
        return one;
    }

    private void offer(SentActivity one) {
        records.offer(record(json(one, 60_000, 700, one.propensity() < 0.9 ? 3 : 5), "7", ""));
    }

    private static UUID decisionId(SentActivity one) {
        return new RecordPosition(TOPIC, one.partition, one.offset).decisionId();
    }

    private static String json(SentActivity one, int income, int fico, int offer) {
        return """
                {"activity_id":%d,"customer_id":7,"offer_id":%d,"offer_name":"%s","propensity_to_buy":%s,
                "activity_type":"%s","income":%d,"fico":%d,"decision_id":"%s","strategy":"banking"}"""
                .formatted(one.number, offer, ExpectedRules.name(offer), one.propensity(), one.type(), income, fico,
                        decisionId(one));
    }

    private void letter(SentActivity one, String reason) {
        byte[] value = one.value();
        records.deadLetter(new ConsumerRecord<>("dead", 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, one.key(), value,
                headers(one, reason), Optional.empty()));
    }

    private static ConsumerRecord<byte[], byte[]> record(String value, String key, String reason, SentActivity... of) {
        return new ConsumerRecord<>("topic", 0, 0, 0, TimestampType.CREATE_TIME, 0, 0,
                key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8),
                of.length == 0 ? new RecordHeaders() : headers(of[0], reason), Optional.empty());
    }

    private static RecordHeaders headers(SentActivity one, String reason) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("dead-letter-topic", "customer-activity".getBytes(StandardCharsets.UTF_8));
        headers.add("dead-letter-partition", Integer.toString(one.partition).getBytes(StandardCharsets.UTF_8));
        headers.add("dead-letter-offset", Long.toString(one.offset).getBytes(StandardCharsets.UTF_8));
        headers.add("dead-letter-reason", reason.getBytes(StandardCharsets.UTF_8));
        return headers;
    }
}
