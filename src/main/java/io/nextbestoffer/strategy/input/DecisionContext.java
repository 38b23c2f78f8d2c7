package io.nextbestoffer.strategy.input;

import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;

/**
 * Everything that one decision can take attributes from. A new source of attributes is one more component here, one
 * more name in {@link #SOURCES} and one more case in {@link #reader}.
 */
public record DecisionContext(Activity activity, Customer customer) {
    public static final String ACTIVITY = "activity";
    public static final String CUSTOMER = "customer";
    /** The sources of inputs, in the order in which inputs are stored. */
    public static final List<String> SOURCES = List.of(ACTIVITY, CUSTOMER);

    private static final Id NO_ACTIVITY = Id.of("none");

    /** The context of an activity before its customer is looked up: the customer has no attributes. */
    public static DecisionContext withoutCustomer(Activity activity) {
        return new DecisionContext(activity, new Customer(activity.customer(), Attributes.NONE));
    }

    /** The context of a request without an activity: the activity has no attributes. */
    public static DecisionContext withoutActivity(Customer customer) {
        return new DecisionContext(new Activity(NO_ACTIVITY, customer.id(), Attributes.NONE), customer);
    }

    /**
     * The function that reads an attribute. Attributes are looked up once per document rather than once per decision.
     *
     * @param name interned, as the names of parsed attributes are, so that comparing them compares references
     */
    static Function<DecisionContext, @Nullable Object> reader(String source, String name) {
        return switch (source + "." + name) {
            case "activity.activity_id" -> context -> context.activity.id().text();
            case "activity.customer_id" -> context -> context.activity.customer().text();
            case "customer.customer_id" -> context -> context.customer.id().text();
            default -> switch (source) {
                case ACTIVITY -> context -> context.activity.attributes().get(name);
                case CUSTOMER -> context -> context.customer.attributes().get(name);
                default -> context -> null;
            };
        };
    }
}
