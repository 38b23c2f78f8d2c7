package io.nextbestoffer.latest;

import java.util.Comparator;

/**
 * Orders text by code points, as Postgres's C collation does in a UTF-8 database. Java's own order differs for
 * characters outside the Basic Multilingual Plane, which are surrogates in a {@code String}.
 */
final class CodePointOrder implements Comparator<String> {

    static final CodePointOrder INSTANCE = new CodePointOrder();

    private CodePointOrder() {
    }

    @Override
    public int compare(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                boolean surrogate = Character.isSurrogate(a);
                return surrogate == Character.isSurrogate(b) ? a - b : surrogate ? 1 : -1;
            }
        }
        return one.length() - other.length();
    }
}
