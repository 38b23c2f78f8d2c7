package io.nextbestoffer.job;

/** The work of a job. Blocks; every step of it can be repeated. */
@FunctionalInterface
public interface JobTask {

    /**
     * @return the result, which is stored as JSON and must not contain personal data
     * @throws JobRefusedException if it can't go on
     */
    Object run(JobProgress progress);
}
