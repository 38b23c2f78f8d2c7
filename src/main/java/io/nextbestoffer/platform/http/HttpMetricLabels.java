package io.nextbestoffer.platform.http;

import java.util.Set;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;

/** Replaces HTTP methods that callers invent: each would be a time series of its own. */
@Singleton
class HttpMetricLabels implements MeterFilter {

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS",
            "TRACE",
            "CONNECT");
    private static final Tag OTHER = Tag.of("method", "OTHER");

    @Override
    public Meter.Id map(Meter.Id id) {
        if (!id.getName().startsWith("http.server")) {
            return id;
        }
        String method = id.getTag(OTHER.getKey());
        return method == null || METHODS.contains(method) ? id : id.withTag(OTHER);
    }
}
