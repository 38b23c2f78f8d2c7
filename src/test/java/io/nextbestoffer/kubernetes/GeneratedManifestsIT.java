package io.nextbestoffer.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

/** The base is a copy of what the build makes, so that nobody needs to build in order to deploy. */
class GeneratedManifestsIT {

    private static final Path BUILT = Path.of("target/kubernetes/kubernetes.yml");
    private static final Path BASE = Manifests.DEPLOY.resolve("kubernetes/base/next-best-offer.yaml");

    @Test
    void theBaseIsWhatTheBuildMade() {
        assertThat(Manifests.read(BASE))
                .as("%s differs from what application.properties and src/main/kubernetes make. Run: cp %s %s", BASE,
                        BUILT, BASE)
                .containsExactlyInAnyOrderElementsOf(Manifests.read(BUILT));
    }
}
