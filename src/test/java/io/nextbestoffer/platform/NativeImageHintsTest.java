package io.nextbestoffer.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.runtime.annotations.RegisterResources;

/**
 * Checks that the classes, members and files that the native image's hints name exist: a new version of a library may
 * have renamed them.
 */
class NativeImageHintsTest {

    private static final String METADATA = "META-INF/native-image/io.nextbestoffer/next-best-offer/";

    @Test
    void hintsNameExistingClasses() throws ReflectiveOperationException {
        for (String name : hinted()) {
            assertThat(find(name)).as(name).isNotNull();
        }
    }

    /** LZ4Factory and XXHashFactory compose the names: "LZ4" + implementation + "Compressor", and so on. */
    @ParameterizedTest
    @CsvSource({"nativeInstance", "unsafeInstance", "safeInstance"})
    void hintsNameAllClassesThatLz4LooksUp(String implementation) throws ReflectiveOperationException {
        Set<String> used = new TreeSet<>();
        for (String factory : List.of("net.jpountz.lz4.LZ4Factory", "net.jpountz.xxhash.XXHashFactory")) {
            Object instance = find(factory).getMethod(implementation).invoke(null);
            for (Field field : instance.getClass().getDeclaredFields()) {
                field.setAccessible(true);
                Object value = field.get(instance);
                Stream.of(value instanceof Object[] several ? several : new Object[]{value})
                        .filter(part -> part != null).map(part -> part.getClass().getName())
                        .filter(name -> name.startsWith("net.jpountz") && !name.equals(factory)).forEach(used::add);
            }
        }

        assertThat(used).hasSize(8);
        assertThat(hinted()).containsAll(used);
    }

    @Test
    void hintsNameExistingNativeLibraries() throws IOException, ClassNotFoundException {
        List<String> zstd = entries("com.github.luben.zstd.Zstd");
        List<String> lz4 = entries("net.jpountz.lz4.LZ4Factory");
        for (String glob : NativeImageHints.class.getAnnotation(RegisterResources.class).globs()) {
            var pattern = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            assertThat(Stream.concat(zstd.stream(), lz4.stream()).filter(entry -> pattern.matches(Path.of(entry))))
                    .as(glob).hasSize(1);
        }
        assertThat(entries("org.xerial.snappy.Snappy")).as("Snappy ships hints for its own native libraries")
                .anyMatch(entry -> entry.startsWith("META-INF/native-image/") && entry.endsWith("-config.json"));
    }

    @Test
    void metadataNamesMembersThatNativeCodeLooksUp() throws IOException, ReflectiveOperationException {
        JsonNode metadata;
        try (InputStream in = open("reachability-metadata.json")) {
            metadata = new ObjectMapper().readTree(in);
        }
        assertThat(metadata.get("reflection")).isNotEmpty();
        for (JsonNode entry : metadata.get("reflection")) {
            Class<?> type = find(entry.get("type").asText());
            for (JsonNode field : entry.path("fields")) {
                assertThat(type.getDeclaredField(field.get("name").asText())).isNotNull();
            }
            for (JsonNode method : entry.path("methods")) {
                assertThat(method.get("parameterTypes")).hasSize(1);
                assertThat(method.get("parameterTypes").get(0).asText()).isEqualTo("int");
                assertThat(type.getDeclaredMethod(method.get("name").asText(), int.class)).isNotNull();
            }
        }
    }

    @Test
    void argumentsNameExistingClassesToInitializeAtRunTime() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = open("native-image.properties")) {
            properties.load(in);
        }
        String arguments = properties.getProperty("Args");
        assertThat(arguments).startsWith("--initialize-at-run-time=");
        for (String name : arguments.substring(arguments.indexOf('=') + 1).split(",")) {
            String path = name.replace('.', '/');
            assertThat(Stream.of(path + ".class", path + "/")
                    .map(NativeImageHintsTest.class.getClassLoader()::getResource))
                    .as(name).anyMatch(url -> url != null);
        }
    }

    private static List<String> hinted() {
        return List.of(NativeImageHints.class.getAnnotation(RegisterForReflection.class).classNames());
    }

    private static Class<?> find(String name) throws ClassNotFoundException {
        return Class.forName(name, false, NativeImageHintsTest.class.getClassLoader());
    }

    private static InputStream open(String name) {
        return NativeImageHints.class.getClassLoader().getResourceAsStream(METADATA + name);
    }

    /** The entries of the jar that contains the class. */
    private static List<String> entries(String type) throws IOException, ClassNotFoundException {
        URL url = find(type).getResource("/" + type.replace('.', '/') + ".class");
        return ((JarURLConnection) url.openConnection()).getJarFile().stream().map(entry -> entry.getName()).toList();
    }
}
