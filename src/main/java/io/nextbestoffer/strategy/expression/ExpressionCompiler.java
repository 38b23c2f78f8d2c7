package io.nextbestoffer.strategy.expression;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
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
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.SourcePositions;
import io.nextbestoffer.strategy.document.Suggestion;
import io.nextbestoffer.strategy.expression.ReferenceFinder.Reference;
import io.nextbestoffer.strategy.input.AttributeSchema;

/** Compiles the expressions of one document and reports problems at their positions. */
public final class ExpressionCompiler {

    /** The maximum length of an expression in characters. */
    static final int MAX_LENGTH = 4096;

    /** The maximum number of parts of an expression, including those of named expressions, once for each use. */
    static final int MAX_PARTS = 5_000;

    /** The maximum number of parts of all expressions of a document. It limits the cost of a decision. */
    static final int MAX_PARTS_OF_DOCUMENT = 50_000;

    /** Numbers of different types can be compared, so that {@code propensity < 1} compiles. */
    private static final CelOptions OPTIONS = CelOptions.current().enableHeterogeneousNumericComparisons(true)
            .enableHomogeneousLiterals(true)
            .maxExpressionCodePointSize(MAX_LENGTH).maxParseRecursionDepth(32).build();

    /** The classic runtime evaluates the four banking rules in 0.8 µs, the planner of CEL 0.13.1 in 1.2 µs. */
    private static final CelRuntime RUNTIME = CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(OPTIONS)
            .setStandardEnvironmentEnabled(false).setStandardFunctions(CelFunctions.standardFunctions())
            .addFunctionBindings(CelFunctions.bindings()).build();

    private final SymbolTable symbols;
    private final ProblemCollector problems;
    private final SourcePositions positions;
    private final Set<String> used = new HashSet<>();
    private final Set<String> broken = new HashSet<>();
    private @Nullable CelCompiler compiler;
    private final List<Warning> warnings = new ArrayList<>();
    private long partsOfDocument;

    /** A warning about an expression. */
    public record Warning(ScalarNode node, String message) {
    }

    public ExpressionCompiler(AttributeSchema schema, ProblemCollector problems, SourcePositions positions) {
        this.symbols = new SymbolTable(schema);
        this.problems = problems;
        this.positions = positions;
    }

    /** Created on demand: each additional name needs another compiler. */
    private CelCompiler compiler() {
        CelCompiler current = compiler;
        if (current == null) {
            current = compiler(broken);
            compiler = current;
        }
        return current;
    }

    /** @param undeclared names to accept with any type, so that one unknown name doesn't hide other problems */
    private CelCompiler compiler(Collection<String> undeclared) {
        var builder = CelCompilerFactory.standardCelCompilerBuilder().setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false).setStandardDeclarations(CelFunctions.standardDeclarations())
                .addFunctionDeclarations(CelFunctions.additionalDeclarations());
        symbols.all().forEach(name -> builder.addVar(name.reference(), name.type()));
        undeclared.forEach(name -> builder.addVar(name, SimpleType.DYN));
        return builder.build();
    }

    /** Defines a constant for the expressions that follow. */
    public void constant(String name, Object value) {
        CelType type = value instanceof Long
                ? SimpleType.INT
                : value instanceof Double
                        ? SimpleType.DOUBLE
                        : value instanceof Boolean ? SimpleType.BOOL : SimpleType.STRING;
        add(new Symbol.ConstantSymbol(name, type, value));
    }

    /** Compiles a named expression and defines it for the expressions that follow. */
    public @Nullable Expression named(String name, ScalarNode text) {
        Expression expression = compile(text, name);
        if (expression != null) {
            add(new Symbol.NamedExpression(name, expression));
        } else {
            // Expressions that follow may use it: report only the problems of its own text
            broken.add(name);
            compiler = null;
        }
        return expression;
    }

    private void add(Symbol symbol) {
        symbols.add(symbol);
        compiler = null;
    }

    /** Whether an expression refers to the name. */
    public boolean isUsed(String name) {
        return used.contains(name);
    }

    /**
     * Compiles a condition.
     *
     * @param what its name in messages
     * @return null after a problem
     */
    public @Nullable Expression condition(ScalarNode text, String what) {
        Expression expression = compile(text, what);
        if (expression != null && !expression.isCondition()) {
            problems.add(text, what + " must be true or false, not "
                    + CelMessages.names(expression.type().name()) + ": compare it with something");
            return null;
        }
        addZeroDivisors(text, what, expression);
        return expression;
    }

    /**
     * Compiles an expression whose value is a number.
     *
     * @param what its name in messages
     * @return null after a problem
     */
    public @Nullable Expression number(ScalarNode text, String what) {
        Expression expression = compile(text, what);
        if (expression != null && !expression.type().equals(SimpleType.INT)
                && !expression.type().equals(SimpleType.DOUBLE)) {
            problems.add(text, what + " must be a number, not "
                    + CelMessages.names(expression.type().name()));
            return null;
        }
        addZeroDivisors(text, what, expression);
        return expression;
    }

    private void addZeroDivisors(ScalarNode text, String what, @Nullable Expression expression) {
        if (expression != null) {
            ZeroDivisorFinder.find(expression).forEach(divisor -> warnings.add(new Warning(text, what + " divides by "
                    + divisor + ", which can be 0: it can't be computed then. Declare a range without 0 (min, max),"
                    + " or test the divisor before dividing by it")));
        }
    }

    /** Warnings about expressions that can be used, but fail for some values. */
    public List<Warning> warnings() {
        return warnings;
    }

    private @Nullable Expression compile(ScalarNode node, String what) {
        String text = node.getValue();
        if (problems.isFull()) {
            return null;
        }
        if (text.isBlank()) {
            problems.add(node, what + " must be an expression, for example customer.income > 50000");
            return null;
        }
        if (text.length() > MAX_LENGTH) {
            problems.add(node, "the expression has " + text.length() + " characters, at most " + MAX_LENGTH
                    + " are allowed");
            return null;
        }
        CelValidationResult parsed = compiler().parse(text);
        if (parsed.hasError()) {
            // Errors after the first syntax error are guesses of the parser
            CelIssue first = parsed.getErrors().get(0);
            positions.add(problems, node, offset(text, first), CelMessages.syntax(first.getMessage()));
            return null;
        }
        CelAbstractSyntaxTree checked = check(node, ast(parsed));
        if (checked == null) {
            return null;
        }
        var expression = new Expression(new CheckedTree(checked, symbols), RUNTIME);
        used.addAll(expression.usedNames());
        partsOfDocument += expression.parts();
        if (expression.depth() > ReferenceFinder.MAX_DEPTH) {
            problems.add(node,
                    "the expression, with the named expressions it uses, is nested deeper than "
                            + ReferenceFinder.MAX_DEPTH
                            + " levels");
            return null;
        }
        if (partsOfDocument > MAX_PARTS_OF_DOCUMENT) {
            problems.add(node, "the expressions of the document, with the named expressions they use, have more than "
                    + MAX_PARTS_OF_DOCUMENT + " parts");
            return null;
        }
        if (expression.parts() > MAX_PARTS) {
            problems.add(node, "the expression, with the named expressions it uses, has " + expression.parts()
                    + " parts, at most " + MAX_PARTS + " are allowed");
            return null;
        }
        return expression;
    }

    private @Nullable CelAbstractSyntaxTree check(ScalarNode when, CelAbstractSyntaxTree parsed) {
        var references = new ReferenceFinder(parsed.getExpr());
        String unacceptable = references.isTooDeep()
                ? CelMessages.TOO_DEEP
                : references.hasBraces()
                        ? "{…} is not supported: a list is written [1, 2]"
                        : references.hasInfinity() ? CelMessages.NUMBER_OUT_OF_RANGE : null;
        if (unacceptable != null) {
            problems.add(when, unacceptable);
            return null;
        }
        Set<String> undeclared = undeclared(when, parsed, references);
        if (!undeclared.isEmpty()) {
            undeclared.addAll(broken);
        }
        CelCompiler checker = undeclared.isEmpty() ? compiler() : compiler(undeclared);
        CelValidationResult result = checker.check(parsed);
        if (result.hasError()) {
            result.getErrors().forEach(issue -> addTypeProblem(when, issue));
            return null;
        }
        CelAbstractSyntaxTree checked = ast(result);
        boolean usesBroken = references.found().stream().anyMatch(reference -> broken.contains(reference.name()));
        boolean reported = !undeclared.isEmpty() || usesBroken
                || checked.getResultType().equals(SimpleType.DYN);
        return reported ? null : checked;
    }

    private Set<String> undeclared(ScalarNode when, CelAbstractSyntaxTree parsed, ReferenceFinder references) {
        Set<String> undeclared = new TreeSet<>();
        for (Reference reference : references.found()) {
            String name = reference.name();
            if (symbols.get(name) == null && !broken.contains(name) && !problems.isFull()) {
                undeclared.add(name);
                positions.add(problems, when, parsed.getSource().getPositionsMap().getOrDefault(reference.id(), 0),
                        "unknown " + (name.contains(".") ? "attribute " : "name ") + name
                                + Suggestion.of(name, symbols.references()));
            }
        }
        return undeclared;
    }

    private void addTypeProblem(ScalarNode when, CelIssue issue) {
        int offset = offset(when.getValue(), issue);
        Matcher function = CelMessages.UNDECLARED.matcher(issue.getMessage());
        if (function.matches()) {
            // CEL reports the position of the parenthesis after the name
            int begin = when.getValue().lastIndexOf(function.group(1),
                    when.getValue().offsetByCodePoints(0, offset));
            offset = begin < 0 ? offset : when.getValue().codePointCount(0, begin);
        }
        positions.add(problems, when, offset, CelMessages.type(issue.getMessage()));
    }

    /** The offset of an issue in code points. CEL counts lines from 1 and columns from 0. */
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
            throw new IllegalStateException("a validation result without errors has no tree", e);
        }
    }
}
