package io.nextbestoffer.kubernetes;

import static io.nextbestoffer.kubernetes.Manifests.DEPLOY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Checks the manifests under {@code deploy}, and the rendered overlays. */
class ManifestsTest {

    private static final Path BASE = DEPLOY.resolve("kubernetes/base");
    private static final String AUTHORITY = "/etc/next-best-offer/postgres";
    private static final Set<String> NO_MANIFEST = Set.of("kustomization.yaml", "banking.yaml");

    private static List<Path> manifests() {
        return Manifests.files(DEPLOY, ".yaml").stream()
                .filter(file -> !NO_MANIFEST.contains(file.getFileName().toString())).toList();
    }

    private static List<Path> overlays() {
        return List.of(DEPLOY.resolve("kubernetes/overlays/dev"), DEPLOY.resolve("kubernetes/overlays/prod"),
                DEPLOY.resolve("kafka"), DEPLOY.resolve("debezium-server"));
    }

    private static Stream<List<ObjectNode>> rendered() {
        return overlays().stream().map(Kustomization::render);
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void acceptsEachManifest(Path file) {
        assertThat(Manifests.read(file)).isNotEmpty().allSatisfy(Manifests::check);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void rendersValidManifestsFromEachOverlay(Path overlay) {
        List<ObjectNode> rendered = Kustomization.render(overlay);

        assertThat(rendered).isNotEmpty().allSatisfy(Manifests::check);
        assertThat(rendered.stream().map(Manifests::name)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /spec/template/spec/containers/0          | imagePullPolicies
            /spec/template/spec/containers/0/resources | limit
            /spec/template/spec/containers/0/lifecycle/preStop/sleep | second
            /spec/strategy/rollingUpdate              | maxsurge
            /metadata                                 | label
            ''                                        | specs
            """)
    void rejectsFieldsUnknownToKubernetes(String where, String field) {
        ObjectNode deployment = Manifests.find(Manifests.read(BASE.resolve("next-best-offer.yaml")),
                "Deployment next-best-offer");
        assertThatCode(() -> Manifests.check(deployment)).doesNotThrowAnyException();

        ((ObjectNode) deployment.at(where)).put(field, "x");

        assertThatThrownBy(() -> Manifests.check(deployment)).hasMessageContaining("Deployment next-best-offer")
                .hasMessageContaining(field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
            {apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: x}, spec: {scaleTargetRef: {name: x},
             maxReplicas: 6, triggers: [{type: kafka, metadata: {}}]}}""", """
            {apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: x}, spec: {scaleTargetRef: {name: x},
             triggers: [{type: kafka, metadata: {lagThreshold: 5}}]}}""", """
            {apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: x}, spec: {groups: [
             {name: x, rules: [{alert: X, exp: up}]}]}}""", """
            {apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, metadata: {name: x}, spec: {partition: 6}}""", """
            {apiVersion: kafka.strimzi.io/v1, kind: KafkaUser, metadata: {name: x}, spec: {authorization: {type: simple,
             acls: [{resource: {type: topic, name: x, pattern: prefix}, operations: [Read]}]}}}""", """
            {apiVersion: v1, kind: Secret, metadata: {name: x}}"""})
    void rejectsFieldsUnknownToOperators(String manifest) {
        assertThatThrownBy(() -> Manifests.check(Manifests.parse(manifest)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void restrictsEachPod(List<ObjectNode> rendered) {
        for (JsonNode pod : pods(rendered)) {
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            for (JsonNode container : containers(pod)) {
                JsonNode security = container.path("securityContext");
                assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
                assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
                assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
                assertThat(container.at("/resources/requests/memory").isTextual()).isTrue();
                assertThat(container.at("/resources/limits/memory").isTextual()).isTrue();
                assertThat(mounted(pod, container)).as("writable directory").contains("/tmp");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void resolvesEachReference(List<ObjectNode> rendered) {
        Set<String> maps = new HashSet<>();
        rendered.stream().filter(manifest -> manifest.path("kind").asText().equals("ConfigMap"))
                .forEach(map -> maps.add(map.at("/metadata/name").asText()));
        for (JsonNode pod : pods(rendered)) {
            pod.findValues("configMapRef").forEach(map -> assertThat(maps).contains(map.path("name").asText()));
            pod.path("volumes").findValues("configMap")
                    .forEach(map -> assertThat(maps).contains(map.path("name").asText()));
            Set<String> volumes = new HashSet<>();
            pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
            for (JsonNode container : containers(pod)) {
                container.path("volumeMounts")
                        .forEach(mount -> assertThat(volumes).contains(mount.path("name").asText()));
            }
        }
    }

    /** Kubernetes rejects a quoted number, as a percentage that lacks its sign; the Java type accepts it. */
    @ParameterizedTest
    @MethodSource("rendered")
    void quotesNoNumbers(List<ObjectNode> rendered) {
        for (ObjectNode manifest : rendered) {
            for (String field : List.of("maxSurge", "maxUnavailable", "minAvailable")) {
                manifest.findValues(field).forEach(
                        value -> assertThat(value.isInt() || value.asText().endsWith("%")).as(field).isTrue());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void containsNoSecrets(List<ObjectNode> rendered) {
        for (ObjectNode manifest : rendered) {
            for (JsonNode env : manifest.findValues("env")) {
                for (JsonNode variable : env) {
                    if (variable.path("name").asText().matches(".*(PASSWORD|JAAS|SECRET|TOKEN|CREDENTIAL).*")) {
                        assertThat(variable.at("/valueFrom/secretKeyRef/name").isTextual())
                                .as(variable.path("name").asText()).isTrue();
                    }
                }
            }
            if (manifest.path("kind").asText().equals("ConfigMap")) {
                manifest.path("data").fieldNames()
                        .forEachRemaining(name -> assertThat(name).doesNotMatch(".*(PASSWORD|JAAS|SECRET).*"));
            }
        }
    }

    /** The grace period must cover preStop and then the worst case of a stop in docs/operations.md. */
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void leavesAPodEnoughTimeToStop(String overlay) {
        JsonNode pod = pod(overlay);
        JsonNode container = pod.at("/containers/0");

        assertThat(pod.path("terminationGracePeriodSeconds").asInt())
                .isGreaterThanOrEqualTo(25 + container.at("/lifecycle/preStop/sleep/seconds").asInt());
        for (String probe : List.of("startup", "readiness", "liveness")) {
            assertThat(container.at("/" + probe + "Probe/httpGet/port").asInt()).isEqualTo(9000);
        }
        JsonNode startup = container.path("startupProbe");
        assertThat(startup.path("periodSeconds").asInt() * startup.path("failureThreshold").asInt())
                .as("nbo.customers.catch-up and a minute").isGreaterThanOrEqualTo(5 * 60 + 60);
    }

    /** Each address of the configuration needs a rule: without it, connections time out for no visible reason. */
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void allowsTrafficToConfiguredAddresses(String overlay) {
        List<ObjectNode> rendered = Kustomization.render(DEPLOY.resolve("kubernetes/overlays/" + overlay));
        JsonNode egress = Manifests.find(rendered, "NetworkPolicy next-best-offer").at("/spec/egress");
        Set<String> allowed = new HashSet<>();
        for (JsonNode rule : egress) {
            String namespace = rule.at("/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name").asText();
            rule.path("ports").forEach(port -> allowed.add(namespace + ":" + port.path("port").asInt()));
        }
        List<String> addresses = new ArrayList<>();
        JsonNode configuration = Manifests.find(rendered, "ConfigMap next-best-offer").path("data");
        configuration.forEach(value -> {
            var address = Pattern.compile("(?:^|//)[a-z-]+\\.([a-z-]+):(\\d+)").matcher(value.asText());
            while (address.find()) {
                addresses.add(address.group(1) + ":" + address.group(2));
            }
        });

        assertThat(addresses).hasSizeGreaterThanOrEqualTo(3);
        assertThat(allowed).containsAll(addresses).contains("kube-system:53");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void configuresExistingProperties(String overlay) throws IOException {
        List<ObjectNode> rendered = Kustomization.render(DEPLOY.resolve("kubernetes/overlays/" + overlay));
        List<String> known = Files.readString(Path.of("src/main/resources/nbo-properties.txt"))
                .toUpperCase(Locale.ROOT).replaceAll("[.-]", "_").lines().toList();
        Set<String> own = new HashSet<>();
        Manifests.find(rendered, "ConfigMap next-best-offer").path("data").fieldNames().forEachRemaining(name -> {
            if (name.startsWith("NBO_")) {
                own.add(name);
            }
        });

        assertThat(own).isNotEmpty().isSubsetOf(known);
    }

    @Test
    void hasAtMostOneReplicaPerPartition() {
        JsonNode topic = Manifests.find(Manifests.read(DEPLOY.resolve("kafka/topics.yaml")),
                "KafkaTopic customer-activity");
        int partitions = topic.at("/spec/partitions").asInt();
        JsonNode onLag = Manifests.read(DEPLOY.resolve("kubernetes/components/scale-on-lag/scaled-object.yaml")).get(0);
        JsonNode onCpu = Manifests.read(DEPLOY.resolve("kubernetes/components/scale-on-cpu/autoscaler.yaml")).get(0);

        assertThat(onLag.at("/spec/maxReplicaCount").asInt()).isEqualTo(partitions);
        assertThat(onCpu.at("/spec/maxReplicas").asInt()).isEqualTo(partitions);
    }

    @Test
    void scalesByTheLagOfTheDecidingGroup() throws IOException {
        Properties defaults = new Properties();
        try (var in = Files.newInputStream(Path.of("src/main/resources/application.properties"))) {
            defaults.load(in);
        }
        JsonNode trigger = Manifests.read(DEPLOY.resolve("kubernetes/components/scale-on-lag/scaled-object.yaml"))
                .get(0).at("/spec/triggers/0/metadata");

        assertThat(trigger.path("consumerGroup").asText()).isEqualTo(defaults.get("nbo.groups.activities"));
        assertThat(trigger.path("topic").asText()).isEqualTo(defaults.get("nbo.topics.activities"));
    }

    @Test
    void usesAtMostOneAutoscaler() {
        for (Path overlay : overlays()) {
            List<String> kinds = Kustomization.render(overlay).stream().map(one -> one.path("kind").asText()).toList();
            assertThat(kinds.contains("ScaledObject") && kinds.contains("HorizontalPodAutoscaler"))
                    .as(overlay.toString()).isFalse();
        }
    }

    /** Autoscaling replaces the fixed number of replicas, and a migration job replaces the init container. */
    @ParameterizedTest
    @CsvSource({"scale-on-cpu, HorizontalPodAutoscaler, /spec/replicas", "scale-on-lag, ScaledObject, /spec/replicas",
            "migration-job, Job, /spec/template/spec/initContainers"})
    void replacesDeploymentFieldByAComponent(String component, String kind, String replacedPath, @TempDir Path folder)
            throws IOException {
        ObjectNode before = Manifests.find(Kustomization.render(BASE), "Deployment next-best-offer");
        assertThat(before.at(replacedPath).isMissingNode()).isFalse();

        List<ObjectNode> rendered = base(folder, component);

        assertThat(rendered.stream().map(one -> one.path("kind").asText())).contains(kind);
        assertThat(Manifests.find(rendered, "Deployment next-best-offer").at(replacedPath).isMissingNode()).isTrue();
        assertThat(rendered).allSatisfy(Manifests::check);
    }

    /** The base with components, in this order. */
    private static List<ObjectNode> base(Path folder, String... components) throws IOException {
        var kustomization = new StringBuilder("""
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources:
                  - %s
                components:
                """.formatted(folder.toAbsolutePath().relativize(BASE.toAbsolutePath())));
        for (String component : components) {
            kustomization.append("  - ").append(folder.toAbsolutePath()
                    .relativize(DEPLOY.resolve("kubernetes/components/" + component).toAbsolutePath())).append('\n');
        }
        Files.writeString(folder.resolve("kustomization.yaml"), kustomization);
        return Kustomization.render(folder.toAbsolutePath());
    }

    /**
     * Argo CD applies in this order: the resources that the job refers to, the job, the Deployment, its autoscaler.
     * docs/kubernetes.md describes the manual order.
     */
    @ParameterizedTest
    @ValueSource(strings = {"scale-on-cpu", "scale-on-lag"})
    void ordersTheJobBeforeTheDeployment(String scaling, @TempDir Path folder)
            throws IOException {
        List<ObjectNode> rendered = base(folder, "migration-job", scaling);
        JsonNode job = Manifests.find(rendered, "Job next-best-offer-migrate").path("metadata");
        var waves = new HashMap<String, Integer>();
        rendered.forEach(one -> waves.put(Manifests.name(one),
                one.at("/metadata/annotations/argocd.argoproj.io~1sync-wave").asInt(0)));
        String scaler = rendered.stream().map(Manifests::name).filter(name -> name.matches("(Hor|Scaled).* next-.*"))
                .findAny().orElseThrow();

        assertThat(job.at("/annotations/argocd.argoproj.io~1hook").asText()).isEqualTo("Sync");
        assertThat(waves).containsEntry("Job next-best-offer-migrate", 1).containsEntry("Deployment next-best-offer", 2)
                .containsEntry(scaler, 3);
        assertThat(waves.values()).filteredOn(wave -> wave != 0).hasSize(3);
        assertThat(Files.readString(Path.of("docs/kubernetes.md"))).contains("'%s notin (%s, %s)'".formatted(
                "app.kubernetes.io/component", job.at("/labels/app.kubernetes.io~1component").asText(),
                Manifests.find(rendered, "Deployment next-best-offer")
                        .at("/metadata/labels/app.kubernetes.io~1component").asText()));
    }

    /** Production uses the settings of docs/tls.md, which TlsIT tests. */
    @Test
    void verifiesPostgresInProduction() throws IOException {
        var section = Pattern.compile("(?s)\n## Postgres\n.*?```properties\n(.*?)```")
                .matcher(Files.readString(Path.of("docs/tls.md")));
        assertThat(section.find()).isTrue();
        Properties documented = new Properties();
        documented.load(new StringReader(section.group(1)));
        JsonNode configured = Manifests.find(Kustomization.render(DEPLOY.resolve("kubernetes/overlays/prod")),
                "ConfigMap next-best-offer").path("data");

        assertThat(documented).hasSize(6);
        documented.forEach((property, value) -> {
            String variable = property.toString().replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
            assertThat(configured.path(variable).asText()).as(variable).isEqualTo(value.toString()
                    .replace("/etc/nbo/postgres/ca.pem", AUTHORITY + "/ca.crt")
                    .replace("//postgres:", "//nbo.postgres:"));
        });
    }

    /** Checks the service, its init container, and the job if present. */
    @Test
    void mountsTheAuthorityOfPostgres(@TempDir Path folder) throws IOException {
        List<ObjectNode> withJob = base(folder, "postgres-tls", "migration-job");
        List<JsonNode> pods = List.of(pod("prod"), pods(withJob).get(0), pods(withJob).get(1));

        assertThat(pods.stream().map(ManifestsTest::containers).mapToInt(List::size)).containsExactly(2, 1, 1);
        for (JsonNode pod : pods) {
            assertThat(pod.path("volumes").findValuesAsText("secretName")).contains("next-best-offer-postgres-ca");
            assertThat(containers(pod)).allSatisfy(container -> assertThat(
                    container.path("volumeMounts").findValuesAsText("mountPath")).contains(AUTHORITY));
        }
    }

    /** Any protocol other than OpenMetrics would lose exemplars: docs/observability.md. */
    @Test
    void makesPrometheusScrapeExemplars() {
        JsonNode monitor = Manifests
                .read(DEPLOY.resolve("kubernetes/components/monitoring/service-monitor.yaml")).get(0);

        assertThat(monitor.at("/spec/scrapeProtocols")).extracting(JsonNode::asText)
                .containsExactly("OpenMetricsText1.0.0");
    }

    @Test
    void migratesByJobLikeTheInitContainer() {
        JsonNode job = Manifests.read(DEPLOY.resolve("kubernetes/components/migration-job/job.yaml")).get(0)
                .at("/spec/template/spec");
        JsonNode pod = Manifests.find(Kustomization.render(BASE), "Deployment next-best-offer")
                .at("/spec/template/spec");

        for (String field : List.of("image", "resources", "securityContext", "env", "envFrom")) {
            assertThat(job.at("/containers/0/" + field)).as(field).isEqualTo(pod.at("/initContainers/0/" + field));
        }
        assertThat(job.path("securityContext")).isEqualTo(pod.path("securityContext"));
    }

    /** The job has neither a port nor a readiness probe, so no Service may select it, but the network policy must. */
    @Test
    void selectsTheJobInNoService() {
        JsonNode labels = Manifests.read(DEPLOY.resolve("kubernetes/components/migration-job/job.yaml")).get(0)
                .at("/spec/template/metadata/labels");
        List<ObjectNode> base = Kustomization.render(BASE);
        List<JsonNode> selectors = new ArrayList<>();
        base.stream().filter(one -> one.path("kind").asText().equals("Service"))
                .forEach(service -> selectors.add(service.at("/spec/selector")));
        selectors.add(Manifests.find(base, "PodDisruptionBudget next-best-offer").at("/spec/selector/matchLabels"));
        selectors.add(Manifests.find(base, "Deployment next-best-offer").at("/spec/selector/matchLabels"));

        assertThat(selectors).hasSize(4).allSatisfy(selector -> assertThat(selector.properties())
                .isNotEmpty().anyMatch(label -> !label.getValue().equals(labels.get(label.getKey()))));
        assertThat(
                Manifests.find(base, "NetworkPolicy next-best-offer").at("/spec/podSelector/matchExpressions/0/values"))
                .contains(labels.get("app.kubernetes.io/name"));
    }

    @Test
    void shipsTheInitialStrategy() throws IOException {
        assertThat(BASE.resolve("strategies/banking.yaml"))
                .hasSameTextualContentAs(Path.of("src/main/resources/strategies/banking.yaml"));
    }

    /** Compares with Kustomize 5 or later, alone or in kubectl, where it is installed. */
    @ParameterizedTest
    @MethodSource("overlays")
    void rendersLikeKustomize(Path overlay, @TempDir Path folder) throws Exception {
        Optional<List<String>> kustomize = kustomize();
        Assumptions.assumeTrue(kustomize.isPresent(), "no kustomize, and no kubectl of 1.27 or later");
        Path output = folder.resolve("rendered.yaml");
        var command = new ArrayList<>(kustomize.get());
        command.add(overlay.toString());
        Process process = new ProcessBuilder(command).redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();

        String withoutHash = Files.readString(output).replaceAll(
                "(name: (?:next-best-offer|bank-cdc-server))-[2456789bcdfghkmt]{10}(?=\\n)",
                "$1");
        Files.writeString(output, withoutHash);

        assertThat(Manifests.read(output)).containsExactlyInAnyOrderElementsOf(Kustomization.render(overlay));
    }

    private static Optional<List<String>> kustomize() throws IOException, InterruptedException {
        if (answers("kustomize", "version").isPresent()) {
            return Optional.of(List.of("kustomize", "build"));
        }
        return answers("kubectl", "version", "--client")
                .filter(version -> version.matches("(?s).*Kustomize Version: v5.*"))
                .map(version -> List.of("kubectl", "kustomize"));
    }

    private static Optional<String> answers(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String answer = new String(process.getInputStream().readAllBytes());
            return process.waitFor() == 0 ? Optional.of(answer) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static JsonNode pod(String overlay) {
        return Manifests.find(Kustomization.render(DEPLOY.resolve("kubernetes/overlays/" + overlay)),
                "Deployment next-best-offer").at("/spec/template/spec");
    }

    private static List<JsonNode> pods(List<ObjectNode> rendered) {
        return rendered.stream().map(manifest -> manifest.at("/spec/template/spec")).filter(JsonNode::isObject)
                .toList();
    }

    private static List<JsonNode> containers(JsonNode pod) {
        List<JsonNode> containers = new ArrayList<>();
        Arrays.asList("initContainers", "containers").forEach(field -> pod.path(field).forEach(containers::add));
        return containers;
    }

    private static List<String> mounted(JsonNode pod, JsonNode container) {
        List<String> paths = new ArrayList<>();
        for (JsonNode mount : container.path("volumeMounts")) {
            for (JsonNode volume : pod.path("volumes")) {
                if (volume.path("name").equals(mount.path("name")) && volume.has("emptyDir")) {
                    paths.add(mount.path("mountPath").asText());
                }
            }
        }
        return paths;
    }
}
