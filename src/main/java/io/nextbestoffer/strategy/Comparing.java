package io.nextbestoffer.strategy;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Explanation.Candidate;
import io.nextbestoffer.strategy.Explanation.Compared;
import io.nextbestoffer.strategy.Explanation.Stage;
import io.nextbestoffer.strategy.expression.Condition.Leaf;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Scope;

/** Says how conditions came out. */
final class Comparing {

    private Comparing() {
    }

    static List<Compared> explain(Expression condition, Scope scope) {
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

    static Candidate otherwise(Choice otherwise, Choice chosen) {
        return new Candidate(Strategy.OTHERWISE, "true", otherwise.offer(),
                otherwise == chosen ? Stage.CHOSEN : Stage.OUTRANKED, List.of(), null, null);
    }
}
