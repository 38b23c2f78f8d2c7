package io.nextbestoffer.strategy.explain;

import java.util.List;

import org.jspecify.annotations.Nullable;

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
        return condition.condition().leaves()
                .map(leaf -> new Compared(leaf.text(), leaf.values(scope), holds(leaf, scope))).toList();
    }

    private static @Nullable Boolean holds(Leaf leaf, Scope scope) {
        try {
            return leaf.holds().test(scope);
        } catch (UncomputableException e) {
            return null;
        }
    }

    public static Candidate otherwise(Choice otherwise, Choice chosen) {
        return new Candidate(Strategy.OTHERWISE, "true", otherwise.offer(),
                otherwise == chosen ? Stage.CHOSEN : Stage.OUTRANKED, List.of(), null, null);
    }
}
