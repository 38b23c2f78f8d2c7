package io.nextbestoffer.customer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** The statements that apply some changes: rounds with at most one change per customer, separated by truncates. */
final class ChangePlan {

    private final CustomerRows rows;
    private final List<CustomerErasure> erasures;
    private final List<Step> steps = new ArrayList<>();
    private List<Map<String, CustomerChange.OfOne>> rounds = new ArrayList<>();
    private final Map<String, Integer> nextRound = new LinkedHashMap<>();
    private int changes;
    private int irrelevant;
    private int truncates;

    /** @param erasures erase everything else that is stored about the customers of these rows */
    ChangePlan(CustomerRows rows, List<CustomerErasure> erasures) {
        this.rows = rows;
        this.erasures = erasures;
    }

    private interface Step {
        Uni<CustomerRows.Applied> run(SqlConnection transaction);
    }

    void add(CustomerChange change) {
        if (change instanceof CustomerChange.OfOne one) {
            changes++;
            int round = nextRound.merge(one.id().text(), 1, Integer::sum) - 1;
            if (round == rounds.size()) {
                var open = new LinkedHashMap<String, CustomerChange.OfOne>();
                rounds.add(open);
                steps.add(transaction -> rows.apply(transaction, open.values()));
            }
            rounds.get(round).put(one.id().text(), one);
            if (one instanceof CustomerChange.Stored stored && stored.endsSnapshot()) {
                steps.add(transaction -> rows.snapshotEnded(transaction, stored.order())
                        .replaceWith(CustomerRows.Applied.NOTHING));
            }
        } else if (change instanceof CustomerChange.Truncated truncated) {
            truncates++;
            rounds = new ArrayList<>();
            nextRound.clear();
            steps.add(transaction -> rows.truncated(transaction, truncated.order())
                    .chain(() -> truncate(transaction, truncated.order()))
                    .replaceWith(CustomerRows.Applied.NOTHING));
        } else {
            irrelevant++;
        }
    }

    /** The number of changes of customers, without truncates and irrelevant records. */
    int changes() {
        return changes;
    }

    int irrelevant() {
        return irrelevant;
    }

    int truncates() {
        return truncates;
    }

    /** @return the effect of the changes, not counting truncates */
    Uni<CustomerRows.Applied> run(SqlConnection transaction) {
        return lock(transaction)
                .chain(() -> Multi.createFrom().iterable(steps)
                        .onItem().transformToUniAndConcatenate(step -> step.run(transaction))
                        .collect().in(() -> new CustomerRows.Applied[]{CustomerRows.Applied.NOTHING},
                                (sum, applied) -> sum[0] = sum[0].plus(applied))
                        .map(sum -> sum[0]))
                .call(applied -> erase(transaction, applied.deleted().stream().distinct().toList()));
    }

    private Uni<Void> lock(SqlConnection transaction) {
        return truncates == 0 ? Uni.createFrom().voidItem() : rows.lockForTruncate(transaction);
    }

    Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        Uni<Void> done = Uni.createFrom().voidItem();
        if (!customers.isEmpty()) {
            for (CustomerErasure erasure : erasures) {
                done = done.chain(() -> erasure.erase(transaction, customers));
            }
        }
        return done;
    }

    private Uni<Void> truncate(SqlConnection transaction, ChangeOrder order) {
        return rows.deleteTruncated(transaction, order)
                .chain(ids -> ids.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : erase(transaction, ids).chain(() -> truncate(transaction, order)));
    }
}
