package io.nextbestoffer.kafka.topic;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.topics")
public interface TopicConfig {

    /** Names that Kafka accepts for topics. */
    String NAME = "[A-Za-z0-9._-]{1,249}";

    /**
     * What the service does about topics at start and every 5 minutes: {@code verify} reports missing topics and wrong
     * settings, {@code create} also creates missing topics, {@code none} checks nothing.
     */
    @WithDefault("verify")
    Management management();

    enum Management {
        /** Creates missing topics and verifies the others. */
        CREATE,
        /** Reports missing topics and wrong settings. */
        VERIFY,
        /** Checks nothing. */
        NONE
    }

    Creation creation();

    /** Settings of the topics that the service creates. */
    interface Creation {

        /** Partitions of input topics. All other topics get as many partitions as their input topic. */
        @WithDefault("6")
        @Min(1)
        @Max(10_000)
        int partitions();

        /** Replication factor. -1 = the broker's default. */
        @WithDefault("-1")
        @Min(-1)
        @Max(32_767)
        short replicationFactor();
    }

    /** Topic of activities. The service reads it, and writes to it for {@code POST /activities}. */
    @WithDefault("customer-activity")
    @Pattern(regexp = NAME)
    String activities();

    /** Topic of changes to the bank's customers, written by Debezium. */
    @WithDefault("bank.public.customers")
    @Pattern(regexp = NAME)
    String customers();

    /** Topic that offers are written to. */
    @WithDefault("next-best-offers")
    @Pattern(regexp = NAME)
    String offers();

    /**
     * Topic of the decision log: every decision with its inputs. Latest offers and past decisions in Postgres are views
     * of it.
     */
    @WithDefault("decision-traces")
    @Pattern(regexp = NAME)
    String traces();
}
