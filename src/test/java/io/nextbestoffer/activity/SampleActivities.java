package io.nextbestoffer.activity;

import io.nextbestoffer.attribute.KeyFormat;

/** For tests of other packages. */
public final class SampleActivities {

    private SampleActivities() {
    }

    public static ActivityCodec codec() {
        return new ActivityCodec(new ActivityCodecTest.Config(KeyFormat.AUTO, 10));
    }
}
