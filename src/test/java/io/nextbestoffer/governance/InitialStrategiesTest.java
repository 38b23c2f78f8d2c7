package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.strategy.Routing;
import io.quarkus.runtime.configuration.ConfigurationException;

class InitialStrategiesTest {

    @TempDir
    Path directory;

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Test
    void readsAllShippedStrategiesAndRoutesToTheFirstActiveOne() {
        var initial = InitialStrategies.read(List.of("banking", " private-banking "));

        assertThat(initial.strategies()).containsOnlyKeys("banking", "insurance", "private-banking");
        assertThat(initial.active()).containsExactly("banking", "private-banking");
        var routing = (Routing) initial.routing().document();
        assertThat(routing.fallback()).isEqualTo("banking");
        assertThat(routing.routes()).isEmpty();
    }

    @Test
    void readsFiles() throws IOException {
        String own = file("own.yaml", "strategy: our-own\nrules: []\notherwise: 1");
        String replacement = file("banking.json",
                "{\"strategy\": \"banking\", \"rules\": [], \"otherwise\": \"none\"}");

        var initial = InitialStrategies.read(List.of(own, replacement));

        assertThat(initial.active()).containsExactly("our-own", "banking");
        assertThat(initial.strategies()).containsOnlyKeys("banking", "insurance", "private-banking", "our-own");
        assertThat(initial.strategies().get("banking").text()).startsWith("{");
    }

    @Test
    void rejectsInvalidEntries() throws IOException {
        assertRejected("bankng",
                "names the strategy bankng, which does not ship with the service: did you mean banking?");
        assertRejected(directory.resolve("no.yaml").toString(), "can't be read");
        assertRejected(file("broken.yml", "strategy: x\nrules: []"), "line 1, column 1: the document has no otherwise");
        assertRejected(file("routing.yaml", "routes: []\ndefault: banking"), "is a routing");
        assertThatThrownBy(() -> InitialStrategies.read(List.of("banking", "banking")))
                .hasMessageContaining("names the strategy banking twice");
    }

    private static void assertRejected(String entry, String message) {
        assertThatThrownBy(() -> InitialStrategies.read(List.of(entry))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nbo.strategies.initial").hasMessageContaining(message);
    }
}
