package io.nextbestoffer.strategy.input;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.attribute.Attributes;

/** The inputs of one decision: a value for every attribute that its strategy declares. Immutable. */
public final class Inputs implements Scope {

    private final AttributeSchema schema;
    private final Object[] values;

    Inputs(AttributeSchema schema, Object[] values) {
        this.schema = schema;
        this.values = values;
    }

    /**
     * The value of an attribute.
     *
     * @param reference for example {@code customer.income}
     * @return a {@link Long}, {@link Double}, {@link String}, {@link Boolean} or list of strings; null if the strategy
     *     doesn't declare the attribute
     */
    public @Nullable Object get(String reference) {
        Attribute attribute = schema.get(reference);
        return attribute == null || attribute.ofOffer() ? null : get(attribute);
    }

    @Override
    public Object get(Attribute attribute) {
        return values[attribute.index()];
    }

    /** A copy with another value of one attribute. */
    public Inputs with(Attribute attribute, Object value) {
        Object[] changed = values.clone();
        changed[attribute.index()] = value;
        return new Inputs(schema, changed);
    }

    public boolean isOf(AttributeSchema other) {
        return schema == other;
    }

    /** Writes {@code {"activity":{…},"customer":{…}}}, including defaults. */
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (String source : DecisionContext.SOURCES) {
            json.writeObjectFieldStart(source);
            for (Attribute attribute : schema.inputs()) {
                if (attribute.source().equals(source)) {
                    json.writeFieldName(attribute.name());
                    Attributes.writeValue(json, get(attribute));
                }
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Inputs that && references().equals(that.references())
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    private List<String> references() {
        return schema.inputs().stream().map(Attribute::reference).toList();
    }

    /** Names only: values are personal data, and this text can appear in a log. */
    @Override
    public String toString() {
        return "Inputs" + references();
    }
}
