package io.nextbestoffer.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import com.fasterxml.jackson.databind.JsonNode;

/** Receives a service's log as JSON over a socket, in addition to the text log of its console. */
public final class JsonLogReceiver implements AutoCloseable {

    private final ServerSocket server;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    JsonLogReceiver() {
        try {
            server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SandboxInfrastructure.thread("json-log", this::accept).start();
    }

    /** Configures a service to send its log here. */
    Map<String, String> serviceProperties() {
        return Map.of("quarkus.log.socket.enabled", "true", //
                "quarkus.log.socket.endpoint", "localhost:" + server.getLocalPort(), //
                "quarkus.log.socket.json.enabled", "true");
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                SandboxInfrastructure.thread("json-log", () -> read(socket)).start();
            }
        } catch (IOException e) {
            // The test has ended.
        }
    }

    /** Stops at a line of text: Quarkus passes the service's properties to the tests' JVM too, which logs text. */
    private void read(Socket socket) {
        try (socket;
                var reader = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().takeWhile(line -> line.startsWith("{")).forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // The service has ended.
        }
    }

    /** All lines received so far; fails if one of them is not a JSON object. */
    public List<JsonNode> lines() {
        return lines.stream().map(line -> TestTraffic.json(line.getBytes(StandardCharsets.UTF_8))).toList();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
