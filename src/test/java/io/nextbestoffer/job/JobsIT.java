package io.nextbestoffer.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.job.JobProgress.Report;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** Tests the SQL statements of {@link Jobs} in a real Postgres. */
@OwnInfrastructure
class JobsIT {

    private static final JobKind EXCLUSIVE = SampleJobs.kind("repair", true);
    private static final JobKind PARALLEL = SampleJobs.kind("simulation", false);
    private static final JobTask IN_MEMORY = progress -> "done";

    private static ServiceDatabase database;
    private static Pool pool;

    private final Jobs jobs = new Jobs(pool, () -> Duration.ofSeconds(30));

    @BeforeAll
    static void start() {
        database = new ServiceDatabase();
        pool = database.pool(4, ServiceDatabase.PLANS_OF_THE_SERVICE);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void emptyTheTable() throws SQLException {
        database.execute("truncate job");
    }

    private static <T> T get(Uni<T> step) {
        return step.await().atMost(Duration.ofSeconds(20));
    }

    private UUID insert(JobKind kind, @Nullable JobTask task, @Nullable String replica) {
        UUID id = UUID.randomUUID();
        assertThat(get(jobs.insert(id, new JobRequest(kind, "banking", "{\"days\":7}", task), "jane", replica, 100)))
                .isTrue();
        return id;
    }

    private UUID running(String replica) {
        UUID id = insert(PARALLEL, null, null);
        assertThat(get(jobs.claim(List.of("simulation"), replica, List.of())).id()).isEqualTo(id);
        return id;
    }

    private @Nullable Job claim(String replica, UUID... held) {
        return get(jobs.claim(List.of("simulation"), replica, List.of(held)));
    }

    private Job find(UUID id) {
        return get(jobs.find(id));
    }

    private Map<UUID, JobState> heartbeat(String replica, UUID id, int attempt, Report report) {
        return get(jobs.heartbeat(replica, List.of(new Jobs.Beat(id, attempt, report))));
    }

    private static void setHeartbeatAge(int seconds) throws SQLException {
        database.execute("update job set heartbeat_at = now() - interval '" + seconds + " seconds'");
    }

    @Test
    void runsAJobFromQueuedToDone() {
        UUID id = insert(PARALLEL, null, null);
        assertThat(find(id).state()).isEqualTo(JobState.QUEUED);
        assertThat(find(id).by()).isEqualTo("jane");
        assertThat(find(id).subject()).isEqualTo("banking");
        assertThat(find(id).replica()).isNull();

        Job claimed = claim("here");
        assertThat(claimed).isEqualTo(find(id));
        assertThat(claimed.state()).isEqualTo(JobState.RUNNING);
        assertThat(claimed.replica()).isEqualTo("here");
        assertThat(claimed.attempt()).isEqualTo(1);
        assertThat(claimed.startedAt()).isNotNull();
        assertThat(claim("there")).as("is taken").isNull();

        assertThat(heartbeat("here", id, 1, new Report(3, 7L, "{\"at\":3}"))).isEqualTo(Map.of(id, JobState.RUNNING));
        assertThat(find(id).done()).isEqualTo(3);
        assertThat(find(id).total()).isEqualTo(7);
        assertThat(find(id).checkpoint()).isEqualTo("{\"at\":3}");

        assertThat(get(jobs.end(JobTransition.COMPLETE, id, 1, new Report(7, 7L, null), "{\"count\":7}", null)))
                .isTrue();
        Job done = find(id);
        assertThat(done.state()).isEqualTo(JobState.DONE);
        assertThat(done.result()).isEqualTo("{\"count\":7}");
        assertThat(done.parameters()).isEqualTo("{\"days\":7}");
        assertThat(done.finishedAt()).isNotNull();
        assertThat(heartbeat("here", id, 1, new Report(7, 7L, null))).isEmpty();
    }

    @Test
    void runsOneExclusiveJobOfAKindAtATime() {
        UUID id = insert(EXCLUSIVE, null, null);
        var another = new JobRequest(EXCLUSIVE, null, "{}", null);

        assertThat(get(jobs.insert(UUID.randomUUID(), another, null, null, 0))).isFalse();
        get(jobs.pause(id, null));
        assertThat(get(jobs.insert(UUID.randomUUID(), another, null, null, 0))).as("while it is paused").isFalse();
        get(jobs.cancel(id, null));
        assertThat(get(jobs.insert(UUID.randomUUID(), another, null, null, 0))).isTrue();
    }

    @Test
    void rejectsJobsBeyondTheLimitOfTheQueue() {
        UUID queued = insert(PARALLEL, null, null);
        var another = new JobRequest(PARALLEL, null, "{}", null);

        assertThat(get(jobs.insert(UUID.randomUUID(), another, null, null, 1))).isFalse();
        get(jobs.pause(queued, null));
        assertThat(get(jobs.insert(UUID.randomUUID(), another, null, null, 1))).as("paused ones count").isFalse();
        get(jobs.cancel(queued, null));
        assertThat(get(jobs.insert(UUID.randomUUID(), another, null, null, 1))).isTrue();
    }

    @Test
    void recordsWhoPausesResumesAndCancels() {
        UUID id = running("here");

        assertThat(get(jobs.pause(id, "paula"))).isTrue();
        assertThat(get(jobs.pause(id, "peter"))).as("is already paused").isFalse();
        assertThat(find(id).state()).isEqualTo(JobState.PAUSED);
        assertThat(heartbeat("here", id, 1, new Report(1, null, null))).isEqualTo(Map.of(id, JobState.PAUSED));
        assertThat(claim("here", id)).isNull();

        assertThat(get(jobs.resume(id, "rosa"))).isTrue();
        Job resumed = claim("here", id);
        assertThat(resumed.id()).isEqualTo(id);
        assertThat(resumed.attempt()).as("continues").isEqualTo(1);

        assertThat(get(jobs.cancel(id, "carl"))).isTrue();
        assertThat(get(jobs.cancel(id, "cecil"))).as("has already ended").isFalse();
        Job cancelled = find(id);
        assertThat(List.of(cancelled.pausedBy(), cancelled.resumedBy(), cancelled.cancelledBy()))
                .containsExactly("paula", "rosa", "carl");
        assertThat(cancelled.finishedAt()).isNotNull();
    }

    @Test
    void ignoresReportsOnACancelledJob() {
        UUID id = running("here");
        get(jobs.cancel(id, null));

        assertThat(heartbeat("here", id, 1, new Report(3, null, null))).as("no longer held by its replica").isEmpty();
        assertThat(get(jobs.end(JobTransition.COMPLETE, id, 1, new Report(7, 7L, null), "{}", null))).isFalse();
        assertThat(get(jobs.end(JobTransition.FAIL, id, 1, new Report(7, 7L, null), null, "late"))).isFalse();
        assertThat(get(jobs.pause(id, null))).isFalse();
        assertThat(get(jobs.resume(id, null))).isFalse();

        assertThat(find(id).state()).isEqualTo(JobState.CANCELLED);
        assertThat(find(id).result()).isNull();
        assertThat(find(id).problem()).isNull();
    }

    @Test
    void completesAJobThatWasPausedDuringItsLastStep() {
        UUID id = running("here");
        get(jobs.pause(id, null));

        assertThat(get(jobs.end(JobTransition.COMPLETE, id, 1, new Report(7, 7L, null), "{}", null))).isTrue();

        assertThat(find(id).state()).isEqualTo(JobState.DONE);
    }

    @Test
    void takesOverAJobWithoutHeartbeat() throws SQLException {
        UUID id = running("gone");
        heartbeat("gone", id, 1, new Report(3, 7L, "{\"at\":3}"));

        setHeartbeatAge(29);
        assertThat(claim("here")).isNull();
        setHeartbeatAge(31);
        assertThat(get(jobs.loseAbandoned())).isZero();
        Job claimed = claim("here");

        assertThat(claimed.id()).isEqualTo(id);
        assertThat(claimed.attempt()).isEqualTo(2);
        assertThat(claimed.checkpoint()).isEqualTo("{\"at\":3}");
        // The first replica comes back
        assertThat(heartbeat("gone", id, 1, new Report(4, 7L, "{\"at\":4}"))).isEmpty();
        assertThat(get(jobs.end(JobTransition.COMPLETE, id, 1, new Report(7, 7L, null), "{}", null))).isFalse();
        assertThat(find(id).state()).isEqualTo(JobState.RUNNING);
        assertThat(find(id).checkpoint()).isEqualTo("{\"at\":3}");
    }

    @Test
    void losesAJobThatFourReplicasHaveAbandoned() throws SQLException {
        UUID id = running("gone");
        for (int takeover = 1; takeover <= 3; takeover++) {
            setHeartbeatAge(31);
            assertThat(get(jobs.loseAbandoned())).isZero();
            assertThat(claim("replica " + takeover).attempt()).isEqualTo(takeover + 1);
        }

        setHeartbeatAge(31);
        assertThat(get(jobs.loseAbandoned())).isEqualTo(1);

        assertThat(find(id).state()).isEqualTo(JobState.LOST);
        assertThat(find(id).problem()).isEqualTo("its replica went away 4 times");
    }

    @Test
    void losesAJobWithTheOnlyReplicaThatHasItsTask() throws SQLException {
        UUID id = insert(PARALLEL, IN_MEMORY, "here");
        assertThat(claim("there")).isNull();
        assertThat(heartbeat("here", id, 0, new Report(0, null, null))).isEqualTo(Map.of(id, JobState.QUEUED));

        setHeartbeatAge(31);
        assertThat(claim("there")).isNull();
        assertThat(get(jobs.loseAbandoned())).isEqualTo(1);

        assertThat(find(id).state()).isEqualTo(JobState.LOST);
        assertThat(find(id).problem()).isEqualTo("its replica went away, and no other replica has its data");
        assertThat(claim("here", id)).isNull();
    }

    @Test
    void claimsAJobOnTheReplicaThatHasItsTask() {
        UUID id = insert(PARALLEL, IN_MEMORY, "here");

        Job claimed = claim("here", id);

        assertThat(claimed.id()).isEqualTo(id);
        assertThat(claimed.attempt()).isEqualTo(1);
    }

    @Test
    void releasesTheJobsOfAStoppingReplicaAtOnce() {
        UUID id = running("here");
        UUID inMemory = insert(PARALLEL, IN_MEMORY, "here");

        get(jobs.release("here", List.of(id, inMemory)));

        assertThat(find(id).state()).isEqualTo(JobState.QUEUED);
        assertThat(find(inMemory).state()).isEqualTo(JobState.LOST);
        assertThat(find(inMemory).problem()).isEqualTo("its replica stopped, and no other replica has its data");
        assertThat(claim("there").attempt()).isEqualTo(2);
    }

    @Test
    void claimsAResumedJobOfALostReplica() throws SQLException {
        UUID paused = running("gone");
        get(jobs.pause(paused, null));
        setHeartbeatAge(31);
        assertThat(get(jobs.loseAbandoned())).isZero();
        assertThat(claim("here")).as("stays paused").isNull();

        get(jobs.resume(paused, null));

        assertThat(claim("here").attempt()).isEqualTo(2);
    }

    @Test
    void claimsTheOldestFirst() throws SQLException {
        UUID first = insert(PARALLEL, null, null);
        UUID second = insert(PARALLEL, null, null);
        database.execute("update job set created_at = now() - interval '1 hour' where job_id = '" + second + "'");

        assertThat(claim("here").id()).isEqualTo(second);
        assertThat(claim("here").id()).isEqualTo(first);
    }

    @Test
    void listsTheNewestFirstPageByPage() throws SQLException {
        for (int i = 1; i <= 5; i++) {
            UUID id = new UUID(0, i);
            get(jobs.insert(id, new JobRequest(PARALLEL, null, "{}", null), null, null, 100));
            // Two of them at the same time
            database.execute("update job set created_at = now() - interval '%d hours' where job_id = '%s'"
                    .formatted(10 - (i == 3 ? 2 : i), id));
        }
        insert(EXCLUSIVE, null, null);
        List<String> kinds = List.of("simulation");

        List<Job> first = get(jobs.page(kinds, null, 3, false));

        assertThat(first).extracting(Job::id).containsExactly(new UUID(0, 5), new UUID(0, 4), new UUID(0, 3));
        assertThat(first).allMatch(job -> job.parameters() == null && job.result() == null);
        assertThat(get(jobs.page(kinds, new UUID(0, 3), 3, true))).extracting(Job::id)
                .containsExactly(new UUID(0, 2), new UUID(0, 1));
        assertThat(get(jobs.page(kinds, new UUID(0, 9), 3, true))).isEmpty();
        assertThat(get(jobs.page(List.of("simulation", "repair"), null, 10, true))).hasSize(6)
                .allMatch(job -> job.parameters() != null);
    }

    @Test
    void countsByKindAndState() {
        running("here");
        insert(PARALLEL, null, null);
        insert(PARALLEL, null, null);
        get(jobs.cancel(insert(EXCLUSIVE, null, null), null));

        assertThat(get(jobs.count())).isEqualTo(Map.of("simulation",
                Map.of(JobState.RUNNING, 1L, JobState.QUEUED, 2L), "repair", Map.of(JobState.CANCELLED, 1L)));
    }

    @Test
    void deletesOldJobsOfAKindThatAreNeitherQueuedNorRunning() throws SQLException {
        UUID running = running("here");
        UUID paused = insert(PARALLEL, null, null);
        get(jobs.pause(paused, null));
        UUID other = insert(EXCLUSIVE, null, null);
        get(jobs.cancel(other, null));
        database.execute("update job set created_at = now() - interval '7 days'");
        UUID recent = insert(PARALLEL, null, null);
        get(jobs.cancel(recent, null));

        assertThat(get(jobs.deleteOlderThan(Duration.ofDays(7), "simulation"))).isEqualTo(1);

        assertThat(get(jobs.find(paused))).isNull();
        assertThat(List.of(find(running), find(other), find(recent))).doesNotContainNull();
    }

    @Test
    void returnsTheTimeOfTheLastChangeOfAKind() {
        assertThat(get(jobs.lastChange("simulation"))).isNull();
        UUID id = running("here");
        var claimed = get(jobs.lastChange("simulation"));
        get(jobs.pause(id, null));

        assertThat(get(jobs.lastChange("simulation"))).isAfter(claimed);
        assertThat(get(jobs.lastChange("repair"))).isNull();
    }
}
