package io.nextbestoffer.strategy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.customer.Customer;

/**
 * A declared attribute.
 *
 * @param source {@link #ACTIVITY} or {@link #CUSTOMER}
 * @param index its place among the inputs
 * @param reference what expressions call it
 */
record Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue, String reference,
        BiFunction<Activity, Customer, @Nullable Object> origin) {

    static final String ACTIVITY = "activity";
    static final String CUSTOMER = "customer";
    static final List<String> SOURCES = List.of(ACTIVITY, CUSTOMER);

    /** Their values are ids, which are text whatever they came as. */
    static final Set<String> IDS = Set.of("activity.activity_id", "activity.customer_id", "customer.customer_id");

    /** Its name is interned, as those of what is read are: so a look-up compares references. */
    Attribute(String source, String name, int index, Type type, @Nullable Object defaultValue) {
        this(source, name.intern(), index, type, defaultValue, source + "." + name, origin(source, name.intern()));
    }

    private static BiFunction<Activity, Customer, @Nullable Object> origin(String source, String name) {
        return switch (source + "." + name) {
            case "activity.activity_id" -> (activity, customer) -> activity.id().text();
            case "activity.customer_id" -> (activity, customer) -> activity.customer().text();
            case "customer.customer_id" -> (activity, customer) -> customer.id().text();
            default -> source.equals(ACTIVITY)
                    ? (activity, customer) -> activity.attributes().get(name)
                    : (activity, customer) -> customer.attributes().get(name);
        };
    }

    Object valueIn(Activity activity, Customer customer) {
        return value(origin.apply(activity, customer));
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

    Object valueIn(Attributes output) {
        return value(output.get(name));
    }

    private Object value(@Nullable Object given) {
        if (given == null) {
            if (defaultValue == null) {
                throw new UndecidableException(reference + " is missing");
            }
            return defaultValue;
        }
        Object value = type.coerce(given);
        if (value == null) {
            throw new UndecidableException(
                    reference + " must be " + type.phrase + ", not " + Type.describe(given));
        }
        return value;
    }
}
