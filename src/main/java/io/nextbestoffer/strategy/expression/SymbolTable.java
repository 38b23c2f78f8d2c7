package io.nextbestoffer.strategy.expression;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.cel.runtime.CelVariableResolver;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.Scope;

/** All that the expressions of one document can refer to; grows while it is read. */
final class SymbolTable {

    private final Map<String, Symbol> byReference = new LinkedHashMap<>();

    SymbolTable(AttributeSchema schema) {
        schema.all().forEach(attribute -> add(new Symbol.AttributeSymbol(attribute)));
    }

    void add(Symbol name) {
        byReference.put(name.reference(), name);
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

    /** A resolver, not a map: nothing to build per decision. */
    CelVariableResolver in(Scope scope) {
        return reference -> {
            Symbol name = byReference.get(reference);
            return name == null ? Optional.empty() : Optional.of(name.value(scope));
        };
    }
}
