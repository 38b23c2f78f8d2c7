package io.nextbestoffer.platform;

import java.util.List;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.quarkus.runtime.configuration.ConfigurationException;

/** Which spans are recorded, and what they don't say. */
class Telemetry {

    private static final String RATIO = "quarkus.otel.traces.sampler.arg";

    /**
     * Who calls decides; of what nobody called, a ratio. A batch has no caller, but links to the traces in it: it is
     * recorded with them.
     */
    @Produces
    @Singleton
    Sampler sampler(@ConfigProperty(name = RATIO) double ratio) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new ConfigurationException(RATIO + " must be between 0 and 1, not " + ratio);
        }
        return Sampler.parentBased(new Linked(Sampler.traceIdRatioBased(ratio)));
    }

    private record Linked(Sampler others) implements Sampler {

        @Override
        public SamplingResult shouldSample(Context parent, String traceId, String name, SpanKind kind,
                Attributes attributes, List<LinkData> links) {
            return links.stream().anyMatch(link -> link.getSpanContext().isSampled())
                    ? SamplingResult.recordAndSample()
                    : others.shouldSample(parent, traceId, name, kind, attributes, links);
        }

        @Override
        public String getDescription() {
            return "Linked{" + others.getDescription() + "}";
        }
    }

    /** Paths and queries have ids of customers; the route, which the span has too, does not. Addresses are personal. */
    @Singleton
    static class Discretion implements SpanProcessor {

        private static final List<AttributeKey<String>> PERSONAL = List.of(AttributeKey.stringKey("url.path"),
                AttributeKey.stringKey("url.query"), AttributeKey.stringKey("url.full"),
                AttributeKey.stringKey("client.address"), AttributeKey.stringKey("network.peer.address"),
                AttributeKey.stringKey("user_agent.original"));

        @Override
        public void onStart(Context parent, ReadWriteSpan span) {
            for (AttributeKey<String> key : PERSONAL) {
                if (span.getAttribute(key) != null) {
                    span.setAttribute(key, "-");
                }
            }
        }

        @Override
        public boolean isStartRequired() {
            return true;
        }

        @Override
        public void onEnd(ReadableSpan span) {
        }

        @Override
        public boolean isEndRequired() {
            return false;
        }
    }
}
