package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.sandbox.ServiceProcess.Artifact;

/** What was packaged: of what it is made, and whether the images find it. */
class ArtifactIT {

    private static final Path TARGET = Path.of("target");
    private static final Path LICENCES = Path.of("docs", "licences.md");

    /** A library with several has one of them as one likes; so one of these is enough. */
    private static final Set<String> ALLOWED = Set.of("Apache-2.0", "MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause",
            "EPL-1.0", "EPL-2.0", "UPL-1.0", "CC0-1.0", "Public Domain",
            // BSD-3-Clause with another name (re2j)
            "Go License",
            // May be linked with whatever (Jakarta)
            "GPL-2.0-with-classpath-exception");

    private record Library(String name, Set<String> licences) {
    }

    @Test
    void allLicencesAreAllowed() throws IOException {
        assertThat(libraries()).hasSizeGreaterThan(200)
                .allSatisfy(
                        library -> assertThat(library.licences()).as(library.name()).containsAnyElementsOf(ALLOWED));
    }

    /** With {@code -Dlicences.write=true} it writes them. */
    @Test
    void theLicencesInTheDocsAreThose() throws IOException {
        assumeTrue(!Artifact.last().isNative());
        String text = text(libraries());
        if (Boolean.getBoolean("licences.write")) {
            Files.writeString(LICENCES, text);
        }

        assertThat(Files.readString(LICENCES)).as("./mvnw verify -Dit.test=ArtifactIT -Dlicences.write=true")
                .isEqualTo(text);
    }

    private static String text(List<Library> libraries) {
        Map<String, Set<String>> byLicence = new TreeMap<>();
        libraries.forEach(library -> byLicence
                .computeIfAbsent(String.join(" or ", library.licences()), none -> new TreeSet<>()).add(library.name()));
        StringBuilder text = new StringBuilder("""
                # Licences

                <!-- Written by ./mvnw verify -Dit.test=ArtifactIT -Dlicences.write=true: change it there. -->

                Of the %d libraries in the service; its own is [Apache-2.0](../LICENSE). Which version of each, with \
                checksums, is in the software bill of materials (CycloneDX) that is made with the artifact: \
                `target/quarkus-run-cyclonedx.json`. `ArtifactIT` fails if a library comes in with a licence that is \
                not among those that are allowed there.
                """.formatted(libraries.size()));
        byLicence.forEach((licence, names) -> text.append("\n## ").append(licence).append("\n\n")
                .append(names.stream().map(name -> "- " + name + "\n").collect(Collectors.joining())));
        return text.toString();
    }

    /** All that runs; not what only builds. */
    private static List<Library> libraries() throws IOException {
        List<Library> libraries = new ArrayList<>();
        for (JsonNode component : new ObjectMapper().readTree(sbom().toFile()).get("components")) {
            boolean runs = false;
            for (JsonNode property : component.path("properties")) {
                runs |= property.get("name").asText().equals("quarkus:component:scope")
                        && property.get("value").asText().equals("runtime");
            }
            if (runs && component.get("type").asText().equals("library")) {
                Set<String> licences = new TreeSet<>();
                component.path("licenses").forEach(one -> licences
                        .add(one.path("license").path("id").asText(one.path("license").path("name").asText())));
                // One is of the machine that builds
                String name = component.get("name").asText().replaceFirst("^native-(linux|osx|windows)-.*", "native");
                libraries.add(new Library(component.get("group").asText() + ":" + name, licences));
            }
        }
        return libraries;
    }

    private static Path sbom() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            return files.filter(file -> file.toString().endsWith("-cyclonedx.json")).findFirst()
                    .orElseThrow(() -> new AssertionError("no software bill of materials was made"));
        }
    }

    @Test
    void theImageOfTheJvmHasItAll() throws IOException {
        assumeTrue(!Artifact.last().isNative());
        Set<String> copied = ImagesTest.copiedFrom("src/main/docker/Dockerfile.jvm", "target/quarkus-app/");

        try (Stream<Path> files = Files.list(TARGET.resolve("quarkus-app"))) {
            // The list of the libraries is for tools that build images
            assertThat(files.map(file -> file.getFileName() + (Files.isDirectory(file) ? "/" : ""))
                    .filter(name -> !name.equals("quarkus-app-dependencies.txt")))
                    .containsExactlyInAnyOrderElementsOf(copied);
        }
    }

    @Test
    void theNativeImageIsOneFile() throws IOException {
        assumeTrue(Artifact.last().isNative());

        assertThat(ImagesTest.copiedFrom("src/main/docker/Dockerfile.native-micro", "target/"))
                .containsExactly("*-runner");
        assertThat(Artifact.all()).filteredOn(Artifact::isNative).containsExactly(Artifact.last());
    }
}
