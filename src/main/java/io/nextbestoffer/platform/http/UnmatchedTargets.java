package io.nextbestoffer.platform.http;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Tags;
import io.quarkus.micrometer.runtime.HttpServerMetricsTagsContributor;

/**
 * A request whose target is no path ({@code GET name HTTP/1.1}, or a broken %) is refused before {@link RequestGuard}
 * or anybody sees it, and would be counted as it came: it may be anything.
 */
@Singleton
class UnmatchedTargets implements HttpServerMetricsTagsContributor {

    private static final Tags UNMATCHED = Tags.of("uri", RequestGuard.UNMATCHED);

    @Override
    public Tags contribute(Context context) {
        return context.requestContextLocalData(RequestGuard.TEMPLATE) == null ? UNMATCHED : Tags.empty();
    }
}
