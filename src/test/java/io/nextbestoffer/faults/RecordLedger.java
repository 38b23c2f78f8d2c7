package io.nextbestoffer.faults;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.TestTraffic;

/**
 * Keeps every activity sent, with the output that a {@code read_committed} consumer has read for it. Finds violations
 * that a single record shows; {@link ExactlyOnceProof} finds the others.
 */
final class RecordLedger {

    /** A dead letter, matched by its position once the position of each activity is known. */
    private record DeadLetter(int partition, long offset, ConsumerRecord<byte[], byte[]> record) {
    }

    private final UUID inputTopic;
    private final List<SentActivity> sent = new ArrayList<>();
    private final Map<String, SentActivity> byPosition = new ConcurrentHashMap<>();
    private List<SentActivity> open = new ArrayList<>();
    private List<SentActivity> offered = new ArrayList<>();
    private List<DeadLetter> letters = new ArrayList<>();
    private List<String> violations = new ArrayList<>();
    private final Map<Integer, Long> lastOffset = new HashMap<>();
    private final Map<Integer, String> lastOffer = new HashMap<>();
    /** Version of the strategy that decided the last offer, by partition. */
    private final Map<Integer, Integer> lastVersion = new HashMap<>();
    private int offers;
    private int deadLetters;
    private int duplicates;

    RecordLedger(UUID inputTopic) {
        this.inputTopic = inputTopic;
    }

    synchronized SentActivity add(ChangingBank.Customer customer, SentActivity.Content content) {
        SentActivity one = new SentActivity(sent.size(), customer, content);
        sent.add(one);
        open.add(one);
        return one;
    }

    void setPosition(SentActivity one, int partition, long offset) {
        one.partition = partition;
        one.offset = offset;
        byPosition.put(partition + "/" + offset, one);
    }

    SentActivity at(int partition, long offset) {
        return byPosition.get(partition + "/" + offset);
    }

    /** Records an offer; offers of one partition must be passed in order. */
    synchronized void offer(ConsumerRecord<byte[], byte[]> record) {
        offers++;
        JsonNode offer = TestTraffic.json(record.value());
        int number = offer.path("activity_id").asInt(-1);
        if (number < 0 || number >= sent.size()) {
            violation("an offer for an unknown activity: %s", offer);
            return;
        }
        SentActivity one = sent.get(number);
        if (one.outcome != null) {
            duplicates++;
            violation("a second outcome, an offer: %s", one);
            return;
        }
        int version = offer.path("strategy_version").asInt();
        Integer versionBefore = lastVersion.put(record.partition(), version);
        if (versionBefore != null && versionBefore > version) {
            violation("partition %d returned from version %d to %d: %s", record.partition(), versionBefore, version,
                    one);
        }
        one.outcome = SentActivity.Outcome.OFFER;
        one.decisionId = UUID.fromString(offer.path("decision_id").asText());
        one.version = one.customer.profiles
                .lastIndexOf(new ChangingBank.Profile(offer.path("income").asInt(-1), offer.path("fico").asInt(-1)));
        lastOffer.put(one.customer.id, new String(record.value(), StandardCharsets.UTF_8));
        offered.add(one);
        check(one, offer, new String(record.key(), StandardCharsets.UTF_8));
    }

    private void check(SentActivity one, JsonNode offer, String key) {
        if (one.content != SentActivity.Content.GOOD) {
            violation("a malformed activity got an offer: %s", one);
        } else if (one.version < 0) {
            violation("an offer from a profile that never existed: %s of %s", offer, one.customer.profiles);
        } else {
            int right = ExpectedRules.offer(one.customer.profiles.get(one.version), one.propensity());
            if (offer.path("offer_id").asInt() != right
                    || !offer.path("offer_name").asText().equals(ExpectedRules.name(right))
                    || offer.path("customer_id").asInt() != one.customer.id
                    || !key.equals(Integer.toString(one.customer.id))
                    || offer.path("propensity_to_buy").asDouble(-1) != one.propensity()
                    || !offer.path("activity_type").asText().equals(one.type())
                    || !offer.path("strategy").asText().equals("banking")) {
                violation("an offer against the rules, which choose %d: %s", right, offer);
            }
        }
    }

    synchronized void deadLetter(ConsumerRecord<byte[], byte[]> record) {
        deadLetters++;
        try {
            letters.add(new DeadLetter(Integer.parseInt(TestTraffic.header(record, "dead-letter-partition")),
                    Long.parseLong(TestTraffic.header(record, "dead-letter-offset")), record));
        } catch (NumberFormatException e) {
            violation("a dead letter without a position: %s", record);
        }
    }

    synchronized void unexpected(ConsumerRecord<byte[], byte[]> record) {
        violation("an unexpected record in %s: %s", record.topic(), record);
    }

    /** Matches the output read since the last call. Kafka must have acknowledged all activities. */
    synchronized void match() {
        for (DeadLetter letter : letters) {
            match(letter);
        }
        letters = new ArrayList<>();
        for (SentActivity one : offered) {
            if (!one.decisionId.equals(new RecordPosition(inputTopic, one.partition, one.offset).decisionId())) {
                violation("the decision id does not match the position: %s", one);
            }
            Long before = lastOffset.put(one.customer.id, one.offset);
            if (before != null && before >= one.offset) {
                violation("out of order, after offset %d: %s", before, one);
            }
        }
        offered = new ArrayList<>();
        open.removeIf(one -> one.outcome != null);
    }

    private void match(DeadLetter letter) {
        SentActivity one = at(letter.partition(), letter.offset());
        if (one == null) {
            violation("a dead letter of an activity that was not sent: %s", letter);
            return;
        }
        if (one.outcome != null) {
            duplicates++;
            violation("a second outcome, a dead letter: %s", one);
            return;
        }
        String reason = TestTraffic.header(letter.record(), "dead-letter-reason");
        boolean right;
        if (reason.equals(one.content.reason)) {
            one.outcome = SentActivity.Outcome.MALFORMED;
            right = true;
        } else if (reason.equals("customer-unknown")) {
            one.outcome = SentActivity.Outcome.CUSTOMER_UNKNOWN;
            // A customer who is in the bank at the end was never absent for longer than the parking timeout
            right = canBeParked(one) && !one.customer.present;
        } else {
            one.outcome = SentActivity.Outcome.CUSTOMER_ERASED;
            right = canBeParked(one) && reason.equals("customer-erased") && one.customer.everDeleted;
        }
        boolean erased = one.outcome == SentActivity.Outcome.CUSTOMER_ERASED;
        byte[] key = erased ? null : one.key();
        byte[] value = erased ? null : one.value();
        if (!right || !Objects.deepEquals(key, letter.record().key())
                || !Objects.deepEquals(value, letter.record().value())
                || !TestTraffic.header(letter.record(), "dead-letter-topic").equals("customer-activity")) {
            violation("an unexpected dead letter, or unexpected content, with reason %s: %s", reason, one);
        }
    }

    /** Whether the service can read enough of the activity to park it. */
    private static boolean canBeParked(SentActivity one) {
        return one.content == SentActivity.Content.GOOD || one.content == SentActivity.Content.WRONG_TYPE;
    }

    synchronized void violation(String message, Object... arguments) {
        violations.add(message.formatted(arguments));
    }

    /** Violations since the last call. */
    synchronized List<String> takeViolations() {
        List<String> taken = violations;
        violations = new ArrayList<>();
        return taken;
    }

    /** The versions of the strategy by which the last offers of all partitions were decided. */
    synchronized Set<Integer> versions() {
        return Set.copyOf(lastVersion.values());
    }

    /** Whether the last offer of a customer was decided with this profile. */
    synchronized boolean isLastOfferOf(ChangingBank.Customer customer, ChangingBank.Profile profile) {
        JsonNode offer = TestTraffic.json(lastOffer.get(customer.id).getBytes(StandardCharsets.UTF_8));
        return offer.path("income").asInt() == profile.income() && offer.path("fico").asInt() == profile.fico();
    }

    /** Whether an offer was read for each of these activities. */
    synchronized boolean haveOffers(List<SentActivity> some) {
        return some.stream().allMatch(one -> one.outcome == SentActivity.Outcome.OFFER);
    }

    /** Activities without an outcome so far. */
    synchronized List<SentActivity> open() {
        return List.copyOf(open);
    }

    /** Excludes lost activities from later proofs. */
    synchronized void giveUp(List<SentActivity> lost) {
        open.removeAll(lost);
    }

    /** The last offer of each customer, byte for byte. */
    synchronized Map<Integer, String> lastOffers() {
        return Map.copyOf(lastOffer);
    }

    synchronized SentActivity get(int number) {
        return number >= 0 && number < sent.size() ? sent.get(number) : null;
    }

    synchronized Counts counts() {
        return new Counts(sent.size(), offers, deadLetters, duplicates);
    }

    /** Numbers of records since the beginning. */
    record Counts(int sent, int offers, int deadLetters, int duplicates) {

        Counts since(Counts before) {
            return new Counts(sent - before.sent, offers - before.offers, deadLetters - before.deadLetters,
                    duplicates - before.duplicates);
        }
    }
}
