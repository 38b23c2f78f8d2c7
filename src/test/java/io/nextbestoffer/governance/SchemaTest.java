package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;

import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.document.InvalidStrategyException;

/** Checks that the JSON Schema and the parser accept the same documents. */
class SchemaTest {

    private static final JsonSchema SCHEMA = JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(resource("strategy.schema.json"));

    private static final String FULL = """
            strategy: full
            description: All keys
            attributes:
              activity:
                amount: double
                tags: {type: strings, default: [a, b], one_of: [a, b, c], max_length: 1}
                channel: {type: string, one_of: [app, branch], max_length: 10}
                step: {type: int, one_of: [1, 2]}
              customer:
                age: {type: int, min: 0, max: 150, protected: true, because: required by law, bands: [30, 60]}
                owned: strings
                vip: {type: boolean, default: false}
              offer:
                margin: {type: double, default: 0.5}
            constants:
              high: 1000
              name: text
              yes: true
            expressions:
              rich: activity.amount > double(high)
            segments:
              young: customer.age < 30
            rank:
              candidates:
                - {offer: 1, when: customer.vip, value: 2, priority: 1}
                - {category: loan, weight: "0.5"}
              eligible: rich || yes || name == "x"
              owned: customer.owned
              score:
                - {term: margin, weight: 1, value: offer.margin}
              value: 1.5
              weight: 2
              above: 0.1
              limit: 10
            otherwise: none
            output: [activity.amount, customer.age]
            """;

    private static final String ROUTING = """
            description: By channel
            attributes:
              activity: {channel: string}
            constants: {app: app}
            expressions: {by_app: activity.channel == app}
            routes:
              - {when: by_app, strategy: private-banking}
            default: banking
            """;

    private static String resource(String name) {
        try (var in = SchemaTest.class.getResourceAsStream("/strategies/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<ValidationMessage> problems(String document) {
        try {
            return SCHEMA.validate(new YAMLMapper().readTree(document));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"banking.yaml", "insurance.yaml", "private-banking.yaml"})
    void acceptsTheShippedStrategies(String document) {
        assertThat(problems(resource(document))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {FULL, ROUTING, "strategy: x\nrules: []\notherwise: 1"})
    void acceptsWhatTheParserAccepts(String document) {
        assertThat(Document.parse(document, 1)).isNotNull();
        assertThat(problems(document)).isEmpty();
    }

    @Test
    void rejectsInvalidDocumentsLikeTheParser() {
        assertRejected("strategy: full", "strategi: full");
        assertRejected("strategy: full", "strategy: Full");
        assertRejected("strategy: full", "strategy: schema");
        assertRejected("strategy: full", "strategy: full\nrules: []");
        assertRejected("strategy: full", "strategy: full\nversion: 7");
        assertRejected("otherwise: none", "");
        assertRejected("otherwise: none", "otherwise: 1.5");
        assertRejected("amount: double", "amount: decimal");
        assertRejected("amount: double", "Amount: double");
        assertRejected("{type: boolean, default: false}", "{default: false}");
        assertRejected("{type: boolean, default: false}", "{type: boolean, default: no such}");
        assertRejected("{type: boolean, default: false}", "{type: boolean, min: 1}");
        assertRejected("{type: boolean, default: false}", "{type: boolean, max_length: 1}");
        assertRejected("{type: boolean, default: false}", "{type: boolean, one_of: [true]}");
        assertRejected("amount: double", "amount: {type: double, one_of: [1]}");
        assertRejected("one_of: [1, 2]", "one_of: [a]");
        assertRejected("one_of: [1, 2]", "one_of: [1, 1]");
        assertRejected("one_of: [1, 2]", "one_of: []");
        assertRejected("one_of: [1, 2]", "one_of: 1");
        assertRejected("one_of: [1, 2]", "max_length: 1");
        assertRejected("one_of: [app, branch]", "one_of: [1]");
        assertRejected("max_length: 10", "max_length: 0");
        assertRejected("max_length: 10", "max_length: ten");
        assertRejected("protected: true, because", "because");
        assertRejected("young: customer", "Young: customer");
        assertRejected("high: 1000", "high: [1000]");
        assertRejected("offer: 1, when", "offer: 1, category: loan, when");
        assertRejected("priority: 1", "priority: 0");
        assertRejected("limit: 10", "limit: 101");
        assertRejected("above: 0.1", "above: much");
        assertRejected("term: margin, ", "");
        assertRejected("owned: customer.owned", "owned: owned");
        assertRejected("activity.amount, customer.age", "activity.amount, activity.amount");
    }

    private static void assertRejected(String text, String replacement) {
        assertThat(FULL).contains(text);
        String broken = FULL.replace(text, replacement);
        assertThatThrownBy(() -> Document.parse(broken, 1)).as(replacement)
                .isInstanceOf(InvalidStrategyException.class);
        assertThat(problems(broken)).as(replacement).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"routes: []", "routes: []\ndefault: Banking", "routes: [{when: true}]\ndefault: banking",
            "routes: []\ndefault: banking\notherwise: 1",
            "routes: []\ndefault: banking\nattributes: {customer: {a: int}}"})
    void rejectsInvalidRoutingsLikeTheParser(String broken) {
        assertThatThrownBy(() -> Document.parse(broken, 1)).isInstanceOf(InvalidStrategyException.class);
        assertThat(problems(broken)).isNotEmpty();
    }
}
