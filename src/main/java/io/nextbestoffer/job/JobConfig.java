package io.nextbestoffer.job;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.jobs")
interface JobConfig {

    /**
     * How long a replica may send no heartbeat before its jobs count as abandoned: another replica takes them over, or
     * they are lost. Replicas send one each second.
     */
    @WithDefault("PT30S")
    @DurationMin(seconds = 5)
    @DurationMax(minutes = 10)
    Duration heartbeatTimeout();
}
