package io.nextbestoffer.strategy.explain;

import java.util.List;
import java.util.Map;

import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.Compared;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.expression.Condition.Leaf;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Scope;

/** Says how conditions came out. */
public final class ConditionExplainer {

    private ConditionExplainer() {
    }

    public static List<Compared> explain(Expression condition, Scope scope) {
        return condition.condition().leaves().map(leaf -> explain(leaf, scope)).toList();
    }

    private static Compared explain(Leaf leaf, Scope scope) {
        Map<String, Object> values = leaf.values(scope);
        try {
            return new Compared(leaf.text(), values, leaf.holds().test(scope), null);
        } catch (UncomputableException e) {
            return new Compared(leaf.text(), values, null, e.getMessage());
        }
    }

    public static Candidate otherwise(Choice otherwise, Choice chosen) {
        return new Candidate(Strategy.OTHERWISE, "true", otherwise.offer(),
                otherwise == chosen ? Stage.CHOSEN : Stage.OUTRANKED, List.of(), null, null);
    }
}
