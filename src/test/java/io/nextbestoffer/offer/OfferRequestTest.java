package io.nextbestoffer.offer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.platform.Problems;
import io.quarkiverse.resteasy.problem.HttpProblem;

class OfferRequestTest {

    private static final String VALID_FIELDS = "\"offer_name\":\"gold\",\"offer_url\":\"https://example.com/gold\"";

    private static final String INVALID_TIME = "must be an ISO-8601 time with a time zone and a year from 1 to 9999,"
            + " for example 2026-12-31T23:00:00Z";

    private static Offer read(String id, String body, OfferCheck... checks) {
        return OfferRequest.read(id, body.getBytes(StandardCharsets.UTF_8), List.of(checks));
    }

    /** The violations, one {@code field: message} per line. */
    private static String violations(String body, OfferCheck... checks) {
        var problem = catchThrowableOfType(HttpProblem.class, () -> read("7", body, checks));
        assertThat(problem).as(body).isNotNull();
        assertThat(problem.getStatusCode()).isEqualTo(400);
        return ((List<?>) problem.getParameters().get("violations")).stream().map(Problems.Violation.class::cast)
                .map(violation -> violation.field() + ": " + violation.message()).collect(Collectors.joining("\n"));
    }

    @Test
    void readsAllFields() {
        Offer offer = read("7", """
                {"offer_id":7,"offer_name":"gold","offer_url":"HTTPS://example.com:8443/gold?x=%20#y",
                "category":"savings",
                "valid_from":"2026-01-01T01:00:00.123456789+01:00","valid_until":"2027-01-01T00:00:00Z",
                "attributes":{"min_income":50000,"rate":1.5e20,"vip":true,"channel":"app",
                "tags":["a","b"],"none":[]}}""");

        assertThat(offer.id().text()).isEqualTo("7");
        assertThat(offer.id().number()).isTrue();
        assertThat(offer.name()).isEqualTo("gold");
        assertThat(offer.url()).isEqualTo("HTTPS://example.com:8443/gold?x=%20#y");
        assertThat(offer.category()).isEqualTo("savings");
        assertThat(offer.validFrom()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
        assertThat(offer.validUntil()).isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
        assertThat(offer.attributes().asMap()).containsExactly(entry("min_income", 50000L), entry("rate", 1.5e20),
                entry("vip", true), entry("channel", "app"), entry("tags", List.of("a", "b")),
                entry("none", List.of()));
    }

    @Test
    void readsAbsentOrNullOptionalFields() {
        for (String body : List.of("{" + VALID_FIELDS + "}",
                "{" + VALID_FIELDS + ",\"offer_id\":null,\"category\":null,"
                        + "\"valid_from\":null,\"valid_until\":null,\"attributes\":null}")) {
            Offer offer = read("gold", body);

            assertThat(offer.id().number()).isFalse();
            assertThat(offer.category()).isNull();
            assertThat(offer.attributes()).isEqualTo(Attributes.NONE);
            assertThat(offer.validFrom()).isNull();
            assertThat(offer.validUntil()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,true", "-1,true", "999999999999999999,true", "1000000000000000000,false", "007,false", "-0,false",
            "1.0,false", "gold,false"})
    void readsIdsAsNumbersLikeTheTable(String id, boolean number) {
        assertThat(read(id, "{" + VALID_FIELDS + "}").id().number()).isEqualTo(number);
    }

    @Test
    void reportsAllViolationsAtOnce() {
        assertThat(violations("""
                {"offer_id":8,"offer_nam":"x","offer_name":"","offer_url":7,"category":true,"valid_from":"tomorrow",
                "valid_until":1767225600,"attributes":{"Income":1,"nested":{"a":1},"nothing":null,"list":[1]}}""")
                .lines()).containsExactly("offer_nam: is not a field of an offer: did you mean offer_name?",
                        "offer_id: must equal the id in the path, or be absent",
                        "valid_from: " + INVALID_TIME, "valid_until: " + INVALID_TIME,
                        "offer_name: must be a string of 1 to 200 characters that is not blank",
                        "offer_url: must be a string of 1 to 2000 characters that is not blank",
                        "category: must be a string of 1 to 100 characters that is not blank",
                        "attributes.Income: is not an attribute name: use 1 to 128 characters from a-z, 0-9 and _,"
                                + " not beginning with a digit",
                        "attributes.nested: must be a string, a number, a boolean or a list of strings",
                        "attributes.nothing: must be a string, a number, a boolean or a list of strings",
                        "attributes.list: must be a string, a number, a boolean or a list of strings");
        assertThat(violations("{}").lines()).containsExactly("offer_name: is missing", "offer_url: is missing");
        assertThat(violations("{" + VALID_FIELDS + ",\"attributes\":[]}")).isEqualTo("attributes: must be an object");
    }

    @ParameterizedTest
    @CsvSource({"offer_nmae,offer_name", "NAME,offer_name", "url,offer_url", "Id,offer_id", "categroy,category",
            "valid_form,valid_from", "attribute,attributes"})
    void suggestsTheClosestFieldForAnUnknownOne(String field, String suggestion) {
        assertThat(violations("{" + VALID_FIELDS + ",\"" + field + "\":1}"))
                .isEqualTo(field.toLowerCase() + ": is not a field of an offer: did you mean " + suggestion + "?");
    }

    @Test
    void listsAllFieldsForAnUnknownOneWithoutACloseMatch() {
        assertThat(violations("{" + VALID_FIELDS + ",\"minimum_income\":1}"))
                .isEqualTo("minimum_income: is not a field of an offer. The fields are offer_id, offer_name, offer_url,"
                        + " category, valid_from, valid_until, attributes; put any others into attributes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "/gold", "//example.com/gold", "ftp://example.com", "javascript:alert(1)",
            "https:///gold", "https:gold", "https://", "https://example.com/a b", "https://exa mple.com",
            "https://example.com/%zz", "https://[::1/gold"})
    void rejectsUrlsThatAreNotAbsoluteWebAddresses(String url) {
        assertThat(violations("{\"offer_name\":\"gold\",\"offer_url\":\"" + url + "\"}"))
                .startsWith("offer_url: must be an absolute http or https URL");
    }

    @Test
    void limitsLengths() {
        String host = "https://example.com/";

        Offer longest = read("7", "{\"offer_name\":\"" + "n".repeat(200) + "\",\"offer_url\":\""
                + host + "u".repeat(2000 - host.length()) + "\",\"category\":\"" + "c".repeat(100)
                + "\",\"attributes\":{\"" + "a".repeat(128) + "\":1}}");
        assertThat(longest.url()).hasSize(2000);

        assertThat(violations("{\"offer_name\":\"" + "n".repeat(201) + "\",\"offer_url\":\""
                + host + "u".repeat(2001 - host.length()) + "\",\"category\":\"" + "c".repeat(101)
                + "\",\"attributes\":{\"" + "a".repeat(129) + "\":1}}").lines().map(line -> line.split(":")[0]))
                .containsExactly("offer_name", "offer_url", "category", "attributes." + "a".repeat(129));
    }

    @ParameterizedTest
    @CsvSource({"2026-01-01T00:00:00Z,2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z,2026-01-01T00:00:00Z",
            // Equal at the precision of Postgres
            "2026-01-01T00:00:00.0000001Z,2026-01-01T00:00:00.0000009Z"})
    void rejectsAnEndThatIsNotAfterTheBeginning(String from, String until) {
        assertThat(
                violations("{" + VALID_FIELDS + ",\"valid_from\":\"" + from + "\",\"valid_until\":\"" + until + "\"}"))
                .isEqualTo("valid_until: must be later than valid_from");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000-12-31T23:59:59Z", "+10000-01-01T00:00:00Z", "+1000000000-12-31T23:59:59Z",
            "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "infinity", ""})
    void rejectsTimesThatCannotBeStored(String time) {
        assertThat(violations("{" + VALID_FIELDS + ",\"valid_from\":\"" + time + "\"}"))
                .startsWith("valid_from: must be");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "7", "{", "{} {}", "{\"offer_name\":\"a\",\"OFFER_NAME\":\"b\"}",
            "{\"offer_name\":\"\\u0000\"}", "{\"offer_name\":\"\\ud800\"}", "{\"attributes\":{\"a\":1e999}}",
            "{\"attributes\":{\"a\":9223372036854775808}}", "{\"attributes\":{\"a\":1,\"a\":2}}"})
    void rejectsABodyThatIsNotAValidJsonObject(String body) {
        assertThat(violations(body)).startsWith(": ");
    }

    @Test
    void runsOtherChecksOnlyOnAnOfferThatIsValidByItself() {
        OfferCheck strategies = (changed, violation) -> violation.accept("attributes.rate",
                "is used by strategy x for offer " + changed.id());
        OfferCheck others = (changed, violation) -> violation.accept("category", "must stay");

        assertThat(violations("{" + VALID_FIELDS + "}", strategies, others).lines()).containsExactly(
                "attributes.rate: is used by strategy x for offer 7", "category: must stay");
        assertThat(violations("{}", strategies).lines()).containsExactly("offer_name: is missing",
                "offer_url: is missing");
        assertThat(read("7", "{" + VALID_FIELDS + "}", (changed, violation) -> {
        }).name()).isEqualTo("gold");
    }
}
