package io.nextbestoffer.simulation;

import java.time.Instant;
import java.util.List;

import io.nextbestoffer.simulation.SimulationRequest.Samples;

/** The samples of a request, decided at the current time. */
final class SampleCases implements Cases {

    private static final int PAGE = 1_000;

    private final List<byte[]> inputs;
    private final Instant now;
    private int next;

    SampleCases(Samples samples, Instant now) {
        this.inputs = samples.inputs();
        this.now = now;
    }

    @Override
    public Long total() {
        return (long) inputs.size();
    }

    @Override
    public Page next() {
        List<byte[]> page = inputs.subList(next, Math.min(next + PAGE, inputs.size()));
        next += page.size();
        return new Page(page.size(),
                page.stream().map(sample -> new Case(Case.inputs(sample), null, now, null)).toList(), List.of());
    }
}
