package io.nextbestoffer.maintenance;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.customer.CustomerRepair.Missing;
import io.nextbestoffer.customer.CustomerRepair.Since;
import io.nextbestoffer.job.JobRunner;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.security.Actor;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/customers/reconcile")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class ReconcileResource {

    /** A bank that never stops changing customers is always a little behind. */
    private static final Duration CATCHES_UP = Duration.ofSeconds(5);

    private final CustomerRepair customers;
    private final CustomerReconciliation reconciliation;
    private final CatchUp catchUp;
    private final JobRunner operator;
    private final MaintenanceConfig config;

    ReconcileResource(CustomerRepair customers, CustomerReconciliation reconciliation, CatchUp catchUp,
            JobRunner operator, MaintenanceConfig config) {
        this.customers = customers;
        this.reconciliation = reconciliation;
        this.catchUp = catchUp;
        this.operator = operator;
        this.config = config;
    }

    @POST
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(
            summary = "Lists the customers whom the last snapshot of the bank did not contain; with `confirm` erases them",
            description = "After a replication slot was lost: who was deleted in the bank meanwhile is known here still. A new snapshot has everybody else.")
    @APIResponse(responseCode = "200", description = "Who is missing in the bank; nothing is changed",
            content = @Content(schema = @Schema(implementation = Listed.class)))
    @APIResponse(responseCode = "202", description = "They are being erased; `Location` says where to look",
            content = @Content(schema = @Schema(implementation = io.nextbestoffer.job.Job.class)))
    @APIResponse(responseCode = "409",
            description = "`customers-behind`: there are changes that are not applied yet; `no-snapshot`: none was seen, and `since` is not given; `reconcile-changed`: not the same customers are missing as were listed; `reconcile-share`: so many that it must be forced; `reconcile-unordered`: the same where changes have no LSN; `operation-running`")
    public Uni<Response> reconcile(
            @Parameter(
                    description = "Instead of the last snapshot that was seen: whoever had no change since this moment, by the bank's clock, is missing. ISO-8601, before the snapshot began")
            @QueryParam("since") @Size(max = 50) @Nullable String since,
            @Parameter(description = "Ids on a page") @QueryParam("limit") @DefaultValue("100") @Min(1)
            @Max(1000) int limit,
            @Parameter(description = "The id after which the page starts: `next` of the page before")
            @QueryParam("after") @Size(max = Id.MAX_LENGTH) @Pattern(regexp = "[^\\x00]*") @Nullable String after,
            @Parameter(description = "What the list gave as `confirm`: erases them") @QueryParam("confirm")
            @Size(max = 50) @Nullable String confirm,
            @Parameter(
                    description = "Also if they are a greater share of all than `nbo.operations.reconcile-max-share`, if their changes have no LSN, and if they are in Avro, though the deletes are JSON")
            @QueryParam("force") @DefaultValue("false") boolean force) {
        Since asked = since == null ? null : Since.time(instant(since));
        return catchUp.isCaughtUp(CATCHES_UP).chain(caughtUp -> {
            if (!caughtUp) {
                throw conflict("customers-behind", "Customers are behind",
                        "There are changes of customers that are not applied yet. Try again when they are.");
            }
            return asked == null ? customers.lastSnapshot() : Uni.createFrom().item(asked);
        }).chain(from -> {
            if (from == null) {
                throw conflict("no-snapshot", "No snapshot",
                        "No snapshot of Debezium was seen here: give the time before it as since.");
            }
            return customers.missing(from).chain(missing -> confirm == null
                    ? list(from, missing, limit, after == null ? "" : after)
                    : erase(from, missing, confirm, force));
        });
    }

    private Uni<Response> list(Since from, Missing missing, int limit, String after) {
        return customers.missing(from, after, limit + 1).map(found -> {
            boolean more = found.size() > limit;
            var page = found.stream().limit(limit).map(CustomerRepair.MissingCustomer::id).toList();
            return Response.ok(new Listed(Instant.ofEpochMilli(from.time()), from.lsn() == null ? "time" : "snapshot",
                    missing.known(), missing.missing(), token(from, missing),
                    page.stream().map(Id::json).toList(), more ? page.get(limit - 1).text() : null)).build();
        });
    }

    private Uni<Response> erase(Since from, Missing missing, String confirm, boolean force) {
        if (!confirm.equals(token(from, missing))) {
            throw conflict("reconcile-changed", "Others are missing now",
                    "Now " + missing.missing() + " customers are missing, and not the same as were listed."
                            + " List them again.");
        }
        if (!force && missing.missing() > config.reconcileMaxShare() * missing.known()) {
            throw conflict("reconcile-share", "Many are missing",
                    missing.missing() + " of " + missing.known() + " customers are more than the share of "
                            + config.reconcileMaxShare() + " (nbo.operations.reconcile-max-share). Was the snapshot"
                            + " complete? If so, add force=true.");
        }
        if (!force && missing.withoutLsn() > 0) {
            throw conflict("reconcile-unordered", "Changes without LSN",
                    missing.withoutLsn()
                            + " of the missing have no LSN: of these a delete also takes effect on a change"
                            + " that comes while it is written. Stop the connector and wait until the service has caught"
                            + " up, then add force=true.");
        }
        return operator.start(CustomerReconciliation.KIND, reconciliation.erasing(from, missing.missing(), force));
    }

    /** Nobody erases by a slip what he has not seen listed. */
    private static String token(Since from, Missing missing) {
        return missing.missing() + "-" + UUID.nameUUIDFromBytes((from + missing.fingerprint())
                .getBytes(StandardCharsets.UTF_8)).toString().substring(0, 13);
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw Problems.invalid(List.of(new Violation("since", "must be a time like 2026-01-02T03:04:05Z")));
        }
    }

    private static RuntimeException conflict(String type, String title, String detail) {
        return Problems.problem(409, type, title, detail).build();
    }

    /**
     * @param by time or snapshot
     * @param confirm to be given to erase just these
     * @param next the last id of this page if there is another one
     */
    @RegisterForReflection
    record Listed(Instant since, String by, long known, long missing, String confirm, List<Object> customers,
            @Nullable String next) {
    }
}
