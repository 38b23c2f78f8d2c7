package io.nextbestoffer.platform;

import java.util.List;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.quarkus.runtime.configuration.ConfigurationException;

/**
 * Samples a span if its caller's trace is sampled or, without a caller, at the configured ratio. A batch has no caller;
 * it is sampled if any trace that it links to is.
 */
class SpanSampler {

    private static final String RATIO = "quarkus.otel.traces.sampler.arg";

    @Produces
    @Singleton
    Sampler sampler(@ConfigProperty(name = RATIO) double ratio) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new ConfigurationException(RATIO + " must be between 0 and 1, not " + ratio);
        }
        return Sampler.parentBased(new LinkBasedSampler(Sampler.traceIdRatioBased(ratio)));
    }

    /** @param fallback decides on spans without sampled links */
    private record LinkBasedSampler(Sampler fallback) implements Sampler {

        @Override
        public SamplingResult shouldSample(Context parent, String traceId, String name, SpanKind kind,
                Attributes attributes, List<LinkData> links) {
            return links.stream().anyMatch(link -> link.getSpanContext().isSampled())
                    ? SamplingResult.recordAndSample()
                    : fallback.shouldSample(parent, traceId, name, kind, attributes, links);
        }

        @Override
        public String getDescription() {
            return "LinkBasedSampler{" + fallback.getDescription() + "}";
        }
    }
}
