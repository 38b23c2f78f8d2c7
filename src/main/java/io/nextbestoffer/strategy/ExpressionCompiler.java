package io.nextbestoffer.strategy;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.ScalarNode;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.nextbestoffer.strategy.References.Reference;

/** Compiles the conditions of one document. */
final class ExpressionCompiler {

    /** Characters. */
    static final int MAX_LENGTH = 4096;

    /** Numbers of different types may be compared: {@code propensity < 1} means what it says. */
    private static final CelOptions OPTIONS = CelOptions.current().enableHeterogeneousNumericComparisons(true)
            .maxExpressionCodePointSize(MAX_LENGTH).maxParseRecursionDepth(32).build();

    private final Declared declared;
    private final Problems problems;
    private final Positions positions;
    private final CelCompiler compiler;

    /** The classic runtime: 0.8 µs for the four banking rules where the planner of CEL 0.13.1 took 1.2 µs. */
    private final CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(OPTIONS).build();

    ExpressionCompiler(Declared declared, Problems problems, Positions positions) {
        this.declared = declared;
        this.problems = problems;
        this.positions = positions;
        this.compiler = compiler(Set.of());
    }

    /** @param undeclared names to accept as anything, so that one unknown name doesn't hide other problems */
    private CelCompiler compiler(Collection<String> undeclared) {
        var builder = CelCompilerFactory.standardCelCompilerBuilder().setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false).setStandardDeclarations(CelFunctions.declarations());
        declared.all().forEach(attribute -> builder.addVar(attribute.reference(), attribute.type().cel));
        undeclared.forEach(name -> builder.addVar(name, SimpleType.DYN));
        return builder.build();
    }

    /** @return null after a problem */
    @Nullable
    Expression condition(ScalarNode when) {
        String text = when.getValue();
        if (problems.isFull()) {
            return null;
        }
        if (text.isBlank()) {
            problems.add(when, "when must be an expression, for example customer.income > 50000");
            return null;
        }
        if (text.length() > MAX_LENGTH) {
            problems.add(when, "the expression has " + text.length() + " characters, at most " + MAX_LENGTH
                    + " are allowed");
            return null;
        }
        CelValidationResult parsed = compiler.parse(text);
        if (parsed.hasError()) {
            // What follows the first syntax error is guesswork
            CelIssue first = parsed.getErrors().get(0);
            positions.add(problems, when, offset(text, first), CelMessages.syntax(first.getMessage()));
            return null;
        }
        CelAbstractSyntaxTree checked = check(when, ast(parsed));
        return checked == null ? null : new Expression(program(checked), Comparisons.of(checked, declared));
    }

    private @Nullable CelAbstractSyntaxTree check(ScalarNode when, CelAbstractSyntaxTree parsed) {
        var references = new References(parsed.getExpr());
        if (references.isTooDeep() || references.hasBraces()) {
            problems.add(when, references.isTooDeep()
                    ? CelMessages.TOO_DEEP
                    : "{…} is not supported: a list is written [1, 2]");
            return null;
        }
        Set<String> undeclared = undeclared(when, parsed, references);
        CelCompiler checker = undeclared.isEmpty() ? compiler : compiler(undeclared);
        CelValidationResult result = checker.check(parsed);
        if (result.hasError()) {
            result.getErrors().forEach(issue -> addTypeProblem(when, issue));
            return null;
        }
        CelAbstractSyntaxTree checked = ast(result);
        CelType type = checked.getResultType();
        if (!undeclared.isEmpty() || type.equals(SimpleType.DYN)) {
            return null; // reported already
        }
        if (!type.equals(SimpleType.BOOL)) {
            problems.add(when, "when must be true or false, this is " + CelMessages.names(type.name())
                    + ": compare it with something");
            return null;
        }
        return checked;
    }

    private Set<String> undeclared(ScalarNode when, CelAbstractSyntaxTree parsed, References references) {
        Set<String> undeclared = new TreeSet<>();
        for (Reference reference : references.found()) {
            String name = reference.name();
            if (declared.get(name) == null && !problems.isFull()) {
                undeclared.add(name);
                positions.add(problems, when, parsed.getSource().getPositionsMap().getOrDefault(reference.id(), 0),
                        "unknown attribute " + name + Suggestion.of(name, declared.references()));
            }
        }
        return undeclared;
    }

    private void addTypeProblem(ScalarNode when, CelIssue issue) {
        int offset = offset(when.getValue(), issue);
        Matcher function = CelMessages.UNDECLARED.matcher(issue.getMessage());
        if (function.matches()) {
            // CEL points behind the name, at the parenthesis
            int begin = when.getValue().lastIndexOf(function.group(1),
                    when.getValue().offsetByCodePoints(0, offset));
            offset = begin < 0 ? offset : when.getValue().codePointCount(0, begin);
        }
        positions.add(problems, when, offset, CelMessages.type(issue.getMessage()));
    }

    /** In code points; CEL counts lines from 1, columns from 0. */
    private static int offset(String text, CelIssue issue) {
        int line = 0;
        for (int i = 1; i < issue.getSourceLocation().getLine(); i++) {
            line = text.indexOf('\n', line) + 1;
        }
        int offset = text.codePointCount(0, line) + Math.max(0, issue.getSourceLocation().getColumn());
        return Math.min(offset, text.codePointCount(0, text.length()));
    }

    private static CelAbstractSyntaxTree ast(CelValidationResult result) {
        try {
            return result.getAst();
        } catch (CelValidationException e) {
            throw new IllegalStateException("no error, but no tree", e);
        }
    }

    private CelRuntime.Program program(CelAbstractSyntaxTree checked) {
        try {
            return runtime.createProgram(checked);
        } catch (CelEvaluationException e) {
            throw new IllegalStateException("checked, but not to be planned", e);
        }
    }
}
