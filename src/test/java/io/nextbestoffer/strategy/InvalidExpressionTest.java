package io.nextbestoffer.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.strategy.document.InvalidStrategyException;

/** Tests documents with an invalid expression. */
class InvalidExpressionTest {

    private static final String TOO_DEEP = "the expression is nested too deeply, or a chain of + or * is too long:"
            + " split the rule";

    private static String problem(String when) {
        var exception = catchThrowableOfType(InvalidStrategyException.class,
                () -> Strategy.parse(SampleStrategies.rule(when), 1));
        assertThat(exception).as("nothing wrong with %s", when).isNotNull();
        return exception.getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`',
            textBlock = """
                    customer.active && customer.incme > 1 ; 30 ; unknown attribute customer.incme: did you mean \
                    customer.income?
                    activity.income > 1 ; 11 ; unknown attribute activity.income: did you mean customer.income?
                    income > 1 ; 11 ; unknown name income: did you mean customer.income?
                    customer.income ; 11 ; when must be true or false, not int: compare it with something
                    customer.income > 'a' ; 27 ; > can't be applied to (int, string)
                    customer.income > 1 && activity.kind ; 31 ; && can't be applied to (boolean, string)
                    activity.p == 1 ; 22 ; == can't be applied to (double, int): write the whole number as a double, \
                    for example 2.0, or convert it with double(…)
                    activity.kind + 'a' == 'b' ; 25 ; + can't be applied to (string, string): strings can't be \
                    concatenated
                    activity.kind = 'a' ; 25 ; unexpected =: did you mean ==?
                    customer.active or customer.active ; 27 ; unexpected or: did you mean ||?
                    customer.income > ; 28 ; the expression is incomplete: something is missing here
                    (customer.income > 1 ; 31 ; a closing ) is missing
                    activity.kind.startsWth('a') ; 25 ; there is no function startsWth: did you mean startsWith?
                    customer.income > 99999999999999999999 ; 29 ; a number is out of range
                    activity.p > 1e999                     ; 11 ; a number is out of range
                    customer.income.net > 1 ; 26 ; type 'int' does not support field selection
                    "" ; 11 ; when must be an expression, for example customer.income > 50000
                    """)
    void isReportedAtItsColumn(String when, int column, String message) {
        assertThat(problem(when)).isEqualTo("line 10, column " + column + ": " + message);
    }

    @Test
    void isReportedAtItsColumnInEveryStyleOfScalar() {
        String message = "unknown attribute customer.incme: did you mean customer.income?";

        assertThat(problem("'activity.kind == ''x'' && customer.incme > 1'"))
                .isEqualTo("line 10, column 38: " + message);
        assertThat(problem("\"activity.kind == \\\"x\\\" && customer.incme > 1\""))
                .isEqualTo("line 10, column 38: " + message);
        assertThat(problem("customer.active &&\n        customer.incme > 1"))
                .isEqualTo("line 11, column 9: " + message);
        assertThat(problem(">-\n      customer.active &&\n      customer.incme > 1"))
                .isEqualTo("line 12, column 7: " + message);
        assertThat(problem("|\n      customer.active &&\n        customer.incme > 1"))
                .isEqualTo("line 12, column 9: " + message);
        assertThat(problem("activity.kind == 'ü€😀' && customer.incme > 1"))
                .isEqualTo("line 10, column 37: " + message);
    }

    @Test
    void doesNotHideTheOtherProblemsOfItsExpression() {
        assertThat(problem("foo > 1 && customer.income > 'a'").lines()).containsExactly(
                "line 10, column 11: unknown name foo"
                        + " (known: activity.p, activity.kind, customer.income, customer.active)",
                "line 10, column 38: > can't be applied to (int, string)");
    }

    /** Functions that can be costly in a short expression, or that defer type errors until a decision. */
    @ParameterizedTest
    @ValueSource(strings = {"activity.kind.matches('(a+)+')", "dyn(activity.kind) > 1", "'[1].exists(x, x > 1)'",
            "'[1, 2].map(x, x + x) == [2]'", "'{\"a\": 1} == {\"a\": 1}'", "'[1, 2][0] == 1'", "type(1) == int",
            "'[1] + [2] == [1, 2]'", "activity.kind in ['a', 1]", "'google.protobuf.Int32Value{value: 1} == 1'"})
    void excludesExpensiveOrUntypedFunctions(String when) {
        assertThat(problem(when)).startsWith("line 10, column ");
    }

    @Test
    void isRejectedIfTooLongOrTooDeep() {
        assertThat(problem("customer.income > 1" + " && true".repeat(1000)))
                .isEqualTo("line 10, column 11: the expression has 8019 characters, at most 4096 are allowed");
        for (String deep : new String[]{"'" + "(".repeat(2000) + "'", "'" + "1+".repeat(2000) + "1 > 1'",
                "'" + "[".repeat(40) + "]".repeat(40) + " == []'", "'customer" + ".a".repeat(2000) + "'",
                "'activity.kind" + ".size()".repeat(500) + " > 1'"}) {
            assertThat(problem(deep)).isEqualTo("line 10, column 12: " + TOO_DEEP);
        }
    }
}
