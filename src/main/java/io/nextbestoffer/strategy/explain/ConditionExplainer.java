package io.nextbestoffer.strategy.explain;

import java.util.List;
import java.util.Map;

import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.ComparisonResult;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.expression.Condition.Leaf;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Scope;

/** Explains the results of conditions. */
public final class ConditionExplainer {

    private ConditionExplainer() {
    }

    public static List<ComparisonResult> explain(Expression condition, Scope scope) {
        return condition.condition().leaves().map(leaf -> explain(leaf, scope)).toList();
    }

    private static ComparisonResult explain(Leaf leaf, Scope scope) {
        Map<String, Object> values = leaf.values(scope);
        try {
            return new ComparisonResult(leaf.text(), values, leaf.holds().test(scope), null);
        } catch (UncomputableException e) {
            return new ComparisonResult(leaf.text(), values, null, e.getMessage());
        }
    }

    public static Candidate otherwise(Choice otherwise, Choice chosen) {
        return new Candidate(Strategy.OTHERWISE, "true", otherwise.offer(),
                otherwise == chosen ? Stage.CHOSEN : Stage.OUTRANKED, List.of(), null, null);
    }
}
