package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the Dockerfiles without building images. */
class ImagesTest {

    private static final String BARE = "Dockerfile";
    private static final String JVM = "src/main/docker/Dockerfile.jvm";
    private static final String NATIVE = "src/main/docker/Dockerfile.native-micro";

    private record Instruction(String name, String arguments) {
    }

    /** Instructions without comments, one per line. */
    private static List<Instruction> instructions(String file) {
        try {
            String text = Files.readAllLines(Path.of(file)).stream().filter(line -> !line.startsWith("#"))
                    .collect(Collectors.joining("\n")).replace("\\\n", " ");
            return text.lines().map(String::strip).filter(line -> !line.isEmpty()).map(line -> line.split("\\s+", 2))
                    .map(parts -> new Instruction(parts[0], parts[1])).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Instructions of the final image. */
    private static List<Instruction> last(String file) {
        List<Instruction> all = instructions(file);
        int from = all.size() - 1;
        while (!all.get(from).name().equals("FROM")) {
            from--;
        }
        return all.subList(from, all.size());
    }

    private static Stream<String> arguments(List<Instruction> instructions, String name) {
        return instructions.stream().filter(one -> one.name().equals(name)).map(Instruction::arguments);
    }

    private static Stream<String> copied(String file) {
        return arguments(instructions(file), "COPY").filter(copy -> !copy.contains("--from")).flatMap(
                copy -> Stream.of(copy.replaceAll("--\\S+ ", "").replaceAll("\\s+\\S+$", "").split(" ")));
    }

    /** The files that an image copies from this directory. */
    static Set<String> copiedFrom(String file, String directory) {
        return copied(file).filter(path -> path.startsWith(directory)).map(path -> path.substring(directory.length()))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {BARE, JVM, NATIVE})
    void runsWithoutRootAndWithoutAShell(String file) {
        List<Instruction> last = last(file);

        assertThat(last.get(last.size() - 1)).isEqualTo(new Instruction("USER", "1001"));
        assertThat(arguments(last, "ENTRYPOINT")).singleElement().asString().startsWith("[\"").endsWith("\"]");
        assertThat(last).extracting(Instruction::name).doesNotContain("RUN", "HEALTHCHECK", "VOLUME", "CMD");
        assertThat(arguments(last, "EXPOSE")).containsExactly("8080 9000");
        assertThat(arguments(last, "ENV")).containsExactly("QUARKUS_LOG_CONSOLE_JSON_ENABLED=true");
    }

    @ParameterizedTest
    @ValueSource(strings = {BARE, JVM, NATIVE})
    void hasLabels(String file) {
        assertThat(arguments(last(file), "LABEL")).singleElement().asString().contains("title=", "description=",
                "source=", "licenses=\"Apache-2.0\"", "version=", "revision=");
    }

    @ParameterizedTest
    @ValueSource(strings = {BARE, JVM, NATIVE})
    void pinsItsBaseImages(String file) {
        assertThat(arguments(instructions(file), "FROM"))
                .allMatch(image -> image.matches("[a-z.]+/[a-z0-9/-]+:(?!latest)\\S+( AS build)?"));
    }

    @Test
    void hasTheSameFinalImageAsTheNativeDockerfile() {
        assertThat(last(BARE)).filteredOn(one -> !one.name().equals("COPY"))
                .isEqualTo(last(NATIVE).stream().filter(one -> !one.name().equals("COPY")).toList());
        assertThat(arguments(last(BARE), "COPY").map(copy -> copy.replace("--from=build ", "").replace("/code/", "")))
                .containsExactlyElementsOf(arguments(last(NATIVE), "COPY").toList());
    }

    @Test
    void usesTheBuilderImageOfMaven() throws IOException {
        var image = Pattern.compile("<mandrel.image>(.*)</mandrel.image>")
                .matcher(Files.readString(Path.of("pom.xml")));

        assertThat(image.find()).isTrue();
        assertThat(arguments(instructions(BARE), "FROM")).contains(image.group(1) + " AS build");
    }

    @Test
    void hasEveryCopiedFileInItsBuildContext() throws IOException {
        List<String> included = Files.readAllLines(Path.of(".dockerignore")).stream()
                .filter(line -> line.startsWith("!")).map(line -> line.substring(1)).toList();
        List<String> copied = Stream.of(BARE, JVM, NATIVE).flatMap(ImagesTest::copied).toList();

        assertThat(copied).contains("mvnw", ".mvn", "pom.xml", "src", "target/*-runner")
                .allMatch(path -> included.stream().anyMatch(one -> path.equals(one) || path.startsWith(one + "/")));
        assertThat(copied).filteredOn(path -> !path.startsWith("target")).allMatch(path -> Files.exists(Path.of(path)));
    }
}
