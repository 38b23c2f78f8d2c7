package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.activity;
import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static io.nextbestoffer.strategy.SampleStrategies.deposit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class InputsTest {

    private static final Strategy BANKING = SampleStrategies.banking();

    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private static String json(Body body) throws IOException {
        var text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            body.write(json);
        }
        return text.toString();
    }

    private static Inputs read(Strategy strategy, String json) {
        return strategy.inputs((Map<?, ?>) JsonReader.value(JsonReader.utf8(json)));
    }

    private static void assertUndecidable(Object propensity, Object fico, String message) {
        Map<String, Object> activity = new HashMap<>(Map.of("activity_type", "deposit"));
        activity.put("propensity_to_buy", propensity);
        Map<String, Object> customer = new HashMap<>(Map.of("income", 1L));
        customer.put("fico", fico);
        assertThatThrownBy(() -> BANKING.inputs(new DecisionContext(activity(activity), customer(customer))))
                .isInstanceOf(UndecidableException.class).hasMessage(message)
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    @Test
    void reportTheAttributeAndTheTypesButNotTheValue() {
        assertUndecidable("0.5", 1L, "activity.propensity_to_buy must be a double, not a string");
        assertUndecidable(true, 1L, "activity.propensity_to_buy must be a double, not a boolean");
        assertUndecidable(List.of(0.5), 1L, "activity.propensity_to_buy must be a double, not a list");
        assertUndecidable(Map.of(), 1L, "activity.propensity_to_buy must be a double, not an object");
        assertUndecidable(0.5, 700.5, "customer.fico must be an int, not a double");
        assertUndecidable(0.5, 1e16, "customer.fico must be an int, not a double");
        assertUndecidable(0.5, "700", "customer.fico must be an int, not a string");
        assertUndecidable(0.5, null, "customer.fico is missing");
        assertThatThrownBy(() -> BANKING.inputs(new DecisionContext(deposit(0.5), customer(Map.of("income", 1L)))))
                .hasMessage("customer.fico is missing");
    }

    @Test
    void acceptWholeNumbersInEitherNotation() {
        Inputs inputs = BANKING
                .inputs(new DecisionContext(activity(Map.of("activity_type", "deposit", "propensity_to_buy", 1L)),
                        customer(Map.of("income", 50_000.0, "fico", 700L))));

        assertThat(inputs.get("activity.propensity_to_buy")).isEqualTo(1.0);
        assertThat(inputs.get("customer.income")).isEqualTo(50_000L);
        assertThat(inputs.get("customer.gender")).isNull();
        assertThat(inputs).hasToString("Inputs[activity.propensity_to_buy, activity.activity_type, customer.income, "
                + "customer.fico]");
    }

    @Test
    void includeDefaultsAndIds() throws IOException {
        Strategy strategy = Strategy.parse("""
                strategy: defaults
                attributes:
                  activity: {activity_id: string, customer_id: string, p: {type: double, default: 1}}
                  customer:
                    customer_id: string
                    active: {type: boolean, default: true}
                    fico: {type: int, default: -1}
                    gender: {type: string, default: ""}
                rules: []
                otherwise: none
                """, 1);

        Inputs inputs = strategy.inputs(new DecisionContext(activity(Map.of()), customer(Map.of())));

        assertThat(json(inputs::writeTo)).isEqualTo("""
                {"activity":{"activity_id":"7","customer_id":"1","p":1.0},\
                "customer":{"customer_id":"1","active":true,"fico":-1,"gender":""}}""");
        assertThat(read(strategy, json(inputs::writeTo))).isEqualTo(inputs);
        assertThat(SampleStrategies.choose(strategy, inputs).offer().id()).isEqualTo(Id.of("none"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    {type: double, min: 0, max: 1}                        | 5                | at most 1
                    {type: double, min: 0, max: 1}                        | -1               | at least 0
                    {type: double, min: 0, max: 1}                        | 1.0000000000001  | at most 1
                    {type: double, min: -0.5}                             | -0.6             | at least -0.5
                    {type: int, min: 18}                                  | 17               | at least 18
                    {type: int, one_of: [1, 2]}                           | 3                | one of 1, 2
                    {type: string, one_of: [app, branch]}                 | '"App"'          | one of app, branch
                    {type: string, one_of: [app, branch]}                 | '""'             | one of app, branch
                    {type: string, max_length: 3}                         | '"abcd"'         | at most 3 characters long
                    {type: strings, one_of: [a, b]}                       | '["a", "c"]'     | a list of strings that \
                    are each one of a, b
                    {type: strings, max_length: 1}                        | '["a", "bc"]'    | a list of strings that \
                    are each at most 1 characters long
                    """)
    void areUndecidableOutsideTheirLimits(String declaration, String value, String limit) {
        Strategy strategy = withAttribute(declaration);

        assertThatThrownBy(() -> read(strategy, "{\"activity\":{\"x\":" + value + "}}"))
                .isInstanceOfSatisfying(UndecidableException.class, e -> {
                    assertThat(e).hasMessage("activity.x must be " + limit);
                    assertThat(e.attribute()).isEqualTo("activity.x");
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {type: double, min: 0, max: 1}        | 0
            {type: double, min: 0, max: 1}        | 1.0
            {type: int, one_of: [1, 2]}           | 2.0
            {type: string, one_of: [app, branch]} | '"branch"'
            {type: string, max_length: 3}         | '"a😀b"'
            {type: strings, one_of: [a, b]}       | '[]'
            {type: strings, one_of: [a, b]}       | '["b", "a"]'
            """)
    void areAcceptedInsideTheirLimits(String declaration, String value) {
        assertThat(read(withAttribute(declaration), "{\"activity\":{\"x\":" + value + "}}").get("activity.x"))
                .isNotNull();
    }

    private static Strategy withAttribute(String declaration) {
        return Strategy.parse("""
                strategy: limits
                attributes: {activity: {x: %s}}
                rules: []
                otherwise: none
                """.formatted(declaration), 1);
    }

    @Property
    void areRestoredFromJson(@ForAll @DoubleRange(min = 0, max = 1) double propensity, @ForAll long income,
            @ForAll long fico)
            throws IOException {
        Inputs inputs = BANKING.inputs(new DecisionContext(deposit(propensity), customer(income, fico)));

        assertThat(read(BANKING, json(inputs::writeTo))).isEqualTo(inputs).hasSameHashCodeAs(inputs);
    }

    @Property
    void areRestoredFromTheOutput(@ForAll @DoubleRange(min = 0, max = 1) double propensity, @ForAll long income,
            @ForAll long fico) throws IOException {
        Inputs inputs = BANKING.inputs(new DecisionContext(deposit(propensity), customer(income, fico)));

        String output = json(json -> {
            json.writeStartObject();
            BANKING.writeOutput(inputs, json);
            json.writeEndObject();
        });

        assertThat(BANKING.outputsAllInputs()).isTrue();
        assertThat(BANKING.inputs(JsonReader.object(JsonReader.utf8(output)))).isEqualTo(inputs);
    }

    @Test
    void areNotRestoredFromAnIncompleteOutput() {
        Strategy strategy = Strategy.parse("""
                strategy: s
                attributes:
                  activity: {p: double}
                  customer: {fico: int}
                rules: []
                otherwise: none
                output: [activity.p]
                """, 1);

        assertThat(strategy.outputsAllInputs()).isFalse();
        assertThatThrownBy(() -> strategy.inputs(JsonReader.object(JsonReader.utf8("{\"p\":0.5}"))))
                .isInstanceOf(UndecidableException.class).hasMessage("customer.fico is missing");
    }

    @Test
    void rejectJsonOfAnotherShape() {
        assertThatThrownBy(() -> read(BANKING, "{\"activity\":1}")).isInstanceOf(UndecidableException.class)
                .hasMessage("activity must be an object");
        assertThatThrownBy(() -> read(BANKING, "{}")).hasMessage("activity.propensity_to_buy is missing");
    }

    @Test
    void areEmittedUnderTheirNames() throws IOException {
        Inputs inputs = BANKING.inputs(new DecisionContext(deposit(0.4), customer(403646, 465)));

        assertThat(json(json -> {
            json.writeStartObject();
            BANKING.writeOutput(inputs, json);
            json.writeEndObject();
        })).isEqualTo("""
                {"propensity_to_buy":0.4,"activity_type":"deposit","income":403646,"fico":465}""");
    }

    @Test
    void areRejectedByAnotherStrategy() {
        Inputs inputs = SampleStrategies.banking().inputs(new DecisionContext(deposit(0.4), customer(1, 1)));

        assertThatThrownBy(() -> SampleStrategies.choose(BANKING, inputs)).isInstanceOf(IllegalArgumentException.class);
    }
}
