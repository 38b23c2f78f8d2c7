package io.nextbestoffer.kafka.topic;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.topics")
public interface TopicConfig {

    /** What Kafka takes for a topic's name. */
    String NAME = "[A-Za-z0-9._-]{1,249}";

    /** What is done about the topics at start: create (what is missing), verify or none. */
    @WithDefault("verify")
    Management management();

    enum Management {
        /** Creates topics that are missing; verifies those that are there. */
        CREATE,
        /** Says what is wrong with them. */
        VERIFY,
        /** Takes them as they are. */
        NONE
    }

    Creation creation();

    /** Of topics that are created. */
    interface Creation {

        /** Partitions of input topics; dead-letter, output and trace topics get as many as their input has. */
        @WithDefault("6")
        @Min(1)
        @Max(10_000)
        int partitions();

        /** Replication factor; -1: the broker's default. */
        @WithDefault("-1")
        @Min(-1)
        @Max(32_767)
        short replicationFactor();
    }

    /** What customers do; read, and written by {@code POST /activities}. */
    @WithDefault("customer-activity")
    @Pattern(regexp = NAME)
    String activities();

    /** Changes of the bank's customers, as Debezium writes them; read. */
    @WithDefault("bank.public.customers")
    @Pattern(regexp = NAME)
    String customers();

    /** Offers made; written. */
    @WithDefault("next-best-offers")
    @Pattern(regexp = NAME)
    String offers();

    /** Every decision with what it was decided from; written, and read by {@code nbo.traces.store}. */
    @WithDefault("decision-traces")
    @Pattern(regexp = NAME)
    String traces();
}
