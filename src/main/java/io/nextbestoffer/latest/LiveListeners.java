package io.nextbestoffer.latest;

import java.util.HashMap;
import java.util.Map;

import io.nextbestoffer.platform.Problems;

/** Counts the listeners of the live stream. Not thread-safe. */
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

    /** Fails with a problem if one more listener of this client would exceed a limit. */
    void check(String client) {
        if (byClient.getOrDefault(client, 0) >= config.listenersPerClient()) {
            throw Problems.problem(429, "too-many-streams", "Too many live streams",
                    "A client can have " + config.listenersPerClient() + " live streams at the same time.").build();
        }
        if (count >= config.listeners()) {
            throw Problems.problem(503, "too-many-streams", "Too many live streams",
                    "This replica serves " + config.listeners()
                            + " live streams at the same time. Try another replica, or try later.")
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
