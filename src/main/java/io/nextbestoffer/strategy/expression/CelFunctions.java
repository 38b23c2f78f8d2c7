package io.nextbestoffer.strategy.expression;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.Stream;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.checker.CelStandardDeclarations.StandardFunction;
import dev.cel.checker.CelStandardDeclarations.StandardOverload;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;

/**
 * What expressions can use of CEL's standard library: enough that a condition costs at most its length times that
 * of the texts it looks at, and that its types are known when it is saved. Left out are therefore
 * <ul>
 * <li>{@code matches}: linear too (RE2), but a pattern taken from an attribute would be compiled per decision, and
 * a pattern of a few letters can stand for a program of millions;</li>
 * <li>joining texts and lists by {@code +}: the macros could double a text with each step;</li>
 * <li>macros ({@code exists}, {@code map}, …): nested loops multiply; {@code in} and {@code ||} do here;</li>
 * <li>{@code dyn}, {@code type} and index access, which put off type errors until a decision.</li>
 * </ul>
 */
final class CelFunctions {

    private static final Set<StandardFunction> LEFT_OUT = EnumSet.of(StandardFunction.MATCHES, StandardFunction.DYN,
            StandardFunction.TYPE, StandardFunction.INDEX, StandardFunction.BYTES, StandardFunction.UINT,
            StandardFunction.OLD_IN, StandardFunction.OLD_NOT_STRICTLY_FALSE, StandardFunction.NOT_STRICTLY_FALSE);
    private static final Set<String> OVERLOADS_LEFT_OUT = Set.of("add_string", "add_bytes", "add_list");

    /** CEL has these in an extension only, together with much that nobody needs here. */
    private static final Map<String, DoubleBinaryOperator> OF_DOUBLES = Map.of("min", Math::min, "max", Math::max);
    private static final Map<String, LongBinaryOperator> OF_LONGS = Map.of("min", Math::min, "max", Math::max);

    /** Names to suggest. */
    static final List<String> NAMES = Stream.concat(OF_DOUBLES.keySet().stream().sorted(),
            EnumSet.complementOf(EnumSet.copyOf(LEFT_OUT)).stream().map(StandardFunction::functionName)
                    .filter(name -> name.matches("[a-zA-Z]+")))
            .toList();

    private CelFunctions() {
    }

    static CelStandardDeclarations declarations() {
        return CelStandardDeclarations.newBuilder().filterFunctions(CelFunctions::isIncluded).build();
    }

    /** Ours. */
    static List<CelFunctionDecl> added() {
        return OF_DOUBLES.keySet().stream().map(name -> CelFunctionDecl.newFunctionDeclaration(name,
                CelOverloadDecl.newGlobalOverload(name + "_double", SimpleType.DOUBLE, SimpleType.DOUBLE,
                        SimpleType.DOUBLE),
                CelOverloadDecl.newGlobalOverload(name + "_int", SimpleType.INT, SimpleType.INT, SimpleType.INT)))
                .toList();
    }

    static List<CelFunctionBinding> bindings() {
        var bindings = new ArrayList<CelFunctionBinding>();
        OF_DOUBLES.forEach((name, function) -> bindings.add(CelFunctionBinding.from(name + "_double", Double.class,
                Double.class, (one, other) -> function.applyAsDouble(one, other))));
        OF_LONGS.forEach((name, function) -> bindings.add(CelFunctionBinding.from(name + "_int", Long.class,
                Long.class, (one, other) -> function.applyAsLong(one, other))));
        return bindings;
    }

    private static boolean isIncluded(StandardFunction function, StandardOverload overload) {
        return !LEFT_OUT.contains(function)
                && !OVERLOADS_LEFT_OUT.contains(overload.celOverloadDecl().overloadId());
    }
}
