package io.nextbestoffer.strategy.check;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.expression.ComparisonOperator;
import io.nextbestoffer.strategy.expression.Condition;
import io.nextbestoffer.strategy.expression.Condition.All;
import io.nextbestoffer.strategy.expression.Condition.Any;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.Condition.Leaf;
import io.nextbestoffer.strategy.expression.Condition.Not;

/**
 * Finds rules that can never fire, because the rules before them cover every case. It understands comparisons of
 * attributes with constants, and the limits of attributes; any other condition may hold or not.
 */
public final class Coverage {

    /** The most boxes for one rule; with more, the rule counts as reachable. */
    private static final int MAX_BOXES = 2_000;

    /** The most steps for all rules together, which limits the time that a hostile document can take. */
    private static final int MAX_STEPS = 200_000;

    private int steps;

    private final List<Box> covered = new ArrayList<>();

    /** Whether a rule can fire. */
    public enum Verdict {
        /** It can fire, or it is too complex to find out. */
        REACHABLE,
        /** Its condition never holds. */
        CONTRADICTORY,
        /** Wherever its condition holds, a rule before it has decided. */
        COVERED
    }

    /**
     * Checks the next rule, in the order of evaluation.
     *
     * @param decides whether it decides whenever its condition holds; otherwise the rules after it may decide
     */
    public Verdict next(Condition condition, boolean decides) {
        List<Box> possible = boxes(condition, false, true);
        List<Box> certain = boxes(condition, false, false);
        Verdict verdict = verdict(possible);
        if (decides && certain != null && covered.size() + certain.size() <= MAX_BOXES) {
            covered.addAll(certain);
        }
        return verdict;
    }

    private Verdict verdict(@Nullable List<Box> boxes) {
        if (boxes == null) {
            return Verdict.REACHABLE;
        }
        if (boxes.isEmpty()) {
            return Verdict.CONTRADICTORY;
        }
        List<Box> left = boxes;
        for (Box before : covered) {
            var rest = new ArrayList<Box>();
            steps += left.size();
            left.forEach(box -> rest.addAll(box.without(before)));
            if (rest.size() > MAX_BOXES || steps > MAX_STEPS) {
                return Verdict.REACHABLE;
            }
            left = rest;
        }
        return left.isEmpty() ? Verdict.COVERED : Verdict.REACHABLE;
    }

    /**
     * The boxes that together contain the inputs for which a condition holds.
     *
     * @param assumed whether conditions that are not understood are assumed to hold
     * @return null if there are too many boxes
     */
    private static @Nullable List<Box> boxes(Condition condition, boolean negated, boolean assumed) {
        if (condition instanceof Not not) {
            return boxes(not.part(), !negated, assumed);
        }
        if (condition instanceof Leaf leaf) {
            return leaf(leaf, negated, assumed);
        }
        List<Condition> parts = condition instanceof All all ? all.parts() : ((Any) condition).parts();
        boolean conjunction = condition instanceof All != negated;
        List<Box> boxes = conjunction ? List.of(Box.EVERYTHING) : List.of();
        for (Condition part : parts) {
            List<Box> more = boxes(part, negated, assumed);
            if (more == null || boxes.size() * Math.max(1L, more.size()) > MAX_BOXES) {
                return null;
            }
            boxes = conjunction ? both(boxes, more) : union(boxes, more);
        }
        return boxes;
    }

    private static List<Box> both(List<Box> left, List<Box> right) {
        var both = new ArrayList<Box>();
        for (Box one : left) {
            right.stream().map(one::and).filter(box -> !box.isEmpty()).forEach(both::add);
        }
        return both;
    }

    private static List<Box> union(List<Box> left, List<Box> right) {
        var union = new ArrayList<>(left);
        union.addAll(right);
        return union;
    }

    private static List<Box> leaf(Leaf leaf, boolean negated, boolean assumed) {
        Comparison comparison = leaf.comparison();
        if (comparison != null && comparison.constant() != null) {
            ComparisonOperator operator = negated ? comparison.operator().negated() : comparison.operator();
            ValueSet values = ValueSet.of(comparison.attribute(), operator, comparison.constant());
            if (values != null) {
                Box box = Box.EVERYTHING.and(comparison.attribute(), values);
                return box.isEmpty() ? List.of() : List.of(box);
            }
        }
        if (leaf.text().equals(Boolean.toString(!negated))) {
            return List.of(Box.EVERYTHING);
        }
        if (leaf.text().equals(Boolean.toString(negated))) {
            return List.of();
        }
        return assumed ? List.of(Box.EVERYTHING) : List.of();
    }
}
