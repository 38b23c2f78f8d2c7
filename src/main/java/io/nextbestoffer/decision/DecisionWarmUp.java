package io.nextbestoffer.decision;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;

import org.jboss.logging.Logger;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCodec;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeLimits;
import io.nextbestoffer.strategy.input.DecisionContext;

/**
 * Decides synthetic activities with the active strategies, from the JSON of an activity to the records of the
 * transaction, and discards the records. Otherwise the just-in-time compiler would compete for the CPU with the first
 * seconds of real activities.
 */
final class DecisionWarmUp {

    private static final Logger LOG = Logger.getLogger(DecisionWarmUp.class);

    /** The compiler optimizes a method after some ten thousand calls. */
    private static final int MAX_DECISIONS = 40_000;
    private static final int BATCH = 500;
    private static final UUID TOPIC = new UUID(0, 0);

    private final List<Strategy> strategies;
    private final ActivityCodec codec;
    private final Random random = new Random(1);

    DecisionWarmUp(Collection<Strategy> strategies, ActivityCodec codec) {
        this.strategies = List.copyOf(strategies);
        this.codec = codec;
    }

    /**
     * Blocks until enough activities are decided, or the time is up.
     *
     * @param sessions begins sessions, which are never committed
     * @return how many decisions were made
     */
    int run(Supplier<DecisionSession> sessions, Duration limit) {
        long begin = System.nanoTime();
        int decided = 0;
        for (int offset = 0; offset < MAX_DECISIONS && System.nanoTime() - begin < limit.toNanos(); offset += BATCH) {
            DecisionSession session = sessions.get();
            for (int i = 0; i < BATCH; i++) {
                if (decide(session, strategies.get(i % strategies.size()), offset + i)) {
                    decided++;
                }
            }
            session.records();
        }
        LOG.debugf("decided %d synthetic activities in %d ms", decided, (System.nanoTime() - begin) / 1_000_000);
        return decided;
    }

    private boolean decide(DecisionSession session, Strategy strategy, long offset) {
        try {
            byte[] json = JsonWriter.utf8(attributes(strategy, DecisionContext.ACTIVITY)
                    .add("activity_id", offset).add("customer_id", offset).build()::writeTo);
            Activity activity = codec.read(RecordDecoder.JSON_ONLY, null, json);
            var customer = new Customer(Id.of(offset), attributes(strategy, DecisionContext.CUSTOMER).build());
            session.decide(new RecordPosition(TOPIC, 0, offset), activity, customer, System.currentTimeMillis(),
                    RecordSpan.NONE);
            return true;
        } catch (RuntimeException e) {
            // A strategy may refuse invented values, as it may refuse real ones
            return false;
        }
    }

    private Attributes.Builder attributes(Strategy strategy, String source) {
        var attributes = new Attributes.Builder();
        for (Attribute attribute : strategy.inputs()) {
            if (attribute.source().equals(source) && !Attribute.IDS.contains(attribute.reference())) {
                attributes.add(attribute.name(), value(attribute));
            }
        }
        return attributes;
    }

    /** Invents a value of the attribute's type and within its limits. */
    private Object value(Attribute attribute) {
        AttributeLimits limits = attribute.limits();
        return switch (attribute.type()) {
            case INT -> limits.oneOf() != null ? any(limits) : (long) number(limits, 1_000);
            case DOUBLE -> number(limits, 1);
            case STRING -> text(limits);
            case BOOLEAN -> random.nextBoolean();
            case STRINGS -> List.of(text(limits));
            case UNKNOWN -> "";
        };
    }

    /** Invents a number, small or large so that different rules fire. */
    private double number(AttributeLimits limits, double unit) {
        double least = limits.min() == null ? 0 : limits.min();
        double most = limits.max() == null
                ? Math.max(least, 0) + unit * (random.nextBoolean() ? 1 : 200)
                : limits.max();
        return least + random.nextDouble() * (most - least);
    }

    private Object text(AttributeLimits limits) {
        return limits.oneOf() != null
                ? any(limits)
                : limits.maxLength() != null && limits.maxLength() < 7
                        ? ""
                        : "warm-up";
    }

    private Object any(AttributeLimits limits) {
        return limits.oneOf().stream().skip(random.nextInt(limits.oneOf().size())).findFirst().orElseThrow();
    }
}
