package io.nextbestoffer.maintenance;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.nextbestoffer.maintenance.DeadLetterReplays.Replayed;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.security.Actor;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;

@Path("/dead-letters/{topic}")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class DeadLetterResource {

    private static final Logger LOG = Logger.getLogger(DeadLetterResource.class);
    private static final String NAME = "dead-letters";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Time limit for one page. A search for a rare reason continues with the cursor of that page. */
    private static final long SEARCH_TIMEOUT_NS = Duration.ofSeconds(5).toNanos();
    private static final int REASON_LENGTH = 100;
    private static final String CURSOR = "[0-9]{1,9}-[0-9]{1,18}";

    private final TopicConfig topics;
    private final DeadLetters deadLetters;
    private final DeadLetterReplays replays;
    private final DeadLetterReplay replay;
    private final KafkaStages stages;
    private final MaintenanceStarter starter;

    DeadLetterResource(TopicConfig topics, DeadLetters deadLetters, DeadLetterReplays replays, DeadLetterReplay replay,
            KafkaStages stages, MaintenanceStarter starter) {
        this.topics = topics;
        this.deadLetters = deadLetters;
        this.replays = replays;
        this.replay = replay;
        this.stages = stages;
        this.starter = starter;
    }

    @GET
    @Blocking
    @Operation(summary = "Lists the dead letters of an input topic with reason and position, but without their content")
    @APIResponse(responseCode = "404", description = "The topic is not an input topic of this service")
    @APIResponse(responseCode = "503", description = "Kafka does not answer, or the dead-letter topic does not exist")
    public Page list(@Parameter(description = "Name of the input topic") @PathParam("topic") String topic,
            @Parameter(description = "Maximum number of dead letters on a page") @QueryParam("limit")
            @DefaultValue("100") @Min(1) @Max(1000) int limit,
            @Parameter(description = "Position after which the page starts: `next` of the previous page")
            @QueryParam("after") @Pattern(regexp = CURSOR, message = "must be the `next` of a page")
            @Nullable String after,
            @Parameter(description = "Only dead letters with this reason") @QueryParam("reason")
            @Size(max = REASON_LENGTH) @Nullable String reason) {
        try (var reader = reader(topic, limit)) {
            if (after != null) {
                String[] position = after.split("-");
                seek(reader, Integer.parseInt(position[0]), Long.parseLong(position[1]) + 1);
            }
            return page(reader, limit, reason);
        }
    }

    private Page page(TopicReader reader, int limit, @Nullable String reason) {
        long begun = System.nanoTime();
        // Does not hold the records: a page of them can take a gigabyte
        var found = new LinkedHashMap<RecordPosition, Letter>();
        RecordPosition last = null;
        boolean over = false;
        while (!over && found.size() < limit && System.nanoTime() - begun < SEARCH_TIMEOUT_NS) {
            var records = reader.next();
            over = records == null;
            for (var record : over ? List.<ConsumerRecord<byte[], byte[]>>of() : records) {
                if (found.size() < limit) {
                    last = reader.position(record);
                    if (reason == null || reason.equals(new DeadLetter(record).reason())) {
                        found.put(last, Letter.of(record, null));
                    }
                }
            }
        }
        Map<RecordPosition, Replayed> replayed = found.isEmpty()
                ? Map.of()
                : replays.find(found.keySet(), reader.topicId()).await().atMost(TIMEOUT);
        return new Page(found.entrySet().stream().map(one -> one.getValue().with(replayed.get(one.getKey()))).toList(),
                over || last == null ? null : last.partition() + "-" + last.offset());
    }

    @GET
    @Path("/{partition}/{offset}")
    @Blocking
    @Operation(summary = "Returns a dead letter with its content, which may be personal data")
    @APIResponse(responseCode = "404", description = "There is no dead letter at this position, or it no longer exists")
    public Content find(@PathParam("topic") String topic, @PathParam("partition") @Min(0) int partition,
            @PathParam("offset") @Min(0) long offset) {
        try (var reader = reader(topic, 1)) {
            if (!reader.hasPartition(partition)) {
                throw unknown(partition, offset);
            }
            reader.seek(partition, offset);
            var found = reader.next();
            if (found == null || found.get(0).partition() != partition || found.get(0).offset() != offset) {
                throw unknown(partition, offset);
            }
            LOG.infof("dead letter %d/%d of %s was read", partition, offset, topic);
            var letter = new DeadLetter(found.get(0));
            RecordPosition position = reader.position(found.get(0));
            return new Content(Letter.of(found.get(0), replays.find(List.of(position), reader.topicId()).await()
                    .atMost(TIMEOUT).get(position)), DeadLetter.text(letter.record().key()),
                    DeadLetter.text(letter.record().value()), letter.headers());
        }
    }

    @POST
    @Path("/replay")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Sends dead letters to their input topic again, each once",
            description = "Either one (`partition`, `offset`), or a range of a partition (`partition`, `from`, `to`,"
                    + " both inclusive), or all with a `reason`; a range can have a reason, too. Letters without"
                    + " content are left out: those of erased customers, and those that were too large.")
    @APIResponse(responseCode = "202", description = RepairResource.STARTED)
    @APIResponse(responseCode = "400", description = "`violations` names what is missing")
    @APIResponse(responseCode = "409", description = "`operation-running`: a replay is active; `customers-stale`:"
            + " changes of customers, without `stale=accept`")
    public Uni<Response> replay(@PathParam("topic") String topic,
            @QueryParam("partition") @Min(0) @Nullable Integer partition,
            @QueryParam("offset") @Min(0) @Nullable Long offset, @QueryParam("from") @Min(0) @Nullable Long from,
            @QueryParam("to") @Min(0) @Nullable Long to,
            @QueryParam("reason") @Size(min = 1, max = REASON_LENGTH) @Nullable String reason,
            @Parameter(description = "`accept`: replay even if old changes of customers could replace newer ones")
            @QueryParam("stale") @Pattern(regexp = "accept", message = "must be accept") @Nullable String stale) {
        String input = known(topic);
        var selection = selection(input, partition, offset, from, to, reason);
        if (input.equals(topics.customers()) && stale == null) {
            throw Problems.problem(409, "customers-stale", "Old changes of customers",
                    "A replayed change follows all later ones, and replaces them if it has no LSN. Instead, read them"
                            + " again: let the connector take a snapshot or, once the cause is gone,"
                            + " POST /operations/customers/reread. If these are the last changes of their customers,"
                            + " add stale=accept.")
                    .build();
        }
        return starter.start(replay, input, selection);
    }

    private static DeadLetterReplay.Selection selection(String topic, @Nullable Integer partition,
            @Nullable Long offset, @Nullable Long from, @Nullable Long to, @Nullable String reason) {
        if (partition == null) {
            if (offset != null || from != null || to != null) {
                throw invalid("partition", "is required if offset, from or to is given");
            }
            if (reason == null) {
                throw invalid("reason", "is required unless a partition and an offset, or from and to, are given");
            }
            return new DeadLetterReplay.Selection(topic, null, 0, 0, reason);
        }
        if (offset != null && from == null && to == null) {
            return new DeadLetterReplay.Selection(topic, partition, offset, offset, reason);
        }
        if (offset != null || from == null || to == null) {
            throw invalid("partition", "requires either offset, or both from and to");
        }
        if (to < from) {
            throw invalid("to", "must not be less than from");
        }
        return new DeadLetterReplay.Selection(topic, partition, from, to, reason);
    }

    private static HttpProblem invalid(String field, String message) {
        return Problems.invalid(List.of(new Violation(field, message)));
    }

    private static HttpProblem unknown(int partition, long offset) {
        return Problems.notFound("dead-letter-unknown", "Unknown dead letter",
                "There is no dead letter at " + partition + "/" + offset + ", or it no longer exists.");
    }

    private static void seek(TopicReader reader, int partition, long offset) {
        if (!reader.hasPartition(partition)) {
            throw invalid("after", "there is no partition " + partition);
        }
        reader.seek(partition, offset);
    }

    private String known(String topic) {
        if (!Set.of(topics.activities(), topics.customers(), topics.traces()).contains(topic)) {
            throw Problems.notFound("topic-unknown", "Unknown topic",
                    "This is not an input topic of the service. The input topics are " + topics.activities() + ", "
                            + topics.customers() + " and " + topics.traces() + ".");
        }
        return topic;
    }

    private TopicReader reader(String topic, int maxRecords) {
        return stages.reader(deadLetters.topic(known(topic)), NAME, maxRecords);
    }

    /** @param next position of the last letter that was examined; null if there are no more */
    @RegisterForReflection
    record Page(@JsonProperty("dead_letters") List<Letter> deadLetters, @Nullable String next) {
    }

    /**
     * @param content whether the letter holds the whole record
     * @param replayedAt null if it was not replayed
     * @param replayedBy the name of the actor that started the replay; null if unknown
     */
    @RegisterForReflection
    record Letter(int partition, long offset, Instant time, @Nullable String reason, @Nullable String cause,
            @JsonProperty("input_partition") @Nullable Long inputPartition,
            @JsonProperty("input_offset") @Nullable Long inputOffset, int bytes, boolean content,
            @JsonProperty("replayed_at") @Nullable Instant replayedAt,
            @JsonProperty("replayed_by") @Nullable String replayedBy) {

        static Letter of(ConsumerRecord<byte[], byte[]> record, @Nullable Replayed replayed) {
            var letter = new DeadLetter(record);
            return new Letter(record.partition(), record.offset(), letter.time(), letter.reason(), letter.cause(),
                    letter.inputPartition(), letter.inputOffset(), letter.bytes(), letter.hasContent(), null, null)
                    .with(replayed);
        }

        Letter with(@Nullable Replayed replayed) {
            return replayed == null
                    ? this
                    : new Letter(partition, offset, time, reason, cause, inputPartition, inputOffset, bytes, content,
                            replayed.at(), replayed.by());
        }
    }

    /** @param key the record's key; like the value it is text, or Base64 after {@code base64:} */
    @RegisterForReflection
    record Content(@JsonProperty("dead_letter") Letter deadLetter, @Nullable String key, @Nullable String value,
            Map<String, @Nullable String> headers) {
    }
}
