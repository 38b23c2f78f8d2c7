package io.nextbestoffer.activity;

import java.util.function.BiConsumer;

/** Lets another feature check a posted activity, so that the response reports its mistakes. */
public interface ActivityCheck {

    /** @param violation accepts a field and the problem with its value */
    void check(Activity activity, BiConsumer<String, String> violation);
}
