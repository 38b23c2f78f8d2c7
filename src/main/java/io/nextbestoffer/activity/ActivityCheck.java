package io.nextbestoffer.activity;

import java.util.function.BiConsumer;

/** Checks a posted activity for another feature, so that the caller learns of a mistake in the response. */
public interface ActivityCheck {

    /** @param violation accepts a field and the problem with its value */
    void check(Activity activity, BiConsumer<String, String> violation);
}
