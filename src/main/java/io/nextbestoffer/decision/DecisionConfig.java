package io.nextbestoffer.decision;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.decisions")
interface DecisionConfig {

    /**
     * How long, at most, a replica decides synthetic activities before it joins its consumer group, so that the
     * just-in-time compiler has done most of its work when the first real activity arrives. Their results are thrown
     * away. 0 = none. A native executable needs none.
     */
    @WithDefault("PT2S")
    @DurationMin
    @DurationMax(minutes = 1)
    Duration warmUp();
}
