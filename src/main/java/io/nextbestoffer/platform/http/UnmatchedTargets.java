package io.nextbestoffer.platform.http;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Tags;
import io.quarkus.micrometer.runtime.HttpServerMetricsTagsContributor;

/**
 * Labels requests that are refused before {@link RequestGuard} sees them (an invalid percent-encoding, any unknown path
 * of the management port): their raw target can be any text.
 */
@Singleton
class UnmatchedTargets implements HttpServerMetricsTagsContributor {

    private static final Tags UNMATCHED = Tags.of("uri", RequestGuard.UNMATCHED);

    @Override
    public Tags contribute(Context context) {
        return context.requestContextLocalData(RequestGuard.TEMPLATE) == null ? UNMATCHED : Tags.empty();
    }
}
