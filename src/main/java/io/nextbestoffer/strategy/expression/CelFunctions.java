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
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import dev.cel.runtime.standard.CelStandardOverload;
import dev.cel.runtime.standard.DivideOperator.DivideOverload;
import dev.cel.runtime.standard.DoubleFunction.DoubleOverload;
import dev.cel.runtime.standard.MultiplyOperator.MultiplyOverload;
import dev.cel.runtime.standard.SubtractOperator.SubtractOverload;

/**
 * The functions that expressions can use: {@code min}, {@code max} and a part of CEL's standard library. With that
 * part, the cost of a condition is proportional to its length times that of the strings it reads, and all types are
 * known when a document is saved. Excluded are
 * <ul>
 * <li>{@code matches}: RE2 is linear as well, but a pattern from an attribute would be compiled per decision, and a
 * pattern of a few letters can expand to a program of millions of instructions;</li>
 * <li>concatenation of strings and lists by {@code +}, which can double a string with each step;</li>
 * <li>macros ({@code exists}, {@code map}, …): nested loops multiply; {@code in} and {@code ||} serve instead;</li>
 * <li>{@code dyn}, {@code type} and index access, which defer type errors until a decision.</li>
 * </ul>
 * Arithmetic of doubles is replaced by {@link FiniteMath}.
 */
final class CelFunctions {

    private static final Set<StandardFunction> EXCLUDED = EnumSet.of(StandardFunction.MATCHES, StandardFunction.DYN,
            StandardFunction.TYPE, StandardFunction.INDEX, StandardFunction.BYTES, StandardFunction.UINT,
            StandardFunction.OLD_IN, StandardFunction.OLD_NOT_STRICTLY_FALSE, StandardFunction.NOT_STRICTLY_FALSE);

    private static final Set<String> EXCLUDED_OVERLOADS = Set.of("add_string", "add_bytes", "add_list");

    /** CEL's own implementations of these yield NaN and infinity. */
    private static final Set<CelStandardOverload> REPLACED = Set.of(AddOverload.ADD_DOUBLE,
            SubtractOverload.SUBTRACT_DOUBLE, MultiplyOverload.MULTIPLY_DOUBLE, DivideOverload.DIVIDE_DOUBLE,
            DoubleOverload.STRING_TO_DOUBLE);

    private static final Map<String, DoubleBinaryOperator> REPLACEMENTS = Map.of("add_double", FiniteMath::add,
            "subtract_double", FiniteMath::subtract, "multiply_double", FiniteMath::multiply, "divide_double",
            FiniteMath::divide);

    /** CEL has these only in an extension, which contains much more. */
    private static final Map<String, DoubleBinaryOperator> OF_DOUBLES = Map.of("min", Math::min, "max", Math::max);
    private static final Map<String, LongBinaryOperator> OF_LONGS = Map.of("min", Math::min, "max", Math::max);

    /** The names of all functions, to suggest one for a mistyped name. */
    static final List<String> NAMES = Stream.concat(OF_DOUBLES.keySet().stream().sorted(),
            EnumSet.complementOf(EnumSet.copyOf(EXCLUDED)).stream().map(StandardFunction::functionName)
                    .filter(name -> name.matches("[a-zA-Z]+")))
            .toList();

    private CelFunctions() {
    }

    /** The standard functions that the compiler accepts. */
    static CelStandardDeclarations standardDeclarations() {
        return CelStandardDeclarations.newBuilder().filterFunctions(CelFunctions::isIncluded).build();
    }

    private static boolean isIncluded(StandardFunction function, StandardOverload overload) {
        return !EXCLUDED.contains(function) && !EXCLUDED_OVERLOADS.contains(overload.celOverloadDecl().overloadId());
    }

    /** The additional functions that the compiler accepts. */
    static List<CelFunctionDecl> additionalDeclarations() {
        return OF_DOUBLES.keySet().stream().map(name -> CelFunctionDecl.newFunctionDeclaration(name,
                CelOverloadDecl.newGlobalOverload(name + "_double", SimpleType.DOUBLE, SimpleType.DOUBLE,
                        SimpleType.DOUBLE),
                CelOverloadDecl.newGlobalOverload(name + "_int", SimpleType.INT, SimpleType.INT, SimpleType.INT)))
                .toList();
    }

    /** CEL's implementations of the standard functions, without those that are replaced. */
    static CelStandardFunctions standardFunctions() {
        return CelStandardFunctions.newBuilder()
                .filterFunctions((function, overload) -> !REPLACED.contains(overload)).build();
    }

    /** Our implementations: those that replace CEL's, and those of additional functions. */
    static List<CelFunctionBinding> bindings() {
        var bindings = new ArrayList<CelFunctionBinding>();
        REPLACEMENTS.forEach((overload, function) -> bindings.add(binding(overload, function)));
        bindings.add(CelFunctionBinding.from("string_to_double", String.class, FiniteMath::parse));
        OF_DOUBLES.forEach((name, function) -> bindings.add(binding(name + "_double", function)));
        OF_LONGS.forEach((name, function) -> bindings.add(CelFunctionBinding.from(name + "_int", Long.class,
                Long.class, (one, other) -> function.applyAsLong(one, other))));
        return bindings;
    }

    private static CelFunctionBinding binding(String overload, DoubleBinaryOperator function) {
        return CelFunctionBinding.from(overload, Double.class, Double.class,
                (one, other) -> function.applyAsDouble(one, other));
    }
}
