package io.nextbestoffer.offer;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.NameSimilarity;
import io.nextbestoffer.platform.Problems;

/** An offer as it is put. */
final class OfferRequest {

    static final String ID = "offer_id";
    static final String NAME = "offer_name";
    static final String URL = "offer_url";
    static final String CATEGORY = "category";
    static final String VALID_FROM = "valid_from";
    static final String VALID_UNTIL = "valid_until";
    static final String ATTRIBUTES = "attributes";

    private static final List<String> FIELDS = List.of(ID, NAME, URL, CATEGORY, VALID_FROM, VALID_UNTIL, ATTRIBUTES);
    private static final int MAX_NAME = 200;
    private static final int MAX_URL = 2000;
    private static final int MAX_CATEGORY = 100;

    /** Which ids the table has for numbers: V1__schema.sql. */
    private static final Pattern NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,17}");

    /** Years of four digits: what every reader of ISO-8601 takes, and Postgres. */
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final Attributes fields;
    private final List<Problems.Violation> violations = new ArrayList<>();

    private OfferRequest(Attributes fields) {
        this.fields = fields;
    }

    /**
     * @param id of the offer, 1 to {@value Id#MAX_LENGTH} characters
     * @param body one JSON object
     * @param checks asked if the document is right by itself
     * @throws io.quarkiverse.resteasy.problem.HttpProblem 400, naming all that is wrong
     */
    static Offer read(String id, byte[] body, List<OfferCheck> checks) {
        OfferRequest document;
        try {
            document = new OfferRequest(JsonReader.object(body));
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Problems.Violation("", e.getMessage())));
        }
        Offer offer = document.offer(id);
        if (document.violations.isEmpty()) {
            checks.forEach(check -> check.check(offer, document::violation));
        }
        if (!document.violations.isEmpty()) {
            throw Problems.invalid(document.violations);
        }
        return offer;
    }

    /** Of use only if there are no violations after it. */
    private Offer offer(String id) {
        fields.forEach((field, value) -> {
            if (!FIELDS.contains(field)) {
                violation(field, unknown(field));
            }
        });
        sameId(id);
        require(NAME);
        require(URL);
        Instant from = instant(VALID_FROM);
        Instant until = instant(VALID_UNTIL);
        if (from != null && until != null && !from.isBefore(until)) {
            violation(VALID_UNTIL, "must be later than " + VALID_FROM);
        }
        return new Offer(new Id(id, NUMBER.matcher(id).matches()), text(NAME, MAX_NAME), url(),
                text(CATEGORY, MAX_CATEGORY), attributes(), from, until);
    }

    private static String unknown(String field) {
        String nearest = null;
        int least = (field.length() + 2) / 3 + 1;
        for (String candidate : FIELDS) {
            // "name" means offer_name, although five letters and _ are missing
            int distance = candidate.endsWith("_" + field) ? 1 : NameSimilarity.distance(field, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest == null
                ? "is no field of an offer (known: " + String.join(", ", FIELDS) + "); what is your own goes into "
                        + ATTRIBUTES
                : "is no field of an offer: did you mean " + nearest + "?";
    }

    private void sameId(String id) {
        Object value = fields.get(ID);
        if (value == null) {
            return;
        }
        try {
            if (!Id.of(ID, value).text().equals(id)) {
                violation(ID, "must be that of the path, or be left out");
            }
        } catch (InvalidInputException e) {
            violation(ID, e.getMessage());
        }
    }

    private void require(String field) {
        if (fields.get(field) == null) {
            violation(field, "is missing");
        }
    }

    private @Nullable String text(String field, int max) {
        Object value = fields.get(field);
        if (value == null) {
            return null;
        }
        if (value instanceof String text && !text.isBlank() && text.length() <= max) {
            return text;
        }
        violation(field, "must be a string of 1 to " + max + " characters, not all of them blank");
        return null;
    }

    private @Nullable String url() {
        String url = text(URL, MAX_URL);
        if (url != null && !isWeb(url)) {
            violation(URL, "must be an absolute http or https URL, in which all else is percent-encoded");
        }
        return url;
    }

    private static boolean isWeb(String url) {
        try {
            var uri = new URI(url);
            return uri.getHost() != null
                    && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** To the microsecond, as Postgres has it. */
    private @Nullable Instant instant(String field) {
        Object value = fields.get(field);
        if (value == null) {
            return null;
        }
        if (value instanceof String text) {
            try {
                Instant instant = Instant.parse(text).truncatedTo(ChronoUnit.MICROS);
                if (!instant.isBefore(EARLIEST) && !instant.isAfter(LATEST)) {
                    return instant;
                }
            } catch (DateTimeParseException e) {
                // Said below
            }
        }
        violation(field, "must be a time of the years 1 to 9999 in ISO-8601 with its zone,"
                + " for example 2026-12-31T23:00:00Z");
        return null;
    }

    private Attributes attributes() {
        Object value = fields.get(ATTRIBUTES);
        return value == null
                ? Attributes.NONE
                : OfferAttributes.of(value, (name, message) -> violation(
                        name.isEmpty() ? ATTRIBUTES : ATTRIBUTES + "." + name, message));
    }

    private void violation(String field, String message) {
        violations.add(new Problems.Violation(field, message));
    }
}
