package io.nextbestoffer.platform.http;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Tags;
import io.quarkus.micrometer.runtime.HttpServerMetricsTagsContributor;

/**
 * Sets the label {@code uri} of requests that {@link RequestGuard} never sees: those with an invalid percent-encoding,
 * and those to the management port. Their raw path can be any text.
 */
@Singleton
class UnmatchedPathTag implements HttpServerMetricsTagsContributor {

    private static final Tags UNMATCHED = Tags.of("uri", RequestGuard.UNMATCHED);

    @Override
    public Tags contribute(Context context) {
        return context.requestContextLocalData(RequestGuard.TEMPLATE) == null ? UNMATCHED : Tags.empty();
    }
}
