package io.nextbestoffer.attribute;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/**
 * How JSON is read and written. A class of its own, as a native image must initialise it when it runs
 * ({@code META-INF/native-image}): Jackson hashes names with a seed that it chooses here.
 */
final class JsonSettings {

    /** One factory for all: its symbol table makes equal field names the same string. */
    static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(JsonReader.MAX_STRING).maxNestingDepth(JsonReader.MAX_DEPTH)
                    .maxNameLength(Id.MAX_LENGTH)
                    .maxNumberLength(100).build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            // JsonEncoder writes one document after another, and takes each out by itself
            .rootValueSeparator((String) null)
            .build();

    private JsonSettings() {
    }
}
