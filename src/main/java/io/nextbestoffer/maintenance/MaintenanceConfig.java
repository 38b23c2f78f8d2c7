package io.nextbestoffer.maintenance;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.operations")
interface MaintenanceConfig {

    /** Largest share of the known customers, from 0 to 1, that a reconciliation erases without {@code force=true}. */
    @WithDefault("0.05")
    @DecimalMin("0")
    @DecimalMax("1")
    double reconcileMaxShare();
}
