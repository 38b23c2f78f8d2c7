package io.nextbestoffer.sandbox;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.HashMap;
import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/**
 * Starts the sandbox's broker, databases and Debezium with the sample bank for a {@code @QuarkusIntegrationTest}. All
 * tests that use it share one packaged service; each uses customers of its own.
 */
public final class SandboxResource implements QuarkusTestResourceLifecycleManager {

    /**
     * Injects into a field of type {@link SandboxInfrastructure}, {@link TestTraffic}, {@link Management},
     * {@link OtlpReceiver} or {@link JsonLogReceiver}.
     */
    @Target(ElementType.FIELD)
    @Retention(RetentionPolicy.RUNTIME)
    public @interface FromSandbox {
    }

    private SandboxInfrastructure infrastructure;
    private TestTraffic traffic;
    private OtlpReceiver traces;
    private JsonLogReceiver log;
    private final Management management = new Management(FreePorts.free());

    /** The port of health and metrics. */
    public record Management(int port) {
        public String uri() {
            return "http://localhost:" + port;
        }
    }

    @Override
    public Map<String, String> start() {
        infrastructure = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
        traffic = new TestTraffic(infrastructure.kafka());
        var properties = new HashMap<>(infrastructure.serviceProperties());
        properties.put("quarkus.datasource.password", "nbo");
        properties.put("quarkus.management.port", Integer.toString(management.port()));
        properties.put("nbo.parking.timeout", "PT20S");
        // Only requests and records with a sampled traceparent are traced
        traces = new OtlpReceiver();
        properties.put("quarkus.otel.sdk.disabled", "false");
        properties.put("quarkus.otel.exporter.otlp.endpoint", traces.endpoint());
        properties.put("quarkus.otel.exporter.otlp.protocol", "http/protobuf");
        properties.put("quarkus.otel.traces.sampler.arg", "0");
        properties.put("quarkus.otel.bsp.schedule.delay", "PT0.2S");
        log = new JsonLogReceiver();
        properties.putAll(log.serviceProperties());
        return properties;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(infrastructure,
                new TestInjector.AnnotatedAndMatchesType(FromSandbox.class, SandboxInfrastructure.class));
        injector.injectIntoFields(traffic,
                new TestInjector.AnnotatedAndMatchesType(FromSandbox.class, TestTraffic.class));
        injector.injectIntoFields(traces,
                new TestInjector.AnnotatedAndMatchesType(FromSandbox.class, OtlpReceiver.class));
        injector.injectIntoFields(log,
                new TestInjector.AnnotatedAndMatchesType(FromSandbox.class, JsonLogReceiver.class));
        injector.injectIntoFields(management,
                new TestInjector.AnnotatedAndMatchesType(FromSandbox.class, Management.class));
    }

    @Override
    public void stop() {
        if (traffic != null) {
            traffic.close();
        }
        if (traces != null) {
            traces.close();
        }
        if (log != null) {
            log.close();
        }
        if (infrastructure != null) {
            infrastructure.close();
        }
    }
}
