package io.nextbestoffer.governance;

/** A version of a strategy; versions are numbered from 1. */
public record VersionRef(String strategy, int version) {

    @Override
    public String toString() {
        return "version " + version + " of strategy " + strategy;
    }
}
