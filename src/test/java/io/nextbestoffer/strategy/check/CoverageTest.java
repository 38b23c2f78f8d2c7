package io.nextbestoffer.strategy.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.DecisionContext;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Tests which rules are reported as unreachable, and compares them with the rules that fire. */
class CoverageTest {

    private static Strategy strategy(List<String> conditions) {
        var rules = new StringBuilder();
        for (int i = 0; i < conditions.size(); i++) {
            rules.append("  - {rule: r%d, when: '%s', offer: o%d}\n".formatted(i, conditions.get(i).replace("'", "''"),
                    i));
        }
        return Strategy.parse("""
                strategy: sample
                attributes:
                  activity:
                    p: {type: double, min: 0, max: 1}
                    kind: string
                    opaque: string
                    channel: {type: string, one_of: [app, branch], default: app}
                    step: {type: int, one_of: [1, 2, 3], default: 1}
                  customer: {n: int, flag: boolean}
                rules:
                %s
                otherwise: none
                """.formatted(rules), 1);
    }

    private static Catalog catalog(Strategy strategy) {
        return new Catalog(1, strategy.offers().stream().collect(Collectors.toMap(id -> id,
                id -> new Offer(id, id.text(), "", null, Attributes.NONE, null, null))));
    }

    private static List<String> unreachable(List<String> conditions) {
        Strategy strategy = strategy(conditions);
        return strategy.check(catalog(strategy)).stream().map(Finding::message)
                .filter(message -> message.startsWith("rule "))
                .map(message -> message.substring(5, message.indexOf(" can never fire"))).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            customer.n > 5                         ; customer.n > 6                              ; r1
            customer.n > 5                         ; customer.n >= 6                             ; r1
            customer.n > 5                         ; customer.n >= 5                             ; none
            customer.n != 5                        ; customer.n == 5                             ; none
            activity.p < 0.5 || activity.p >= 0.5  ; customer.flag                               ; r1
            activity.p >= 0.0                      ; customer.flag                               ; r1
            activity.p < 0.5 || activity.p > 0.5   ; customer.flag                               ; none
            activity.p > 1.0                       ; customer.flag                               ; r0
            customer.flag                          ; customer.flag && activity.opaque.size() > 3 ; r1
            activity.opaque.size() > 3             ; activity.opaque.size() > 3                  ; none
            activity.kind in ["a", "b"]            ; activity.kind == "b"                        ; r1
            !(activity.kind == "a")                ; activity.kind == "b"                        ; r1
            activity.kind == "a" && activity.kind == "b" ; true                                  ; r0
            true                                   ; customer.flag                               ; r1
            false                                  ; customer.flag                               ; r0
            customer.flag                          ; !customer.flag                              ; none
            customer.flag || !customer.flag        ; customer.n == 1                             ; r1
            activity.p < 0.0 / 0.0                 ; true                                        ; none
            customer.n > 1 / (1 - 1)               ; true                                        ; none
            activity.p <= 1                        ; customer.flag                               ; r1
            activity.p > 1                         ; customer.flag                               ; r0
            activity.channel in ["app", "branch"]  ; customer.flag                               ; r1
            activity.channel != "app"              ; activity.channel == "branch"                ; r1
            activity.channel != "app"              ; activity.channel == "app"                   ; none
            activity.channel == "web"              ; customer.flag                               ; r0
            activity.step <= 2 || activity.step == 3 ; customer.flag                             ; r1
            activity.step > 3                      ; customer.flag                               ; r0
            activity.step < 3                      ; customer.flag                               ; none
            """)
    void reportsRulesThatCanNeverFire(String first, String second, String which) {
        assertThat(unreachable(List.of(first, second))).containsExactlyElementsOf(
                which.equals("none") ? List.of() : List.of(which));
    }

    /** Checks for many inputs that no rule reported as unreachable fires. */
    @Property(tries = 300)
    void reportsNoRuleThatCanFire(@ForAll("rules") List<String> conditions) {
        List<String> reported = unreachable(conditions);
        Strategy strategy = strategy(conditions);
        Chooser chooser = strategy.on(catalog(strategy));
        var fired = new HashSet<String>();

        for (double p : new double[]{0, 0.25, Math.nextUp(0.25), 0.5, Math.nextDown(0.5), 0.75, 1}) {
            for (long n = -1; n <= 4; n++) {
                for (String kind : List.of("", "a", "b", "c")) {
                    for (boolean flag : new boolean[]{true, false}) {
                        fired.add(chooser.choose(strategy.inputs(new DecisionContext(
                                new Activity(Id.of(1), Id.of(1),
                                        Attributes.of(Map.of("p", p, "kind", kind, "opaque", kind + kind))),
                                new Customer(Id.of(1), Attributes.of(Map.of("n", n, "flag", flag))))),
                                Instant.EPOCH).rule());
                    }
                }
            }
        }

        assertThat(reported).noneMatch(fired::contains);
    }

    @Provide
    Arbitrary<List<String>> rules() {
        return conditions().list().ofMinSize(1).ofMaxSize(6);
    }

    private Arbitrary<String> conditions() {
        Arbitrary<String> order = Arbitraries.of(" < ", " <= ", " > ", " >= ");
        Arbitrary<String> equality = Arbitraries.of(" == ", " != ");
        Arbitrary<String> leaf = Arbitraries.oneOf(
                Combinators.combine(order, Arbitraries.of("0.0", "0.25", "0.5", "1.0"))
                        .as((op, n) -> "activity.p" + op + n),
                Combinators.combine(Arbitraries.oneOf(order, equality), Arbitraries.of("0", "1", "2", "3"))
                        .as((op, n) -> "customer.n" + op + n),
                Combinators.combine(equality, Arbitraries.of("\"a\"", "\"b\"")).as((op, n) -> "activity.kind" + op + n),
                Arbitraries.of("customer.flag", "activity.kind in [\"a\", \"c\"]", "activity.opaque.size() > 1",
                        "2 > customer.n"));
        return Arbitraries.lazyOf(() -> leaf, () -> leaf, () -> leaf,
                () -> Combinators.combine(conditions(), Arbitraries.of(" && ", " || "), conditions())
                        .as((one, op, other) -> "(" + one + op + other + ")"),
                () -> conditions().map(condition -> "!(" + condition + ")"));
    }
}
