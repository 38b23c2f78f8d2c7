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
 * An attribute by whose values decisions are told apart.
 *
 * @param source {@code activity} or {@code customer}
 * @param declared how the draft has it; null if it does not
 * @param fairness whether groups are compared because it is protected
 */
public record GroupingAttribute(String source, String name, @Nullable Attribute declared, boolean fairness) {

    private static final int LONGEST_VALUE = 100;

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
     * @param inputs recorded with the decision, by source
     * @param profile of the customer as he is now; null if he is unknown, or nobody looked
     */
    public Value value(Map<String, ? extends Map<?, ?>> inputs, @Nullable Customer profile) {
        Object recorded = recorded(inputs);
        if (recorded != null) {
            return new Value(recorded, Origin.RECORDED);
        }
        Object present = isOfCustomer() && profile != null ? profile.attributes().get(name) : null;
        return present == null ? UNKNOWN : new Value(present, Origin.PROFILE);
    }

    /** Whether only the customer's profile can have the value. */
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

    /** Where groups of numbers begin; empty if each value is a group. */
    List<Double> bands() {
        Protection protection = declared == null ? null : declared.protection();
        return protection == null ? List.of() : protection.bands();
    }

    /** A protected number without bands has as many groups as values. */
    boolean lacksBands() {
        return fairness && declared != null && declared.type().isNumber() && bands().isEmpty();
    }

    /** All groups, where there are bands. */
    List<String> bandLabels() {
        var labels = new ArrayList<String>();
        for (int band = 0; !bands().isEmpty() && band <= bands().size(); band++) {
            labels.add(bandLabel(band));
        }
        return labels;
    }

    /** The group of a value; null if it can't name one. */
    @Nullable
    String label(Object value) {
        if (!bands().isEmpty()) {
            return value instanceof Number number ? bandLabel(band(number.doubleValue())) : null;
        }
        return value instanceof List || value instanceof Map || value.toString().length() > LONGEST_VALUE
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
