package io.nextbestoffer.simulation;

/** @param version from 1 */
record StrategyVersionRef(String name, int version) {

    @Override
    public String toString() {
        return "version " + version + " of strategy " + name;
    }
}
