package io.nextbestoffer.decision;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.decisions")
interface DecisionConfig {

    /**
     * Longest time that a replica decides synthetic activities before it joins its consumer group, so that the
     * just-in-time compiler has done most of its work when the first real activity arrives. The results are discarded.
     * 0 = no warm-up. A native executable needs none.
     */
    @WithDefault("PT2S")
    @DurationMin
    @DurationMax(minutes = 1)
    Duration warmUp();
}
