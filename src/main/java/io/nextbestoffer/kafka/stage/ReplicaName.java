package io.nextbestoffer.kafka.stage;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.eclipse.microprofile.config.ConfigProvider;

/** The name of this replica in Kafka. */
final class ReplicaName {

    private ReplicaName() {
    }

    /** The configured name, or the host (in Kubernetes the pod) with the HTTP port, which no two replicas share. */
    static String of(StageConfig config) {
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
