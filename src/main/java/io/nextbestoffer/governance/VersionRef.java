package io.nextbestoffer.governance;

/** @param version from 1 */
record VersionRef(String strategy, int version) {

    @Override
    public String toString() {
        return "version " + version + " of " + strategy;
    }
}
