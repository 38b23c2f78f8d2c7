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
 * Finds rules that can never decide, because those before them leave nothing. Comparisons of attributes with constants
 * are understood; of anything else it is assumed that it may hold, or may not.
 */
public final class Coverage {

    /** Beyond it, it is not told. */
    private static final int MAX_BOXES = 2_000;

    /** Of all rules together: a hostile document has no say in how long it takes. */
    private static final int MAX_STEPS = 200_000;

    private int steps;

    private final List<Box> covered = new ArrayList<>();

    /** What speaks against a rule. */
    public enum Verdict {
        /** It may decide; or it is too complex to tell. */
        REACHABLE,
        /** Its condition never holds. */
        CONTRADICTORY,
        /** Where its condition holds, one before it has decided. */
        COVERED
    }

    /**
     * The next rule, in the order they are tried.
     *
     * @param decides whether it decides whenever its condition holds; else it leaves all to those that follow
     */
    public Verdict next(Condition condition, boolean decides) {
        List<Box> most = boxes(condition, false, true);
        List<Box> least = boxes(condition, false, false);
        Verdict verdict = verdict(most);
        if (decides && least != null && covered.size() + least.size() <= MAX_BOXES) {
            covered.addAll(least);
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
     * @param benefit what to assume of what is not understood
     * @return boxes that together are where the condition holds; null if they get too many
     */
    private static @Nullable List<Box> boxes(Condition condition, boolean negated, boolean benefit) {
        if (condition instanceof Not not) {
            return boxes(not.part(), !negated, benefit);
        }
        if (condition instanceof Leaf leaf) {
            return leaf(leaf, negated, benefit);
        }
        List<Condition> parts = condition instanceof All all ? all.parts() : ((Any) condition).parts();
        boolean conjunction = condition instanceof All != negated;
        List<Box> boxes = conjunction ? List.of(Box.EVERYTHING) : List.of();
        for (Condition part : parts) {
            List<Box> more = boxes(part, negated, benefit);
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

    private static List<Box> leaf(Leaf leaf, boolean negated, boolean benefit) {
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
        return benefit ? List.of(Box.EVERYTHING) : List.of();
    }
}
