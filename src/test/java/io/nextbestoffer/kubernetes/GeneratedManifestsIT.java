package io.nextbestoffer.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Checks that the base equals the manifests that the build generates, so that a deployment needs no build. */
class GeneratedManifestsIT {

    private static final Path BUILT = Path.of("target/kubernetes/kubernetes.yml");
    private static final Path BASE = Manifests.DEPLOY.resolve("kubernetes/base/next-best-offer.yaml");

    @Test
    void equalsTheGeneratedManifests() {
        assertThat(readSorted(BASE))
                .as("%s differs from the manifests generated from application.properties and src/main/kubernetes."
                        + " Run: cp %s %s",
                        BASE,
                        BUILT, BASE)
                .containsExactlyInAnyOrderElementsOf(readSorted(BUILT));
    }

    /** Sorts lists: their order, for example that of ports, has no meaning and differs between builds. */
    private static List<ObjectNode> readSorted(Path file) {
        List<ObjectNode> manifests = Manifests.read(file);
        manifests.forEach(GeneratedManifestsIT::sort);
        return manifests;
    }

    /** Sorts fields too, so that equal objects have the same text. */
    private static void sort(JsonNode node) {
        node.forEach(GeneratedManifestsIT::sort);
        if (node instanceof ArrayNode array) {
            List<JsonNode> elements = new ArrayList<>();
            array.forEach(elements::add);
            elements.sort(Comparator.comparing(JsonNode::toString));
            array.removeAll().addAll(elements);
        } else if (node instanceof ObjectNode object) {
            var fields = new ArrayList<>(object.properties());
            fields.sort(Map.Entry.comparingByKey());
            var sorted = object.objectNode();
            fields.forEach(field -> sorted.set(field.getKey(), field.getValue()));
            object.removeAll().setAll(sorted);
        }
    }
}
