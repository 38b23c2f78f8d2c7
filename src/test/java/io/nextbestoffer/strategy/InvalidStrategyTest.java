package io.nextbestoffer.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.strategy.document.DocumentProblem;
import io.nextbestoffer.strategy.document.InvalidStrategyException;

/** Tests documents with an invalid structure. */
class InvalidStrategyTest {

    private static List<DocumentProblem> problems(String document) {
        var exception = catchThrowableOfType(InvalidStrategyException.class, () -> Strategy.parse(document, 1));
        assertThat(exception).as("nothing wrong with %s", document).isNotNull();
        assertThat(exception.getMessage()).isEqualTo(String.join("\n",
                exception.problems().stream().map(DocumentProblem::toString).toList()));
        return exception.problems();
    }

    /** Each replacement in the shipped document causes one problem. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    strategy: banking      | strategi: banking             | 2, 1   | unknown key strategi: did you \
                    mean strategy?
                    strategy: banking      | strategy: Banking             | 2, 11  | strategy must be a name of 1 to \
                    64 characters a-z, 0-9 and -, beginning with a letter, for example private-banking
                    otherwise: 5           | version: 7                    | 29, 1  | unknown key version: saving a \
                    document assigns the version: remove this line
                    rules:                 | ranks:                        | 2, 1   | the document must have either \
                    rules or rank
                    fico: int              | fico: {type: int, min: 900, max: 850} | 12, 38 | max of customer.fico \
                    must not be less than min
                    fico: int              | fico: {type: int, default: 200, min: 300} | 12, 32 | the default of \
                    customer.fico must be at least 300
                    activity_type: string  | activity_type: {type: string, max: 3} | 9, 40 | activity.activity_type \
                    is a string: only numbers can have a max
                    fico: int              | fico: {type: int, because: x} | 12, 23 | because is only for protected \
                    attributes: add protected: true to customer.fico
                    fico: int              | fico: {type: int, protected: true} | 16, 11 | customer.fico is \
                    protected: declare why the strategy may decide by it (because: …), or decide without it
                    fico: int              | fico: {type: int, protected: true, because: x, bands: [2, 1]} | 12, 63 | \
                    bands of customer.fico must be ascending numbers, the lower bounds of groups; only numbers can \
                    have bands
                    otherwise: 5           | other: 5                      | 2, 1   | the document has no otherwise, \
                    which is mandatory
                    otherwise: 5           | otherwise: 5.5                | 29, 12 | otherwise must be a string or a \
                    whole number: put a string in quotes
                    otherwise: 5           | otherwise:                    | 29, 11 | otherwise must be a single value
                    fico: int              | fico: integer                 | 12, 11 | unknown type integer (known: \
                    int, double, string, boolean, strings)
                    fico: int              | fico: {type: int, default: x} | 12, 32 | the default of customer.fico \
                    must be an int, like the attribute
                    fico: int              | fico: {type: string, min: 1}  | 12, 31 | customer.fico is a string: only \
                    numbers can have a min
                    fico: int              | fico: {type: int, min: 2, max: 1} | 12, 36 | max of customer.fico must \
                    not be less than min
                    fico: int              | fico: {type: int, max_length: 1} | 12, 35 | customer.fico is an int: \
                    only strings and lists of strings can have a max_length
                    fico: int              | fico: {type: string, max_length: 0} | 12, 38 | max_length of \
                    customer.fico must be a whole number from 1 to 2147483647
                    fico: int              | fico: {type: double, one_of: [1.5]} | 12, 34 | customer.fico is a \
                    double: only strings, lists of strings and ints can have a one_of
                    fico: int              | fico: {type: int, one_of: [1, a]} | 12, 35 | a value in one_of of \
                    customer.fico must be an int
                    fico: int              | fico: {type: int, one_of: [1, 1]} | 12, 35 | one_of of customer.fico \
                    lists 1 twice
                    fico: int              | fico: {type: int, one_of: []} | 12, 31 | one_of of customer.fico must \
                    list at least one value
                    fico: int              | fico: {type: int, one_of: [1], min: 2} | 12, 31 | each value in one_of \
                    of customer.fico must be at least 2
                    fico: int              | fico: {type: int, one_of: [1], default: 2} | 12, 45 | the default of \
                    customer.fico must be one of 1
                    fico: int              | fico: {default: 1}            | 12, 11 | customer.fico has no type, \
                    which is mandatory
                    fico: int              | income: int                   | 12, 5  | income occurs twice: remove one \
                    of them; the first is in line 11
                    income: int            | Income: int                   | 11, 5  | the name of an attribute must \
                    have 1 to 128 characters a-z, 0-9 and _: names of columns and fields are converted to lower case
                    customer:              | customers:                    | 10, 3  | unknown key customers: did you \
                    mean customer?
                    offer: 2               | ofer: 2                       | 20, 5  | unknown key ofer: did you mean \
                    offer?
                    offer: 2               | offer: no                     | 20, 12 | offer must be a string or a \
                    whole number: put a string in quotes
                    offer: 2               | offer: [2]                    | 20, 12 | offer must be a single value
                    checking-for-low-income | savings-for-high-income      | 18, 11 | another rule is named \
                    savings-for-high-income: names must be unique
                    checking-for-low-income | otherwise                    | 18, 11 | a rule can't be named \
                    otherwise: that name stands for decisions without a rule
                    checking-for-low-income | 5                            | 18, 11 | rule must be a string: put it \
                    in quotes
                    - customer.fico        | - customer.fica               | 36, 5  | unknown attribute \
                    customer.fica: did you mean customer.fico?
                    - customer.fico        | - customer.income             | 36, 5  | another output attribute is \
                    named income: names must be unique
                    customer.income < 50000 | &low customer.income < 50000 | 19, 11 | anchors and aliases are not \
                    supported: write the value itself, in quotes if it begins with & or *
                    customer.income < 50000 && .* | !customer.income       | 19, 11 | when begins with !, which marks \
                    a tag in YAML: put it in quotes
                    customer.income < 50000 | !customer.income             | 19, 29 | not YAML: unexpected character \
                    found &(38) while scanning an anchor; if it is part of an expression or a text, put the whole \
                    value in quotes
                    customer.income < 50000 | 'x' < customer.income        | 19, 15 | not YAML: expected <block end>, \
                    but found '<scalar>' while parsing a block mapping; if it is part of an expression or a text, put \
                    the whole value in quotes
                    """,
            quoteCharacter = '`')
    void reportsTheProblemAtItsPosition(String right, String wrong, String position, String message) {
        List<DocumentProblem> problems = problems(SampleStrategies.bankingDocument().replaceFirst(right, wrong));

        String[] at = position.split(", ");
        assertThat(problems).contains(new DocumentProblem(Integer.parseInt(at[0]), Integer.parseInt(at[1]), message));
    }

    @Test
    void reportsAllProblemsInTheOrderOfTheDocument() {
        assertThat(problems("""
                description: []
                attributes:
                  customer: {income: number}
                rules:
                  - when: customer.incom > 1
                    offer: 1
                  - rule: second
                    when: customer.income > 1 and true
                output: [customer.fico]
                surprise: 1
                """)).extracting(DocumentProblem::toString).containsExactly(
                "line 1, column 1: the document has no strategy, which is mandatory",
                "line 1, column 1: the document has no otherwise, which is mandatory",
                "line 1, column 14: description must be a single value",
                "line 3, column 22: unknown type number (known: int, double, string, boolean, strings)",
                "line 5, column 5: a rule has no rule, which is mandatory",
                "line 5, column 11: unknown attribute customer.incom: did you mean customer.income?",
                "line 7, column 5: a rule has no offer, which is mandatory",
                "line 8, column 31: unexpected and: did you mean &&?",
                "line 9, column 10: unknown attribute customer.fico (known: customer.income)",
                "line 10, column 1: unknown key surprise (known: strategy, description, attributes, constants, "
                        + "expressions, segments, rules, rank, otherwise, output)");
    }

    @Test
    void rejectsDocumentsThatAreNotOneMapping() {
        assertThat(problems("")).containsExactly(new DocumentProblem(1, 1, "the document is empty"));
        assertThat(problems("- a"))
                .containsExactly(new DocumentProblem(1, 1, "the document must be a mapping (key: value)"));
        assertThat(problems("strategy: a\n---\nb: c"))
                .containsExactly(new DocumentProblem(2, 1,
                        "a second document begins here: write one strategy per document"));
        assertThat(problems("strategy: a\nversion: \u0000"))
                .containsExactly(new DocumentProblem(2, 10, "not YAML: the character U+0000 is not allowed"));
    }

    @Test
    void rejectsHostileDocuments() {
        assertThat(problems("#".repeat(65_537))).containsExactly(
                new DocumentProblem(1, 1, "the document has 65537 characters, at most 65536 are allowed"));
        assertThat(problems("[".repeat(60_000)))
                .containsExactly(new DocumentProblem(1, 17, "nested deeper than 16 levels"));
        assertThat(problems("a: &a [1]\nb: [*a, *a]")).extracting(DocumentProblem::line).containsExactly(1, 2, 2);
        assertThat(problems("x: 1\n".repeat(10_000))).hasSize(100);
    }
}
