package io.nextbestoffer.strategy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.checker.CelStandardDeclarations.StandardFunction;
import dev.cel.checker.CelStandardDeclarations.StandardOverload;

/**
 * What expressions can use of CEL's standard library: enough that a condition costs at most its length times that
 * of the texts it looks at, and that its types are known when it is saved. Left out are therefore
 * <ul>
 * <li>{@code matches}: linear too (RE2), but a pattern taken from an attribute would be compiled per decision, and
 * a pattern of a few letters can stand for a program of millions;</li>
 * <li>joining texts and lists by {@code +}: the macros could double a text with each step;</li>
 * <li>macros ({@code exists}, {@code map}, …): nested loops multiply; {@code in} and {@code ||} do the same here,
 * as no attribute is a list;</li>
 * <li>{@code dyn}, {@code type} and index access, which put off type errors until a decision.</li>
 * </ul>
 */
final class CelFunctions {

    private static final Set<StandardFunction> LEFT_OUT = EnumSet.of(StandardFunction.MATCHES, StandardFunction.DYN,
            StandardFunction.TYPE, StandardFunction.INDEX, StandardFunction.BYTES, StandardFunction.UINT,
            StandardFunction.OLD_IN, StandardFunction.OLD_NOT_STRICTLY_FALSE, StandardFunction.NOT_STRICTLY_FALSE);
    private static final Set<String> OVERLOADS_LEFT_OUT = Set.of("add_string", "add_bytes", "add_list");

    /** Names to suggest. */
    static final List<String> NAMES = EnumSet.complementOf(EnumSet.copyOf(LEFT_OUT)).stream()
            .map(StandardFunction::functionName).filter(name -> name.matches("[a-zA-Z]+")).toList();

    private CelFunctions() {
    }

    static CelStandardDeclarations declarations() {
        return CelStandardDeclarations.newBuilder().filterFunctions(CelFunctions::isIncluded).build();
    }

    private static boolean isIncluded(StandardFunction function, StandardOverload overload) {
        return !LEFT_OUT.contains(function)
                && !OVERLOADS_LEFT_OUT.contains(overload.celOverloadDecl().overloadId());
    }
}
