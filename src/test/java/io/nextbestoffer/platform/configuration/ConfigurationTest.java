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
 * Holds the properties to their page, docs/configuration.md, which is made of their sources:
 * {@code ./mvnw test -Dtest=ConfigurationTest -Dconfiguration.write=true} writes it, and the list that
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
        // Quarkus brings converters by discovery, of Duration and MemorySize for example
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

    static Stream<Arguments> wrongValues() {
        return ALL.stream().flatMap(property -> PropertyLimits.of(property).wrong().stream()
                .map(value -> Arguments.of(property, value)));
    }

    @Test
    void thePageHasWhatTheSourcesHave() throws IOException {
        assertThat(ALL).hasSizeGreaterThan(30);
        String page = page();
        String names = ALL.stream().map(Property::name).collect(Collectors.joining("\n", "", "\n"));
        if (Boolean.getBoolean("configuration.write")) {
            Files.writeString(PAGE, page);
            Files.writeString(NAMES, names);
        }

        String how = "run ./mvnw test -Dtest=ConfigurationTest -Dconfiguration.write=true";
        assertThat(PAGE).as(how).hasContent(page);
        assertThat(NAMES).as(how).hasContent(names);
    }

    @Test
    void whatShipsIsConfiguredByNamesThatAreThere() throws IOException {
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
    void everyPropertyIsExplained(Property property) {
        assertThat(property.javadoc()).as("Javadoc of %s", property.method()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void numbersAndDurationsHaveEnds(Property property) {
        if (property.isNumber() || property.type() == Duration.class) {
            var limits = PropertyLimits.of(property);
            assertThat(limits.below()).as("least of %s: @Min or @DurationMin", property).isPresent();
            assertThat(limits.above()).as("most of %s: @Max or @DurationMax", property).isPresent();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void defaultsAreAllowed(Property property) {
        assertThatCode(() -> builder(Map.of()).withMapping(property.mapping()).build()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void aWrongValueIsRefusedByName(Property property, String value) {
        var configured = builder(Map.of(property.name(), value)).withMapping(property.mapping());

        assertThatThrownBy(configured::build).hasMessageContaining(property.name());
    }

    private static SmallRyeConfigBuilder checked(Map<String, String> properties) {
        return builder(properties).withInterceptorFactories(new UnknownProperties());
    }

    @Test
    void knownNamesAreTaken() {
        assertThatCode(() -> checked(Map.of("nbo.topics.offers", "o", "nbo.strategies.initial[0]", "banking",
                "nboard.x", "y", "kafka.nbo", "z")).build()).doesNotThrowAnyException();
        assertThatCode(() -> checked(Map.of()).withSources(new EnvConfigSource(Map.of(
                "NBO_STREAM_DEAD_LETTER_SUFFIX", "-dead", "NBO_SERVICE_HOST", "10.0.0.1", "NBO_PORT_8080_TCP_ADDR",
                "10.0.0.1", "NBO_SERVICE_PORT_HTTP", "8080", "NBO_PORT", "tcp://10.0.0.1"), 300)).build())
                .as("with what Kubernetes sets for a service nbo").doesNotThrowAnyException();
    }

    @Test
    void unknownNamesAreRefusedAndValuesNotTold() {
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

                        Made of the sources by `ConfigurationTest`: change a property's Javadoc, then run `./mvnw test -Dtest=ConfigurationTest -Dconfiguration.write=true`.

                        Every property can be an environment variable, a `-D` system property, or a line of `config/application.properties` beside the jar; of several, a system property goes before an environment variable, and that before the file. Durations are ISO-8601 (`PT1M30S`). Give secrets as environment variables, never by `-D`: others on the machine see that.

                        A value that is wrong stops the start before anything is touched, with a message that names the property and what it may be; so does a name that begins with `nbo.` or `NBO_` and is not in this table, with what was probably meant. (Variables that Kubernetes makes of services that are called nbo are let be.) What depends on several properties is checked when their feature starts, and stops the start too:

                        - `nbo.topics.*` all differ, and so do `nbo.groups.*`;
                        - `nbo.parking.capacity` is at least twice `nbo.stream.batch.records`;
                        - `nbo.offers.refresh` is less than `nbo.offers.max-age`;
                        - `nbo.strategies.refresh` is less than `nbo.strategies.max-age`, which is at most `nbo.strategies.activation-delay`.

                        ## Of the service

                        | property, environment variable | default | may be | |
                        | --- | --- | --- | --- |
                        """);
        for (Property property : ALL) {
            page.append("| `%s` `%s` | %s | %s | %s |\n".formatted(property.name(), property.variable(),
                    standard(property.standard()), cell(DocumentedProperties.rule(property)),
                    cell(property.javadoc())));
        }
        page.append(
                """

                        ## Of Quarkus and Kafka

                        These are the ones that operators set; [all of Quarkus](https://quarkus.io/guides/all-config), of [its Kafka connector](https://quarkus.io/guides/kafka#kafka-configuration) and of Kafka's clients are there too. `kafka.*` goes to every Kafka client as it is; what one channel's client should have, to `mp.messaging.incoming.activities.*`, `….customer-changes.*`, `….decision-traces.*`, `mp.messaging.outgoing.posted-activities.*`.

                        | property, environment variable | default | |
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

    /** Their defaults are those of application.properties. */
    private static final String OTHERS = """
            kafka.bootstrap.servers | Kafka's brokers, host:port, several with commas
            kafka.security.protocol | and `kafka.ssl.*`, `kafka.sasl.*`: how Kafka's clients prove who they are
            quarkus.datasource.reactive.url | the service's own database
            quarkus.datasource.jdbc.url | the same, for Flyway at start
            quarkus.datasource.username | of the service's own database
            quarkus.datasource.password | a secret: by environment variable
            quarkus.datasource.reactive.max-size | connections of a replica to Postgres
            quarkus.flyway.migrate-at-start | false where somebody else migrates
            quarkus.flyway.connect-retries | how often Postgres is tried at start
            quarkus.flyway.connect-retries-interval | and how long apart
            quarkus.oidc.auth-server-url | the identity provider whose tokens callers bring; mandatory unless `nbo.security.enabled=false`
            quarkus.oidc.token.audience | for whom these tokens must be; mandatory likewise
            quarkus.oidc.token.issuer | of the tokens, if it is not what the identity provider tells
            quarkus.oidc.token.principal-claim | which claim names the caller
            quarkus.oidc.roles.role-claim-path | where a token has its roles
            quarkus.http.auth.roles-mapping."company-role" | which of this service's roles a role of the company has
            quarkus.http.tls-configuration-name | and `quarkus.tls.*`: HTTPS, [tls.md](tls.md)
            quarkus.http.cors.enabled | and `quarkus.http.cors.origins`: pages of other origins that may call the API
            quarkus.http.port | of the API
            quarkus.http.limits.max-body-size | of a request
            quarkus.management.port | of probes and metrics
            quarkus.shutdown.delay | how long it goes on after SIGTERM, being not ready
            quarkus.shutdown.timeout | how long requests in flight may take then
            quarkus.otel.sdk.disabled | false exports traces: [observability.md](observability.md)
            quarkus.otel.exporter.otlp.endpoint | of the collector; `http://localhost:4317` if not set
            quarkus.otel.exporter.otlp.protocol | `grpc` if not set, or `http/protobuf`
            quarkus.otel.traces.sampler.arg | how many of the traces that begin here are recorded: 0 to 1
            quarkus.otel.service.name | the name of the service in traces; `next-best-offer` if not set
            quarkus.otel.resource.attributes | of all spans, for example `deployment.environment.name=prod`
            quarkus.log.level | `INFO` if not set
            quarkus.log.category."io.nextbestoffer".level | of the service's own; `DEBUG` has causes with their messages, which can quote values
            quarkus.log.console.json.enabled | true logs JSON, one object per line
            mp.messaging.incoming.activities.max.poll.records | of what is polled while batches are on their way
            mp.messaging.incoming.activities.session.timeout.ms | after so long a replica that is silent loses its partitions
            """;
}
