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
 * @param index its place among the inputs, or among the attributes of an offer
 * @param defaultValue what it is where it is missing; null: then nothing can be decided
 * @param protection null if it is not protected
 * @param reference what expressions call it
 * @param ofOffer whether it is one of the candidate's, not of who is decided for
 */
public record Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue,
        AttributeLimits limits, @Nullable Protection protection, String reference, boolean ofOffer,
        Function<DecisionContext, @Nullable Object> reader) {

    public static final String OFFER = "offer";
    /** Every source that a ranking may declare attributes of. */
    public static final List<String> SOURCES = Stream.concat(DecisionContext.SOURCES.stream(), Stream.of(OFFER))
            .toList();

    /** Their values are ids, which are text whatever they came as. */
    public static final Set<String> IDS = Set.of("activity.activity_id", "activity.customer_id",
            "customer.customer_id");

    /** Its name is interned, as those of what is read are: so a look-up compares references. */
    public Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue,
            AttributeLimits limits,
            @Nullable Protection protection) {
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

    Object valueIn(Attributes given) {
        return value(given.get(name));
    }

    /** @throws UndecidableException if it is missing without a default, of another type or out of its limits */
    Object value(@Nullable Object given) {
        if (given == null) {
            if (defaultValue == null) {
                throw new UndecidableException(this, "is missing");
            }
            return defaultValue;
        }
        Object value = type.coerce(given);
        if (value == null) {
            throw new UndecidableException(this, "must be " + type.phrase + ", not "
                    + (type == Type.STRINGS && given instanceof List ? "of anything else" : Type.describe(given)));
        }
        String violated = limits.violatedBy(value);
        if (violated != null) {
            throw new UndecidableException(this, "must be " + violated);
        }
        return value;
    }
}
