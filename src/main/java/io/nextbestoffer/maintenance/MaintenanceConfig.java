package io.nextbestoffer.maintenance;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.operations")
public interface MaintenanceConfig {

    /** Share of the known customers, 0 to 1, above which a reconciliation erases only if it is forced to. */
    @WithDefault("0.05")
    @DecimalMin("0")
    @DecimalMax("1")
    double reconcileMaxShare();
}
