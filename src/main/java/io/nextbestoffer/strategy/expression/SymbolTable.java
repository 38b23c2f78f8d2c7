package io.nextbestoffer.strategy.expression;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.cel.runtime.CelVariableResolver;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.Scope;

/** The symbols that expressions of one document can refer to. It grows while the document is read. */
final class SymbolTable {

    private final Map<String, Symbol> byReference = new LinkedHashMap<>();

    SymbolTable(AttributeSchema schema) {
        schema.all().forEach(attribute -> add(new Symbol.AttributeSymbol(attribute)));
    }

    void add(Symbol symbol) {
        byReference.put(symbol.reference(), symbol);
    }

    @Nullable
    Symbol get(String reference) {
        return byReference.get(reference);
    }

    Collection<Symbol> all() {
        return byReference.values();
    }

    Collection<String> references() {
        return byReference.keySet();
    }

    /** A resolver rather than a map, so that nothing is built per decision. */
    CelVariableResolver in(Scope scope) {
        return reference -> {
            Symbol symbol = byReference.get(reference);
            return symbol == null ? Optional.empty() : Optional.of(symbol.value(scope));
        };
    }
}
