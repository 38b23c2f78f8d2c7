package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Finding.Severity;

class DocumentChecksTest {

    private static final Catalog EMPTY = new Catalog(1, Map.of());
    private static final Document STRATEGY = Document.parse("""
            strategy: one
            constants:
              unused: 1
            rules: []
            otherwise: 5
            """, 1);

    @Test
    void checksAStrategyByItselfAndAgainstTheCatalog() {
        assertThat(DocumentChecks.run(STRATEGY, EMPTY, List.of())).extracting(Finding::severity)
                .containsExactly(Severity.NOTE, Severity.ERROR);
        assertThat(DocumentChecks.run(STRATEGY, null, List.of())).extracting(Finding::severity)
                .as("without catalog").containsExactly(Severity.NOTE);
    }

    @Test
    void requiresAnActiveVersionOfEachStrategyInARouting() {
        var routing = Document.parse("""
                attributes:
                  activity: {branch: string}
                routes:
                  - {when: activity.branch == "x", strategy: privat-banking}
                  - {when: activity.branch == "y", strategy: banking}
                default: nothing-like-that
                """, 1);

        assertThat(DocumentChecks.run(routing, EMPTY, List.of("banking", "private-banking", "routing")))
                .extracting(Finding::severity, Finding::message)
                .containsExactly(
                        tuple(Severity.ERROR,
                                "no version of strategy privat-banking is active: did you mean private-banking?"),
                        tuple(Severity.ERROR,
                                "no version of strategy nothing-like-that is active"
                                        + " (known: banking, private-banking)"));
    }
}
