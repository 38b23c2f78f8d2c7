package io.nextbestoffer.strategy.input;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;

/** The attributes a document declares, in order: its inputs, and what it takes from the offers it chooses from. */
public final class AttributeSchema {

    private final Attribute[] inputs;
    private final Attribute[] ofOffers;
    private final Map<String, Attribute> byReference = new LinkedHashMap<>();

    public AttributeSchema(Collection<Attribute> attributes) {
        inputs = attributes.stream().filter(attribute -> !attribute.ofOffer()).toArray(Attribute[]::new);
        ofOffers = attributes.stream().filter(Attribute::ofOffer).toArray(Attribute[]::new);
        attributes.forEach(attribute -> byReference.put(attribute.reference(), attribute));
    }

    public Inputs inputs(DecisionContext context) {
        Object[] values = new Object[inputs.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = inputs[i].valueIn(context);
        }
        return new Inputs(this, values);
    }

    /** From what {@link Inputs#writeTo} wrote. */
    public Inputs inputs(Map<?, ?> json) {
        return new Inputs(this, values(inputs, attribute -> attribute.valueIn(json)));
    }

    /** From the output attributes, if they are all there is. */
    public Inputs inputs(Attributes output) {
        return new Inputs(this, values(inputs, attribute -> attribute.valueIn(output)));
    }

    /** @return by {@link Attribute#index} */
    public Object[] offerValues(Attributes offer) {
        return values(ofOffers, attribute -> attribute.valueIn(offer));
    }

    private static Object[] values(Attribute[] attributes, Function<Attribute, Object> value) {
        Object[] values = new Object[attributes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.apply(attributes[i]);
        }
        return values;
    }

    /** Tells all that is wrong with the inputs of some source. */
    public void check(DecisionContext context, Predicate<Attribute> which,
            BiConsumer<Attribute, String> problem) {
        check(inputs, which, attribute -> attribute.valueIn(context), problem);
    }

    /** Tells all that is wrong with the attributes of an offer. */
    public void check(Attributes offer, BiConsumer<Attribute, String> problem) {
        check(ofOffers, attribute -> true, attribute -> attribute.valueIn(offer), problem);
    }

    private static void check(Attribute[] attributes, Predicate<Attribute> which, Function<Attribute, Object> value,
            BiConsumer<Attribute, String> problem) {
        for (Attribute attribute : attributes) {
            if (which.test(attribute)) {
                try {
                    value.apply(attribute);
                } catch (UndecidableException e) {
                    problem.accept(attribute, e.getMessage());
                }
            }
        }
    }

    public @Nullable Attribute get(String reference) {
        return byReference.get(reference);
    }

    public Collection<String> references() {
        return byReference.keySet();
    }

    /** Offers' included. */
    public Collection<Attribute> all() {
        return byReference.values();
    }

    public List<Attribute> inputs() {
        return Collections.unmodifiableList(Arrays.asList(inputs));
    }

    public List<Attribute> offerAttributes() {
        return Collections.unmodifiableList(Arrays.asList(ofOffers));
    }
}
