package io.nextbestoffer.http;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Tags;
import io.quarkus.micrometer.runtime.HttpServerMetricsTagsContributor;

/**
 * A request whose target is no path, like {@code GET name HTTP/1.1}, reaches no route and no filter, and would be
 * counted as it came: it may be anything.
 */
@Singleton
class UnmatchedTargets implements HttpServerMetricsTagsContributor {

    private static final Tags UNMATCHED = Tags.of("uri", RequestGuard.UNMATCHED);

    @Override
    public Tags contribute(Context context) {
        String path = context.request().path();
        return path == null || !path.startsWith("/") ? UNMATCHED : Tags.empty();
    }
}
