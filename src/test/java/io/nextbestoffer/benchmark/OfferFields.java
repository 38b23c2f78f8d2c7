package io.nextbestoffer.benchmark;

import java.io.IOException;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

/** The fields of an offer record that the checks need; -1 = absent. */
record OfferFields(int activity, int customer, int offer) {
    private static final JsonFactory JSON = new JsonFactory();

    /** @throws IOException if it is not a JSON object, or a field is not a whole number */
    static OfferFields read(byte[] offer) throws IOException {
        int activity = -1;
        int customer = -1;
        int chosen = -1;
        try (JsonParser parser = JSON.createParser(offer)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "activity_id" -> activity = parser.getIntValue();
                    case "customer_id" -> customer = parser.getIntValue();
                    case "offer_id" -> chosen = parser.getIntValue();
                    default -> parser.skipChildren();
                }
            }
        }
        return new OfferFields(activity, customer, chosen);
    }
}
