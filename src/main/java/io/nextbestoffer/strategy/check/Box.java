package io.nextbestoffer.strategy.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.nextbestoffer.strategy.input.Attribute;

/** The inputs whose attributes have values in given sets. An attribute without a set can have any value. */
record Box(Map<Attribute, ValueSet> sides) {

    static final Box EVERYTHING = new Box(Map.of());

    boolean isEmpty() {
        return sides.values().stream().anyMatch(ValueSet::isEmpty);
    }

    private ValueSet side(Attribute attribute) {
        ValueSet values = sides.get(attribute);
        return values == null ? ValueSet.all(attribute) : values;
    }

    Box with(Attribute attribute, ValueSet values) {
        var changed = new LinkedHashMap<>(sides);
        changed.put(attribute, values);
        return new Box(changed);
    }

    Box and(Attribute attribute, ValueSet values) {
        return with(attribute, side(attribute).and(values));
    }

    Box and(Box other) {
        Box both = this;
        for (var side : other.sides.entrySet()) {
            both = both.and(side.getKey(), side.getValue());
        }
        return both;
    }

    /** Disjoint boxes that together contain the inputs of this box that are not in the other. */
    List<Box> without(Box other) {
        if (and(other).isEmpty()) {
            return List.of(this);
        }
        var rest = new ArrayList<Box>();
        Box left = this;
        for (var side : other.sides.entrySet()) {
            Attribute attribute = side.getKey();
            for (ValueSet values : left.side(attribute).without(side.getValue())) {
                rest.add(left.with(attribute, values));
            }
            left = left.and(attribute, side.getValue());
        }
        return rest;
    }
}
