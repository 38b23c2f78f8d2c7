package io.nextbestoffer.platform.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;

import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.nextbestoffer.platform.configuration.DocumentedProperties.Property;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.validator.BeanValidationConfigValidator;

/**
 * Tests every property of the service, and generates docs/configuration.md from the sources:
 * {@code ./mvnw test -Dtest=ConfigurationTest -Dconfiguration.write=true} writes the page, and the list of names that
 * {@link UnknownProperties} reads.
 */
class ConfigurationTest {

    private static final Path PAGE = Path.of("docs/configuration.md");
    private static final Path NAMES = Path.of("src/main/resources", UnknownProperties.NAMES);
    private static final List<Property> ALL = DocumentedProperties.all();

    private static ValidatorFactory validators;

    @BeforeAll
    static void open() {
        validators = Validation.byDefaultProvider().configure()
                .messageInterpolator(new ParameterMessageInterpolator()).buildValidatorFactory();
    }

    @AfterAll
    static void close() {
        validators.close();
    }

    private static SmallRyeConfigBuilder builder(Map<String, String> properties) {
        // Discovers the converters of Quarkus, for Duration and MemorySize for example
        return new SmallRyeConfigBuilder().addDiscoveredConverters()
                .withValidator(new BeanValidationConfigValidator() {
                    @Override
                    public Validator getValidator() {
                        return validators.getValidator();
                    }
                })
                .withSources(new PropertiesConfigSource(properties, "test", 500));
    }

    static List<Property> all() {
        return ALL;
    }

    static Stream<Arguments> invalidValues() {
        return ALL.stream().flatMap(property -> PropertyLimits.of(property).invalid().stream()
                .map(value -> Arguments.of(property, value)));
    }

    @Test
    void generatedPageIsUpToDate() throws IOException {
        assertThat(ALL).hasSizeGreaterThan(30);
        String page = page();
        String names = ALL.stream().map(Property::name).collect(Collectors.joining("\n", "", "\n"));
        if (Boolean.getBoolean("configuration.write")) {
            Files.writeString(PAGE, page);
            Files.writeString(NAMES, names);
        }

        String remedy = "run ./mvnw test -Dtest=ConfigurationTest -Dconfiguration.write=true";
        assertThat(PAGE).as(remedy).hasContent(page);
        assertThat(NAMES).as(remedy).hasContent(names);
    }

    @Test
    void shippedPropertiesExist() throws IOException {
        assertThat(shipped().stringPropertyNames().stream().map(name -> name.replaceFirst("^%[^.]+\\.", "")))
                .filteredOn(name -> name.startsWith("nbo.")).isNotEmpty()
                .isSubsetOf(ALL.stream().map(Property::name).toList());
    }

    private static java.util.Properties shipped() throws IOException {
        var shipped = new java.util.Properties();
        try (Reader reader = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            shipped.load(reader);
        }
        return shipped;
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyPropertyHasJavadoc(Property property) {
        assertThat(property.javadoc()).as("Javadoc of %s", property.method()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void numbersAndDurationsAreBounded(Property property) {
        if (property.isNumber() || property.type() == Duration.class) {
            var limits = PropertyLimits.of(property);
            assertThat(limits.below()).as("lower bound of %s: @Min or @DurationMin", property).isPresent();
            assertThat(limits.above()).as("upper bound of %s: @Max or @DurationMax", property).isPresent();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void acceptsEveryDefault(Property property) {
        assertThatCode(() -> builder(Map.of()).withMapping(property.mapping()).build()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("invalidValues")
    void rejectsAnInvalidValueAndNamesTheProperty(Property property, String value) {
        var configured = builder(Map.of(property.name(), value)).withMapping(property.mapping());

        assertThatThrownBy(configured::build).hasMessageContaining(property.name());
    }

    private static SmallRyeConfigBuilder checked(Map<String, String> properties) {
        return builder(properties).withInterceptorFactories(new UnknownProperties());
    }

    @Test
    void acceptsKnownNames() {
        assertThatCode(() -> checked(Map.of("nbo.topics.offers", "o", "nbo.strategies.initial[0]", "banking",
                "nboard.x", "y", "kafka.nbo", "z")).build()).doesNotThrowAnyException();
        assertThatCode(() -> checked(Map.of()).withSources(new EnvConfigSource(Map.of(
                "NBO_STREAM_DEAD_LETTER_SUFFIX", "-dead", "NBO_SERVICE_HOST", "10.0.0.1", "NBO_PORT_8080_TCP_ADDR",
                "10.0.0.1", "NBO_SERVICE_PORT_HTTP", "8080", "NBO_PORT", "tcp://10.0.0.1"), 300)).build())
                .as("with the variables that Kubernetes sets for a service called nbo").doesNotThrowAnyException();
    }

    @Test
    void rejectsUnknownNamesWithoutShowingTheirValues() {
        assertThatThrownBy(() -> checked(Map.of("nbo.topics.ofers", "secret", "nbo.topic.offers", "secret",
                "nbo.something.else", "secret")).build())
                .hasMessageContaining("nbo.topics.ofers (did you mean nbo.topics.offers?)")
                .hasMessageContaining("nbo.topic.offers (did you mean nbo.topics.offers?)")
                .hasMessageContaining("nbo.something.else").hasMessageNotContaining("secret");
        assertThatThrownBy(() -> checked(Map.of()).withSources(new EnvConfigSource(
                Map.of("NBO_TOPICS_OFERS", "secret"), 300)).build())
                .hasMessageContaining(
                        "environment variable NBO_TOPICS_OFERS (did you mean NBO_TOPICS_OFFERS?)")
                .hasMessageNotContaining("secret");
    }

    private static String page() throws IOException {
        var page = new StringBuilder(
                """
                        # Configuration

                        Generated from the sources by `ConfigurationTest`. To change a text, edit the Javadoc of the \
                        property, then run `./mvnw test -Dtest=ConfigurationTest -Dconfiguration.write=true`.

                        Set a property as a system property (`-D`), as an environment variable, or in \
                        `config/application.properties` beside the jar; a system property takes precedence over an \
                        environment variable, and that over the file. Durations are ISO-8601 (`PT1M30S`). Pass \
                        secrets as environment variables: other users of the machine can see the command line.

                        A wrong value stops the start before the service connects to anything, with a message that \
                        names the property and the allowed values. So does an unknown property that begins with \
                        `nbo.` or `NBO_`; the message suggests the nearest name. (The variables that Kubernetes sets \
                        for a service called `nbo` are ignored.) Rules that involve several properties are checked \
                        when their feature starts, and stop the start too:

                        - `nbo.topics.*` are all different, and so are `nbo.groups.*`.
                        - `nbo.parking.capacity` is at least twice `nbo.stream.batch.records`.
                        - `nbo.offers.refresh` is less than `nbo.offers.max-age`.
                        - `nbo.strategies.refresh` is less than `nbo.strategies.max-age` and \
                        `nbo.strategies.activation-delay`.

                        ## The service

                        | property, environment variable | default | allowed values | meaning |
                        | --- | --- | --- | --- |
                        """);
        for (Property property : ALL) {
            page.append("| `%s` `%s` | %s | %s | %s |\n".formatted(property.name(), property.variable(),
                    standard(property.standard()), cell(DocumentedProperties.rule(property)),
                    cell(property.javadoc())));
        }
        page.append(
                """

                        ## Quarkus and Kafka

                        The properties that operators set most often. All others of \
                        [Quarkus](https://quarkus.io/guides/all-config), [its Kafka \
                        connector](https://quarkus.io/guides/kafka#kafka-configuration) and Kafka's clients work too. \
                        `kafka.*` applies to every Kafka client, `mp.messaging.connector.smallrye-kafka.*` to every \
                        channel. To configure a single channel, use `mp.messaging.incoming.<channel>.*` with \
                        `activities`, `customer-changes` or `decision-traces`, or \
                        `mp.messaging.outgoing.posted-activities.*`.

                        | property, environment variable | default | meaning |
                        | --- | --- | --- |
                        """);
        var shipped = shipped();
        OTHERS.lines().forEach(line -> {
            String[] parts = line.split(" \\| ", 2);
            page.append("| `%s` `%s` | %s | %s |\n".formatted(parts[0],
                    parts[0].replaceAll("[^A-Za-z0-9]", "_").toUpperCase(java.util.Locale.ROOT),
                    standard(Optional.ofNullable(shipped.getProperty(parts[0]))), cell(parts[1])));
        });
        return page.toString();
    }

    private static String standard(Optional<String> value) {
        return value.map(one -> "`" + one + "`").orElse("");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    /** The defaults come from application.properties. */
    private static final String OTHERS = """
            kafka.bootstrap.servers | Kafka brokers: `host:port`, separated by commas.
            kafka.security.protocol | With `kafka.ssl.*` and `kafka.sasl.*`: encryption and authentication of all \
            Kafka clients ([tls.md](tls.md)).
            quarkus.datasource.reactive.url | The service's own database.
            quarkus.datasource.jdbc.url | The same database, for Flyway.
            quarkus.datasource.username | User of the database.
            quarkus.datasource.password | Password of the database. Pass it as an environment variable.
            quarkus.datasource.reactive.max-size | Connections of a replica to Postgres.
            quarkus.flyway.migrate-at-start | Set it to `false` if the database is migrated separately.
            quarkus.flyway.connect-retries | Attempts to connect to Postgres at start.
            quarkus.flyway.connect-retries-interval | Time between these attempts.
            quarkus.oidc.auth-server-url | Identity provider that issues the tokens of callers. Mandatory unless \
            `nbo.security.enabled=false`.
            quarkus.oidc.token.audience | Audience that tokens must have. Mandatory unless `nbo.security.enabled=false`.
            quarkus.oidc.token.issuer | Issuer that tokens must have, if it differs from the one that the identity \
            provider publishes.
            quarkus.oidc.token.principal-claim | Claim that names the caller. If not set: `upn`, \
            `preferred_username`, `sub`, in this order.
            quarkus.oidc.roles.role-claim-path | Claim that lists the roles. If not set: `groups`, then \
            `realm_access/roles`.
            quarkus.http.auth.roles-mapping."company-role" | Roles of this service that a role of the company includes.
            quarkus.http.tls-configuration-name | With `quarkus.tls.*`: HTTPS ([tls.md](tls.md)).
            quarkus.http.cors.enabled | With `quarkus.http.cors.origins`: whether web pages of these other \
            origins may call the API.
            quarkus.http.port | Port of the API.
            quarkus.http.limits.max-body-size | Maximum size of a request body.
            quarkus.management.port | Port of probes and metrics.
            quarkus.shutdown.delay | How long a replica keeps serving after SIGTERM, while it reports that it is not \
            ready.
            quarkus.shutdown.timeout | How long a replica waits for requests in flight, after the delay.
            quarkus.otel.sdk.disabled | Set it to `false` to export traces: [observability.md](observability.md).
            quarkus.otel.exporter.otlp.endpoint | Address of the collector. If not set: `http://localhost:4317`.
            quarkus.otel.exporter.otlp.protocol | `grpc` or `http/protobuf`. If not set: `grpc`.
            quarkus.otel.traces.sampler.arg | Share of the traces starting in this service that are recorded, from 0 \
            to 1.
            quarkus.otel.service.name | Name of the service in traces. If not set: `next-best-offer`.
            quarkus.otel.resource.attributes | Attributes of all spans, for example `deployment.environment.name=prod`.
            quarkus.log.level | Log level. If not set: `INFO`.
            quarkus.log.category."io.nextbestoffer".level | Log level of the service's own classes. `DEBUG` logs the \
            messages of exceptions, which can contain personal data.
            quarkus.log.console.json.enabled | Set it to `true` to log JSON, one object per line.
            mp.messaging.connector.smallrye-kafka.session.timeout.ms | Time after which a replica that sends no \
            heartbeat loses its partitions.
            mp.messaging.incoming.activities.max.poll.records | Activities per poll. Polls that arrive while batches \
            are in flight are combined, up to `nbo.stream.batch`.
            """;
}
