package io.nextbestoffer.decision;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.strategy")
public interface StrategyConfig {

    /** The strategy's document, on the class path. */
    @WithDefault("strategies/banking.yaml")
    String document();
}
