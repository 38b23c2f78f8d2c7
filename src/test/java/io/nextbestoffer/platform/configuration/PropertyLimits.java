package io.nextbestoffer.platform.configuration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.nextbestoffer.platform.configuration.DocumentedProperties.Property;

/**
 * The limits that the constraints of a property set.
 *
 * @param words the limits as text
 * @param below a value just below the lower bound
 * @param above a value just above the upper bound
 * @param invalid values that the constraints reject
 */
record PropertyLimits(List<String> words, Optional<String> below, Optional<String> above, List<String> invalid) {

    static PropertyLimits of(Property property) {
        var words = new ArrayList<String>();
        var invalid = new ArrayList<String>();
        Optional<String> below = Optional.empty();
        Optional<String> above = Optional.empty();
        var min = property.constraint(Min.class);
        var max = property.constraint(Max.class);
        if (min.isPresent()) {
            words.add("at least " + min.get().value());
            below = Optional.of(Long.toString(min.get().value() - 1));
        }
        if (max.isPresent()) {
            words.add("at most " + max.get().value());
            above = Optional.of(Long.toString(max.get().value() + 1));
        }
        var least = property.constraint(DecimalMin.class);
        var most = property.constraint(DecimalMax.class);
        if (least.isPresent()) {
            words.add((least.get().inclusive() ? "at least " : "more than ") + least.get().value());
            below = Optional.of(Double.toString(Double.parseDouble(least.get().value()) - 1));
        }
        if (most.isPresent()) {
            words.add((most.get().inclusive() ? "at most " : "less than ") + most.get().value());
            above = Optional.of(Double.toString(Double.parseDouble(most.get().value()) + 1));
        }
        var shortest = property.constraint(DurationMin.class);
        var longest = property.constraint(DurationMax.class);
        if (shortest.isPresent()) {
            Duration duration = duration(shortest.get());
            words.add("at least " + text(duration));
            below = Optional.of(duration.minusNanos(1).toString());
        }
        if (longest.isPresent()) {
            Duration duration = duration(longest.get());
            words.add("at most " + text(duration));
            above = Optional.of(duration.plusNanos(1).toString());
        }
        if (property.constraint(NotBlank.class).isPresent()) {
            words.add("not blank");
            invalid.add(" ");
        }
        property.constraint(Pattern.class).ifPresent(pattern -> {
            words.add("`" + pattern.regexp() + "`");
            invalid.add("not / this");
            invalid.add("x".repeat(1_000));
        });
        below.ifPresent(invalid::add);
        above.ifPresent(invalid::add);
        if (property.isNumber() || property.type() == Duration.class || property.type().isEnum()) {
            invalid.add("nonsense");
        }
        return new PropertyLimits(words, below, above, invalid);
    }

    /** ISO-8601, in days where possible: {@link Duration#toString} would show hours. */
    private static String text(Duration duration) {
        return duration.isZero() || !duration.equals(Duration.ofDays(duration.toDays()))
                ? duration.toString()
                : "P" + duration.toDays() + "D";
    }

    private static Duration duration(DurationMin min) {
        return Duration.ofDays(min.days()).plusHours(min.hours()).plusMinutes(min.minutes()).plusSeconds(min.seconds())
                .plusMillis(min.millis()).plusNanos(min.nanos());
    }

    private static Duration duration(DurationMax max) {
        return Duration.ofDays(max.days()).plusHours(max.hours()).plusMinutes(max.minutes()).plusSeconds(max.seconds())
                .plusMillis(max.millis()).plusNanos(max.nanos());
    }
}
