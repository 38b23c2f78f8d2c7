package io.nextbestoffer.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

import io.fabric8.zjsonpatch.JsonPatch;

/**
 * Renders overlays like Kustomize, as far as {@code deploy} uses it: resources, components, JSON patches, generated
 * config maps, images, a namespace. Rejects all other fields, so that none is ignored silently. Names get no hash.
 * Where Kustomize is installed, {@code ManifestsTest} compares the results.
 */
final class Kustomization {

    private static final Set<String> KNOWN = Set.of("apiVersion", "kind", "namespace", "resources", "components",
            "patches", "configMapGenerator", "generatorOptions", "images");
    private static final Set<String> WITHOUT_NAMESPACE = Set.of("Namespace");
    private static final ObjectMapper YAML = new YAMLMapper();

    private Kustomization() {
    }

    static List<ObjectNode> render(Path folder) {
        ObjectNode kustomization = Manifests.read(folder.resolve("kustomization.yaml")).get(0);
        if (!kustomization.path("kind").asText().equals("Kustomization")) {
            throw new IllegalArgumentException(folder + " is a component");
        }
        List<ObjectNode> manifests = new ArrayList<>();
        apply(folder, kustomization, manifests);
        return manifests;
    }

    private static void apply(Path folder, ObjectNode kustomization, List<ObjectNode> manifests) {
        kustomization.fieldNames().forEachRemaining(field -> {
            if (!KNOWN.contains(field)) {
                throw new IllegalArgumentException(folder + ": the tests don't support " + field);
            }
        });
        for (JsonNode resource : kustomization.path("resources")) {
            Path path = folder.resolve(resource.asText()).normalize();
            manifests.addAll(Files.isDirectory(path) ? render(path) : Manifests.read(path));
        }
        kustomization.path("configMapGenerator").forEach(map -> manifests.add(configMap(folder, map)));
        for (JsonNode component : kustomization.path("components")) {
            Path path = folder.resolve(component.asText()).normalize();
            ObjectNode read = Manifests.read(path.resolve("kustomization.yaml")).get(0);
            if (!read.path("kind").asText().equals("Component")) {
                throw new IllegalArgumentException(path + " is not a component");
            }
            apply(path, read, manifests);
        }
        kustomization.path("patches").forEach(patch -> patch(folder, patch, manifests));
        kustomization.path("images").forEach(image -> manifests.forEach(manifest -> tag(image, manifest)));
        if (kustomization.has("namespace")) {
            manifests.stream().filter(manifest -> !WITHOUT_NAMESPACE.contains(manifest.path("kind").asText()))
                    .forEach(manifest -> manifest.withObjectProperty("metadata").set("namespace",
                            kustomization.get("namespace")));
        }
    }

    private static ObjectNode configMap(Path folder, JsonNode generator) {
        ObjectNode map = Manifests.parse("{apiVersion: v1, kind: ConfigMap, metadata: {}, data: {}}");
        map.withObjectProperty("metadata").set("name", generator.get("name"));
        JsonNode labels = generator.at("/options/labels");
        if (labels.isObject()) {
            map.withObjectProperty("metadata").set("labels", labels);
        }
        ObjectNode data = map.withObjectProperty("data");
        for (JsonNode literal : generator.path("literals")) {
            String[] entry = literal.asText().split("=", 2);
            if (data.has(entry[0])) {
                throw new IllegalArgumentException(folder + ": " + entry[0] + " is duplicated");
            }
            data.put(entry[0], entry[1]);
        }
        for (JsonNode file : generator.path("files")) {
            Path path = folder.resolve(file.asText());
            try {
                data.put(path.getFileName().toString(), Files.readString(path));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return map;
    }

    private static void patch(Path folder, JsonNode patch, List<ObjectNode> manifests) {
        String target = patch.at("/target/kind").asText() + " " + patch.at("/target/name").asText();
        ObjectNode found = Manifests.find(manifests, target);
        try {
            JsonNode operations = YAML.readTree(patch.path("patch").asText());
            if (!(operations instanceof ArrayNode)) {
                throw new IllegalArgumentException(folder + ": the tests support JSON patches only");
            }
            found.setAll((ObjectNode) JsonPatch.apply(operations, found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tag(JsonNode image, JsonNode node) {
        if (node instanceof ObjectNode object && object.path("image").isTextual()) {
            String[] parts = object.get("image").asText().split(":(?=[^/]*$)", 2);
            if (parts[0].equals(image.path("name").asText())) {
                object.put("image", parts[0] + ":" + image.path("newTag").asText());
            }
        }
        node.forEach(child -> tag(image, child));
    }
}
