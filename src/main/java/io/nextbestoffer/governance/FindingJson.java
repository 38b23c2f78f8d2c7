package io.nextbestoffer.governance;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.nextbestoffer.strategy.Finding;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A finding as it is told over REST.
 *
 * @param severity {@code error} (it can't be activated), {@code warning} or {@code note}
 * @param line from 1; absent if it is nowhere in particular
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record FindingJson(String severity, @Nullable Integer line, @Nullable Integer column, String message) {

    static FindingJson of(Finding finding) {
        return new FindingJson(finding.severity().name().toLowerCase(Locale.ROOT),
                finding.line() == 0 ? null : finding.line(),
                finding.line() == 0 ? null : finding.column(), finding.message());
    }
}
