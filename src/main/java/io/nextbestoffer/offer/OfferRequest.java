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

/** Reads and validates the body of a request that stores an offer. */
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

    /** Ids that the table treats as numbers: the same pattern as in V1__schema.sql. */
    private static final Pattern NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,17}");

    /** Years of four digits, which Postgres and every ISO-8601 parser support. */
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final Attributes fields;
    private final List<Problems.Violation> violations = new ArrayList<>();

    private OfferRequest(Attributes fields) {
        this.fields = fields;
    }

    /** The id of an offer, as a number if the table treats it as one. */
    static Id id(String text) {
        return new Id(text, NUMBER.matcher(text).matches());
    }

    /**
     * Reads an offer.
     *
     * @param id 1 to {@value Id#MAX_LENGTH} characters
     * @param body a JSON object
     * @param checks run only if the fields are valid by themselves
     * @throws io.quarkiverse.resteasy.problem.HttpProblem 400, listing all violations
     */
    static Offer read(String id, byte[] body, List<OfferCheck> checks) {
        OfferRequest request;
        try {
            request = new OfferRequest(JsonReader.object(body));
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Problems.Violation("", e.getMessage())));
        }
        Offer offer = request.offer(id);
        if (request.violations.isEmpty()) {
            checks.forEach(check -> check.check(offer, request::violation));
        }
        if (!request.violations.isEmpty()) {
            throw Problems.invalid(request.violations);
        }
        return offer;
    }

    /** The result is complete only if no violation was added. */
    private Offer offer(String id) {
        fields.forEach((field, value) -> {
            if (!FIELDS.contains(field)) {
                violation(field, unknownField(field));
            }
        });
        requireSameId(id);
        require(NAME);
        require(URL);
        Instant from = instant(VALID_FROM);
        Instant until = instant(VALID_UNTIL);
        if (from != null && until != null && !from.isBefore(until)) {
            violation(VALID_UNTIL, "must be later than " + VALID_FROM);
        }
        return new Offer(id(id), text(NAME, MAX_NAME), url(),
                text(CATEGORY, MAX_CATEGORY), attributes(), from, until);
    }

    private static String unknownField(String field) {
        String nearest = null;
        int limit = (field.length() + 2) / 3 + 1;
        for (String candidate : FIELDS) {
            // "name" is close to offer_name although six characters are missing
            int distance = candidate.endsWith("_" + field) ? 1 : NameSimilarity.distance(field, candidate);
            if (distance < limit) {
                limit = distance;
                nearest = candidate;
            }
        }
        return nearest == null
                ? "is not a field of an offer. The fields are " + String.join(", ", FIELDS)
                        + "; put any others into " + ATTRIBUTES
                : "is not a field of an offer: did you mean " + nearest + "?";
    }

    private void requireSameId(String id) {
        Object value = fields.get(ID);
        if (value == null) {
            return;
        }
        try {
            if (!Id.of(ID, value).text().equals(id)) {
                violation(ID, "must equal the id in the path, or be absent");
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
        violation(field, "must be a string of 1 to " + max + " characters that is not blank");
        return null;
    }

    private @Nullable String url() {
        String url = text(URL, MAX_URL);
        if (url != null && !isWebAddress(url)) {
            violation(URL, "must be an absolute http or https URL with special characters percent-encoded");
        }
        return url;
    }

    private static boolean isWebAddress(String url) {
        try {
            var uri = new URI(url);
            return uri.getHost() != null
                    && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Truncated to microseconds, the precision of Postgres. */
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
                // Reported below
            }
        }
        violation(field, "must be an ISO-8601 time with a time zone and a year from 1 to 9999,"
                + " for example 2026-12-31T23:00:00Z");
        return null;
    }

    private Attributes attributes() {
        Object value = fields.get(ATTRIBUTES);
        return value == null
                ? Attributes.NONE
                : OfferAttributes.parse(value, (name, message) -> violation(
                        name.isEmpty() ? ATTRIBUTES : ATTRIBUTES + "." + name, message));
    }

    private void violation(String field, String message) {
        violations.add(new Problems.Violation(field, message));
    }
}
