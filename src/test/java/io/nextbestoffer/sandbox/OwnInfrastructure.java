package io.nextbestoffer.sandbox;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Marks an integration test that starts whatever it needs itself, and so can run beside the tests of the shared
 * service of {@link SandboxResource}: most of the time either waits for a start, a rebalance or a timeout. One marked
 * class runs at a time; the classes without this annotation are the other track, and both should take about the same
 * time. A test that measures times is {@code @Isolated} instead.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("own infrastructure")
public @interface OwnInfrastructure {
}
