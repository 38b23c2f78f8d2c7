package io.nextbestoffer.latest;

import java.util.HashMap;
import java.util.Map;

import io.nextbestoffer.platform.Problems;

/** Who listens to the live stream, counted. Not thread-safe. */
final class LiveListeners {

    private final LiveStreamConfig config;
    private final Map<String, Integer> byClient = new HashMap<>();
    private int count;

    LiveListeners(LiveStreamConfig config) {
        this.config = config;
    }

    int count() {
        return count;
    }

    /** Fails with a problem if one more would be one too many. */
    void check(String client) {
        if (byClient.getOrDefault(client, 0) >= config.listenersPerClient()) {
            throw Problems.problem(429, "too-many-streams", "Too many live streams",
                    "One client may have " + config.listenersPerClient() + " at the same time.").build();
        }
        if (count >= config.listeners()) {
            throw Problems.problem(503, "too-many-streams", "Too many live streams",
                    "This replica serves " + config.listeners() + " at the same time. Try another one, or later.")
                    .withHeader("Retry-After", 10).build();
        }
    }

    void enter(String client) {
        count++;
        byClient.merge(client, 1, Integer::sum);
    }

    void leave(String client) {
        count--;
        byClient.computeIfPresent(client, (same, streams) -> streams == 1 ? null : streams - 1);
    }
}
