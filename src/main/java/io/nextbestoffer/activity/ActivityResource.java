package io.nextbestoffer.activity;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.arc.All;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/activities")
@Tag(name = "Activities")
@RolesAllowed(Roles.INGEST)
class ActivityResource {

    /** The default limit of Kafka brokers, less the overhead of a record. */
    private static final int MAX_BYTES = 900_000;

    private final ActivityCodec codec;
    private final List<ActivityCheck> checks;
    private final PostedActivities posted;
    private final IdempotencyKeys keys;
    private final ActivityConfig config;

    ActivityResource(ActivityCodec codec, @All List<ActivityCheck> checks, PostedActivities posted,
            IdempotencyKeys keys, ActivityConfig config) {
        this.codec = codec;
        this.checks = checks;
        this.posted = posted;
        this.keys = keys;
        this.config = config;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Accepts one activity or an array of activities; responds once Kafka has stored all of them")
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            examples = @ExampleObject(name = "one", value = """
                    {"activity_id": 1, "customer_id": 1, "activity_type": "deposit", "propensity_to_buy": 0.4}""")))
    @APIResponse(responseCode = "202", description = "Kafka has stored the activities; the offers follow")
    @APIResponse(responseCode = "400", description = "No activity was accepted; `violations` names the problems")
    @APIResponse(responseCode = "409", description = "A request with this Idempotency-Key is in progress")
    @APIResponse(responseCode = "422", description = "This Idempotency-Key was used for another body")
    @APIResponse(responseCode = "503", description = "Kafka did not store all activities; post them again")
    public Uni<Response> post(byte @Nullable [] body,
            @Parameter(description = "Makes it safe to post again: a key and its body are accepted once within a day")
            @HeaderParam("Idempotency-Key") @Size(min = 1, max = 255)
            @Pattern(regexp = "[\\x21-\\x7e]*", message = "must be printable ASCII without spaces")
            @Nullable String key,
            @Parameter(description = "W3C trace context, which the activities and their offers continue")
            @HeaderParam("traceparent") @Nullable String traceparent) {
        byte[] bytes = body == null ? new byte[0] : body;
        List<PostedActivities.Posted> activities = read(bytes);
        Uni<Void> sent = posted.send(activities, traceparent);
        return (key == null ? sent : keys.once(key, bytes, sent))
                .onFailure(failure -> !(failure instanceof HttpProblem)).transform(failure -> Problems
                        .problem(503, "not-taken", "Kafka or Postgres does not respond",
                                "Some activities may have been accepted. Post all again when the service is ready.")
                        .build())
                .replaceWith(
                        () -> Response.accepted(new Accepted(activities.size())).type(MediaType.APPLICATION_JSON)
                                .build());
    }

    private List<PostedActivities.Posted> read(byte[] body) {
        Object document;
        try {
            document = JsonReader.value(body);
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Problems.Violation("", e.getMessage())));
        }
        var violations = new ArrayList<Problems.Violation>();
        var activities = new ArrayList<PostedActivities.Posted>();
        if (document instanceof List<?> list) {
            if (list.isEmpty() || list.size() > config.maxPerRequest()) {
                violations.add(new Problems.Violation("", "must have 1 to " + config.maxPerRequest()
                        + " activities, not " + list.size()));
            } else {
                for (int i = 0; i < list.size(); i++) {
                    read("[" + i + "]", list.get(i), activities, violations);
                }
            }
        } else {
            read("", document, activities, violations);
        }
        if (!violations.isEmpty()) {
            throw Problems.invalid(violations);
        }
        return activities;
    }

    private void read(String path, @Nullable Object element, List<PostedActivities.Posted> activities,
            List<Problems.Violation> violations) {
        if (!(element instanceof Map<?, ?> object)) {
            violations.add(new Problems.Violation(path, "must be an object"));
            return;
        }
        String prefix = path.isEmpty() ? "" : path + ".";
        try {
            var attributes = JsonReader.attributes(object);
            int before = violations.size();
            codec.check(attributes,
                    (field, message) -> violations.add(new Problems.Violation(prefix + field, message)));
            if (violations.size() == before) {
                Activity activity = codec.read(attributes);
                checks.forEach(check -> check.check(activity, (field, message) -> violations
                        .add(new Problems.Violation(prefix + field, message))));
                byte[] value = codec.write(activity);
                if (value.length > MAX_BYTES) {
                    violations.add(new Problems.Violation(path, "has more than " + MAX_BYTES + " bytes"));
                }
                activities.add(new PostedActivities.Posted(activity.customer(), value));
            }
        } catch (InvalidInputException e) {
            violations.add(new Problems.Violation(path, e.getMessage()));
        }
    }

    @RegisterForReflection
    record Accepted(int accepted) {
    }
}
