package io.nextbestoffer.decision;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.Strategy;

/** What a whole batch is decided by. Immutable. */
public record Snapshot(Strategy strategy, Catalog catalog) {
}
