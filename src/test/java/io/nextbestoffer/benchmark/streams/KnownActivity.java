package io.nextbestoffer.benchmark.streams;

/** An activity and who did it. */
record KnownActivity(Activity activity, Customer customer) {
}
