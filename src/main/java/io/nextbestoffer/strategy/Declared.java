package io.nextbestoffer.strategy;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.customer.Customer;

/** The attributes a strategy declares, in order. */
final class Declared {

    private final Attribute[] attributes;
    private final Map<String, Attribute> byReference = new LinkedHashMap<>();

    Declared(Collection<Attribute> attributes) {
        this.attributes = attributes.toArray(Attribute[]::new);
        attributes.forEach(attribute -> byReference.put(attribute.reference(), attribute));
    }

    Inputs inputs(Activity activity, Customer customer) {
        Object[] values = new Object[attributes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = attributes[i].valueIn(activity, customer);
        }
        return new Inputs(this, values);
    }

    void check(Activity activity, BiConsumer<String, String> problem) {
        var nobody = new Customer(activity.customer(), Attributes.NONE);
        for (Attribute attribute : attributes) {
            if (attribute.source().equals(Attribute.ACTIVITY)) {
                try {
                    attribute.valueIn(activity, nobody);
                } catch (UndecidableException e) {
                    problem.accept(attribute.name(), e.getMessage());
                }
            }
        }
    }

    Inputs inputs(Map<?, ?> json) {
        Object[] values = new Object[attributes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = attributes[i].valueIn(json);
        }
        return new Inputs(this, values);
    }

    Inputs inputs(Attributes output) {
        Object[] values = new Object[attributes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = attributes[i].valueIn(output);
        }
        return new Inputs(this, values);
    }

    @Nullable
    Attribute get(String reference) {
        return byReference.get(reference);
    }

    Collection<String> references() {
        return byReference.keySet();
    }

    Collection<Attribute> all() {
        return byReference.values();
    }

    /** The references in order: two lists of inputs can only be equal if these are. */
    List<String> list() {
        return List.copyOf(byReference.keySet());
    }
}
