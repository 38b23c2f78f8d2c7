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

/** The attributes that a document declares, in order: the inputs, and the attributes of offers. */
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

    /** Reads the JSON that {@link Inputs#writeTo} wrote. */
    public Inputs inputs(Map<?, ?> json) {
        return new Inputs(this, values(inputs, attribute -> attribute.valueIn(json)));
    }

    /** Reads the output attributes of an offer record, if they include all inputs. */
    public Inputs inputs(Attributes output) {
        return new Inputs(this, values(inputs, attribute -> attribute.valueIn(output)));
    }

    /** The values of an offer's attributes, by {@link Attribute#index}. */
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

    /** Reports every selected input that is missing, of another type or outside its limits. */
    public void check(DecisionContext context, Predicate<Attribute> selected,
            BiConsumer<Attribute, String> problem) {
        check(inputs, selected, attribute -> attribute.valueIn(context), problem);
    }

    /** Reports every attribute of an offer that is missing, of another type or outside its limits. */
    public void check(Attributes offer, BiConsumer<Attribute, String> problem) {
        check(ofOffers, attribute -> true, attribute -> attribute.valueIn(offer), problem);
    }

    private static void check(Attribute[] attributes, Predicate<Attribute> selected, Function<Attribute, Object> value,
            BiConsumer<Attribute, String> problem) {
        for (Attribute attribute : attributes) {
            if (selected.test(attribute)) {
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

    /** All attributes, including those of offers. */
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
