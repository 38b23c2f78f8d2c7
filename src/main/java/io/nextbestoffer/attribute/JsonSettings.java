package io.nextbestoffer.attribute;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/**
 * The settings with which JSON is read and written. A separate class, because a native image must initialise it at run
 * time ({@code META-INF/native-image}): Jackson then chooses the seed with which it hashes names.
 */
final class JsonSettings {

    /** One factory for all: its symbol table makes equal field names the same string. */
    static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(JsonReader.MAX_STRING).maxNestingDepth(JsonReader.MAX_DEPTH)
                    .maxNameLength(Id.MAX_LENGTH)
                    .maxNumberLength(100).build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            // JsonEncoder separates the documents that it writes with one generator
            .rootValueSeparator((String) null)
            .build();

    private JsonSettings() {
    }
}
