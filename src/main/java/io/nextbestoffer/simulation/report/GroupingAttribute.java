package io.nextbestoffer.simulation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Protection;

/**
 * An attribute whose values form groups of decisions.
 *
 * @param source {@code activity} or {@code customer}
 * @param declared the draft's declaration of the attribute; null if there is none
 * @param fairness whether its groups are compared because it is protected
 */
public record GroupingAttribute(String source, String name, @Nullable Attribute declared, boolean fairness) {

    private static final int MAX_VALUE_LENGTH = 100;

    /** Where a value was found. */
    public enum Origin {
        RECORDED, PROFILE, UNKNOWN
    }

    /** @param value null if it is unknown */
    public record Value(@Nullable Object value, Origin origin) {
    }

    private static final Value UNKNOWN = new Value(null, Origin.UNKNOWN);

    public String reference() {
        return source + "." + name;
    }

    /**
     * @param inputs the inputs recorded with the decision, by source
     * @param profile the customer's current profile; null if the customer is unknown or the profile was not read
     */
    public Value value(Map<String, ? extends Map<?, ?>> inputs, @Nullable Customer profile) {
        Object recorded = recorded(inputs);
        if (recorded != null) {
            return new Value(recorded, Origin.RECORDED);
        }
        Object present = isOfCustomer() && profile != null ? profile.attributes().get(name) : null;
        return present == null ? UNKNOWN : new Value(present, Origin.PROFILE);
    }

    /** Whether the value can only come from the customer's profile. */
    public boolean needsProfile(Map<String, ? extends Map<?, ?>> inputs) {
        return isOfCustomer() && recorded(inputs) == null;
    }

    private @Nullable Object recorded(Map<String, ? extends Map<?, ?>> inputs) {
        Map<?, ?> part = inputs.get(source);
        return part == null ? null : part.get(name);
    }

    private boolean isOfCustomer() {
        return source.equals(DecisionContext.CUSTOMER);
    }

    /** Returns the lower bounds of groups of numbers; empty if each value is a group. */
    List<Double> bands() {
        Protection protection = declared == null ? null : declared.protection();
        return protection == null ? List.of() : protection.bands();
    }

    /** Whether it is a protected number without bands, which would have as many groups as values. */
    boolean lacksBands() {
        return fairness && declared != null && declared.type().isNumber() && bands().isEmpty();
    }

    /** Returns all groups if there are bands; otherwise none. */
    List<String> bandLabels() {
        var labels = new ArrayList<String>();
        for (int band = 0; !bands().isEmpty() && band <= bands().size(); band++) {
            labels.add(bandLabel(band));
        }
        return labels;
    }

    /** Returns the group of a value; null if the value can't be the name of one. */
    @Nullable
    String label(Object value) {
        if (!bands().isEmpty()) {
            return value instanceof Number number ? bandLabel(band(number.doubleValue())) : null;
        }
        return value instanceof List || value instanceof Map || value.toString().length() > MAX_VALUE_LENGTH
                ? null
                : value.toString();
    }

    private int band(double value) {
        int band = 0;
        while (band < bands().size() && value >= bands().get(band)) {
            band++;
        }
        return band;
    }

    private String bandLabel(int band) {
        return band == 0
                ? "under " + text(bands().get(0))
                : band == bands().size()
                        ? text(bands().get(band - 1)) + " and more"
                        : text(bands().get(band - 1)) + " to under " + text(bands().get(band));
    }

    private static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }
}
