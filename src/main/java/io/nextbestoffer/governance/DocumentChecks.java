package io.nextbestoffer.governance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Finding.Severity;
import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.document.Suggestion;

/** Checks a document against the catalog and the active strategies. */
final class DocumentChecks {

    private DocumentChecks() {
    }

    /**
     * Returns the findings of the document itself and of these checks.
     *
     * @param catalog null if it is not loaded: then offers are not checked
     * @param activated names of the strategies with an active or scheduled version; the routing may be among them
     */
    static List<Finding> run(Document document, @Nullable Catalog catalog, Collection<String> activated) {
        List<Finding> findings = new ArrayList<>(document.findings());
        if (document instanceof Strategy strategy && catalog != null) {
            findings.addAll(strategy.check(catalog));
        } else if (document instanceof Routing routing) {
            List<String> strategies = activated.stream().filter(name -> !name.equals(Routing.NAME)).toList();
            routing.strategies().stream().filter(name -> !strategies.contains(name))
                    .forEach(name -> findings.add(new Finding(Severity.ERROR, 0, 0,
                            "no version of strategy " + name + " is active" + Suggestion.of(name, strategies))));
        }
        return findings;
    }
}
