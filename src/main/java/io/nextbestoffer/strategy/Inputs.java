package io.nextbestoffer.strategy;

import java.io.IOException;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.attribute.Attributes;

/** What one decision is made from: a value for every attribute that its strategy declares. Immutable. */
public final class Inputs {

    private final Declared declared;
    private final Object[] values;

    Inputs(Declared declared, Object[] values) {
        this.declared = declared;
        this.values = values;
    }

    /**
     * @param reference for example {@code customer.income}
     * @return a {@link Long}, {@link Double}, {@link String} or {@link Boolean}; null if the strategy doesn't
     *     declare it
     */
    public @Nullable Object get(String reference) {
        Attribute attribute = declared.get(reference);
        return attribute == null ? null : values[attribute.index()];
    }

    Object get(Attribute attribute) {
        return values[attribute.index()];
    }

    boolean isOf(Declared other) {
        return declared == other;
    }

    /** Writes {@code {"activity":{…},"customer":{…}}}, defaults included. */
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (String source : Attribute.SOURCES) {
            json.writeObjectFieldStart(source);
            for (Attribute attribute : declared.all()) {
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
        return other instanceof Inputs that && declared.list().equals(that.declared.list())
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** Names only: values are personal data and this text may end in a log. */
    @Override
    public String toString() {
        return "Inputs" + declared.references();
    }
}
