package io.nextbestoffer.sandbox;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Marks an integration test that starts its own infrastructure, and so can run in parallel with the tests that share
 * the service of {@link SandboxResource}: most of the time, tests wait for a start, a rebalance or a timeout. Marked
 * classes run one at a time, beside the classes without this annotation; both groups should take about the same time. A
 * test that measures times is {@code @Isolated} instead.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("own infrastructure")
public @interface OwnInfrastructure {
}
