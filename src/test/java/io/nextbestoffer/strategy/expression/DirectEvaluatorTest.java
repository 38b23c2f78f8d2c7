package io.nextbestoffer.strategy.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.SourcePositions;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.Type;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Compares direct evaluation with CEL's interpreter. */
class DirectEvaluatorTest {

    private static final AttributeSchema DECLARED = new AttributeSchema(List.of(
            new Attribute("activity", "p", 0, Type.DOUBLE, null),
            new Attribute("activity", "kind", 1, Type.STRING, null),
            new Attribute("customer", "income", 2, Type.INT, null),
            new Attribute("customer", "active", 3, Type.BOOLEAN, null)));

    private static Expression expression(String text) {
        var problems = new ProblemCollector();
        var begin = new Mark("", 0, 0, 0, text.codePoints().toArray(), 0);
        var end = new Mark("", text.length(), 0, text.length(), text.codePoints().toArray(), 0);
        var node = new ScalarNode(Tag.STR, text, begin, end, DumperOptions.ScalarStyle.PLAIN);
        Expression expression = new ExpressionCompiler(DECLARED, problems, new SourcePositions(text)).condition(node,
                "when");
        if (expression == null) {
            assertThat(problems.exception().getMessage()).as(text).contains("nested too deeply");
        }
        return expression;
    }

    private static Inputs inputs(double p, String kind, long income, boolean active) {
        return DECLARED.inputs(Map.of("activity", Map.of("p", p, "kind", kind),
                "customer", Map.of("income", income, "active", active)));
    }

    @Property(tries = 3_000)
    void agreesWithTheInterpreter(@ForAll("conditions") String condition, @ForAll("doubles") double p,
            @ForAll("texts") String kind, @ForAll("longs") long income, @ForAll boolean active) throws Exception {
        Expression expression = expression(condition);
        Assume.that(expression != null);
        Inputs inputs = inputs(p, kind, income, active);

        assertThat(expression.isDirect()).isTrue();
        assertThat(outcome(() -> expression.test(inputs))).isEqualTo(outcome(() -> expression.interpret(inputs)));
    }

    /** The value, or the reason why it can't be computed. */
    private static Object outcome(Supplier<Object> evaluation) {
        try {
            return evaluation.get();
        } catch (UncomputableException e) {
            return e.getMessage();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"activity.p < customer.income", "activity.p == 0.5", "customer.income + 1 > 5",
            "customer.income > 5 && activity.kind.startsWith('a')", "activity.kind < 'b'",
            "(customer.active ? 1 : 2) == 1", "activity.kind in [activity.kind]"})
    void leavesOtherExpressionsToTheInterpreter(String condition) throws Exception {
        Expression expression = expression(condition);

        assertThat(expression.isDirect()).isFalse();
        assertThat(expression.test(inputs(0.5, "a", 7, true)))
                .isEqualTo(expression.interpret(inputs(0.5, "a", 7, true)));
    }

    @Provide
    Arbitrary<String> conditions() {
        return Arbitraries.lazyOf(this::comparisons, this::comparisons,
                () -> Combinators.combine(conditions(), Arbitraries.of(" && ", " || "), conditions())
                        .as((left, operator, right) -> "(" + left + operator + right + ")"),
                () -> conditions().map(condition -> "!(" + condition + ")"),
                () -> numbers().map(number -> number + " > 1.5"));
    }

    private Arbitrary<String> comparisons() {
        Arbitrary<String> orders = Arbitraries.of(" < ", " <= ", " > ", " >= ");
        Arbitrary<String> equalities = Arbitraries.of(" == ", " != ");
        Arbitrary<String> wholes = Arbitraries.oneOf(Arbitraries.just("customer.income"),
                longs().map(number -> number == Long.MIN_VALUE ? "0" : Long.toString(number)));
        Arbitrary<String> decimals = Arbitraries.oneOf(Arbitraries.just("activity.p"), doubles().map(this::literal));
        Arbitrary<String> texts = Arbitraries.oneOf(Arbitraries.just("activity.kind"),
                texts().map(text -> "'" + text + "'"));
        return Arbitraries.oneOf(comparison(wholes, Arbitraries.oneOf(orders, equalities), wholes),
                comparison(decimals, orders, decimals),
                comparison(decimals, orders, Arbitraries.of("1", "-3", "9007199254740992")),
                comparison(Arbitraries.of("1", "-3"), orders, Arbitraries.just("activity.p")),
                comparison(texts, equalities, texts),
                comparison(Arbitraries.of("customer.active", "true", "false"), equalities,
                        Arbitraries.of("customer.active", "true", "false")),
                Arbitraries.of("customer.active", "true", "false", "activity.kind in ['a', 'deposit']",
                        "customer.income in [0, -1, 50000]"));
    }

    private Arbitrary<String> numbers() {
        Arbitrary<String> plain = Arbitraries.oneOf(Arbitraries.of("activity.p", "double(customer.income)"),
                doubles().map(this::literal));
        return Arbitraries.lazyOf(() -> plain, () -> plain, () -> plain, () -> plain, () -> plain,
                () -> Combinators.combine(numbers(), Arbitraries.of(" + ", " - ", " * ", " / "), numbers())
                        .as((left, operator, right) -> "(" + left + operator + right + ")"),
                () -> Combinators.combine(Arbitraries.of("min", "max"), numbers(), numbers())
                        .as((function, one, other) -> function + "(" + one + ", " + other + ")"),
                () -> Combinators.combine(comparisons(), numbers(), numbers())
                        .as((when, one, other) -> "(" + when + " ? " + one + " : " + other + ")"));
    }

    private static Arbitrary<String> comparison(Arbitrary<String> left, Arbitrary<String> operator,
            Arbitrary<String> right) {
        return Combinators.combine(left, operator, right).as((one, between, other) -> one + between + other);
    }

    private String literal(double number) {
        return Double.toString(number);
    }

    @Provide
    Arbitrary<Double> doubles() {
        return Arbitraries.oneOf(Arbitraries.of(0.0, -0.0, 0.9, 1.0, Double.MIN_VALUE, Double.MAX_VALUE),
                Arbitraries.doubles());
    }

    @Provide
    Arbitrary<Long> longs() {
        return Arbitraries.oneOf(Arbitraries.of(0L, -1L, 50_000L, Long.MAX_VALUE, Long.MIN_VALUE), Arbitraries.longs());
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("", "a", "b", "deposit", "é");
    }
}
