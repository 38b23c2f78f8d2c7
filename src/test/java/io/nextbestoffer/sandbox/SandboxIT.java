package io.nextbestoffer.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the sandbox as described in the README, except for Maven and the ports. */
class SandboxIT {

    @TempDir
    Path directory;

    @Test
    void decidesTheSamplesAndAccountsForEveryRecord() throws Exception {
        Path output = directory.resolve("output");

        Process sandbox = start(output, "-Dsandbox.kafka.port=" + FreePorts.free(),
                "-Dsandbox.postgres.port=" + FreePorts.free(), "-Dsandbox.http.port=" + FreePorts.free(),
                "-Dsandbox.management.port=" + FreePorts.free(), "-Dsandbox.rate=20", "-Dsandbox.exit-after=PT45S");

        assertThat(sandbox.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String printed = Files.readString(output);
        assertThat(sandbox.exitValue()).as(printed).isZero();
        assertThat(printed).containsPattern(
                "(?m)^sandbox ready kafka=127\\.0\\.0\\.1:\\d+ bank=postgresql://bank:bank@127\\.0\\.0\\.1:\\d+/bank "
                        + "nbo=postgresql://nbo:nbo@127\\.0\\.0\\.1:\\d+/nbo http=http://localhost:\\d+ "
                        + "management=http://localhost:\\d+ pid=\\d+$");
        assertThat(printed).contains("activity 7  customer 1 (mobile_open, p=0.97)  →  5 no_offer");
        assertThat(printed).containsPattern("sandbox done sent=\\d+ offers=\\d+ parked=0 dead-lettered=0 missing=0");
        assertThat(Integer.parseInt(first(printed, "sent=(\\d+)"))).isGreaterThan(13);
        assertThat(directory.resolve("tmp")).isEmptyDirectory();
        assertThat(ProcessHandle.of(Long.parseLong(first(printed, "pid=(\\d+)")))).isEmpty();
    }

    @Test
    void reportsThePortInUseAndItsProperty() throws Exception {
        Path output = directory.resolve("output");
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {

            Process sandbox = start(output, "-Dsandbox.kafka.port=" + taken.getLocalPort());

            assertThat(sandbox.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(sandbox.exitValue()).isEqualTo(1);
            assertThat(Files.readString(output)).contains("port " + taken.getLocalPort(), "-Dsandbox.kafka.port");
        }
    }

    @Test
    void reportsAMissingContainerRuntime() throws Exception {
        assumeFalse(System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock")),
                "a container runtime may answer");
        Path output = directory.resolve("output");

        Process sandbox = start(output, "-Duser.home=" + directory, "-Dsandbox.postgres=testcontainers");

        assertThat(sandbox.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(sandbox.exitValue()).isEqualTo(1);
        assertThat(Files.readString(output)).startsWith("-Dsandbox.postgres=testcontainers needs a container runtime")
                .hasLineCount(1);
    }

    private Process start(Path output, String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
                        "-Djava.io.tmpdir=" + Files.createDirectories(directory.resolve("tmp")),
                        "-Dfile.encoding=UTF-8",
                        "-Dstdout.encoding=UTF-8"));
        for (String property : List.of("sandbox.postgres", "sandbox.postgres.image")) {
            command.add("-D" + property + "=" + System.getProperty(property, ""));
        }
        command.addAll(List.of(options));
        command.addAll(List.of("-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Sandbox.class.getName()));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    }

    private static String first(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
        return matcher.group(1);
    }
}
