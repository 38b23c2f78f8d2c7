package io.nextbestoffer.strategy.input;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;

/**
 * A declared attribute.
 *
 * @param source one of {@link #SOURCES}
 * @param index its position among the inputs, or among the attributes of an offer
 * @param defaultValue its value if it is missing; null: then the activity is undecidable
 * @param protection null if it is not protected
 * @param reference its name in expressions, for example {@code customer.income}
 * @param ofOffer whether it belongs to the candidate rather than to the inputs
 * @param reader reads its raw value from a context
 */
public record Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue,
        AttributeLimits limits, @Nullable Protection protection, String reference, boolean ofOffer,
        Function<DecisionContext, @Nullable Object> reader) {

    public static final String OFFER = "offer";
    /** Every source that a ranking may declare attributes of. */
    public static final List<String> SOURCES = Stream.concat(DecisionContext.SOURCES.stream(), Stream.of(OFFER))
            .toList();

    /** Attributes whose values are ids. They are strings, even if the source has numbers. */
    public static final Set<String> IDS = Set.of("activity.activity_id", "activity.customer_id",
            "customer.customer_id");

    /** Interns the name, as the readers of activities and profiles do, so that a look-up compares references. */
    public Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue,
            AttributeLimits limits, @Nullable Protection protection) {
        this(source, name.intern(), index, type, defaultValue, limits, protection, source + "." + name,
                source.equals(OFFER), DecisionContext.reader(source, name.intern()));
    }

    public Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue) {
        this(source, name, index, type, defaultValue, AttributeLimits.NONE, null);
    }

    public boolean isLimited() {
        return limits != AttributeLimits.NONE;
    }

    Object valueIn(DecisionContext context) {
        return value(reader.apply(context));
    }

    Object valueIn(Map<?, ?> json) {
        Object part = json.get(source);
        if (part == null) {
            return value(null);
        }
        if (!(part instanceof Map<?, ?> object)) {
            throw new UndecidableException(source + " must be an object");
        }
        return value(object.get(name));
    }

    Object valueIn(Attributes attributes) {
        return value(attributes.get(name));
    }

    /**
     * Converts a raw value to the type of the attribute.
     *
     * @throws UndecidableException if it is missing without a default, of another type or outside the limits
     */
    Object value(@Nullable Object raw) {
        if (raw == null) {
            if (defaultValue == null) {
                throw new UndecidableException(this, "is missing");
            }
            return defaultValue;
        }
        Object value = type.coerce(raw);
        if (value == null) {
            throw new UndecidableException(this, "must be " + type.phrase + ", not "
                    + (type == Type.STRINGS && raw instanceof List ? "of other values" : Type.describe(raw)));
        }
        String violated = limits.violatedBy(value);
        if (violated != null) {
            throw new UndecidableException(this, "must be " + violated);
        }
        return value;
    }
}
