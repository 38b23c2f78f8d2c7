package io.nextbestoffer.kafka.stage;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.eclipse.microprofile.config.ConfigProvider;

/** What this replica is called in Kafka. */
final class ReplicaName {

    private ReplicaName() {
    }

    /** As configured; else the host (in Kubernetes the pod) and the HTTP port, which no two replicas share. */
    static String name(StageConfig config) {
        return config.instance().orElseGet(() -> {
            try {
                return "next-best-offer-" + InetAddress.getLocalHost().getHostName() + "-"
                        + ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
            } catch (UnknownHostException e) {
                throw new IllegalStateException("this host has no name; set nbo.stream.instance", e);
            }
        });
    }
}
