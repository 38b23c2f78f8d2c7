package io.nextbestoffer.governance;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.nextbestoffer.strategy.Finding;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A finding in a response.
 *
 * @param severity {@code error} (prevents the activation), {@code warning} or {@code note}
 * @param line from 1; absent if the finding has no position
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
