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
import io.nextbestoffer.job.Job;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidId;
import io.nextbestoffer.platform.security.Actor;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/customers/reconcile")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class ReconcileResource {

    /**
     * How long a request waits for changes that are not applied yet. If the bank changes customers all the time, there
     * are always a few.
     */
    private static final Duration CATCH_UP_TIMEOUT = Duration.ofSeconds(5);

    private final CustomerRepair customers;
    private final CustomerReconciliation reconciliation;
    private final CatchUp catchUp;
    private final MaintenanceStarter starter;
    private final MaintenanceConfig config;

    ReconcileResource(CustomerRepair customers, CustomerReconciliation reconciliation, CatchUp catchUp,
            MaintenanceStarter starter, MaintenanceConfig config) {
        this.customers = customers;
        this.reconciliation = reconciliation;
        this.catchUp = catchUp;
        this.starter = starter;
        this.config = config;
    }

    @POST
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Lists the customers that the last snapshot of the bank did not contain; with `confirm`,"
            + " erases them",
            description = "For use after a replication slot was lost: customers that the bank deleted meanwhile are"
                    + " still known here, because the new snapshot contains only the others.")
    @APIResponse(responseCode = "200", description = "The customers that the bank does not have; nothing is changed",
            content = @Content(schema = @Schema(implementation = Listed.class)))
    @APIResponse(responseCode = "202", description = RepairResource.STARTED,
            content = @Content(schema = @Schema(implementation = Job.class)))
    @APIResponse(responseCode = "409", description = "`customers-behind`: some changes are not applied yet;"
            + " `no-snapshot`: the service has seen no snapshot, and `since` is missing; `reconcile-changed`: other"
            + " customers are missing than were listed; `reconcile-share`: too many of all customers are missing;"
            + " `reconcile-unordered`: changes have no LSN; `operation-running`: a reconciliation is active. `force`"
            + " lifts `reconcile-share` and `reconcile-unordered`")
    public Uni<Response> reconcile(
            @Parameter(description = "Instead of the last snapshot: customers without a change since this time, by the"
                    + " bank's clock, are missing. ISO-8601, before the snapshot began")
            @QueryParam("since") @Size(max = 50) @Nullable String since,
            @Parameter(description = "Maximum number of ids on a page") @QueryParam("limit") @DefaultValue("100")
            @Min(1) @Max(1000) int limit,
            @Parameter(description = "Id after which the page starts: `next` of the previous page") @QueryParam("after")
            @ValidId @Nullable String after,
            @Parameter(description = "`confirm` of the list: erases the customers that it lists") @QueryParam("confirm")
            @Size(max = 50) @Nullable String confirm,
            @Parameter(description = "Erase even if the customers are a greater share of all than"
                    + " `nbo.operations.reconcile-max-share`, if their changes have no LSN, or if these are in Avro"
                    + " though the deletes are in JSON")
            @QueryParam("force") @DefaultValue("false") boolean force) {
        Since requested = since == null ? null : Since.time(instant(since));
        return catchUp.isCaughtUp(CATCH_UP_TIMEOUT).chain(caughtUp -> {
            if (!caughtUp) {
                throw conflict("customers-behind", "Customers are behind",
                        "Some changes of customers are not applied yet. Try again once they are.");
            }
            return requested == null ? customers.lastSnapshot() : Uni.createFrom().item(requested);
        }).chain(from -> {
            if (from == null) {
                throw conflict("no-snapshot", "No snapshot",
                        "The service has seen no snapshot of Debezium: pass a time before the snapshot as since.");
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
            throw conflict("reconcile-changed", "Other customers are missing",
                    missing.missing() + " customers are missing now, but not the same ones as were listed."
                            + " List them again.");
        }
        if (!force && missing.missing() > config.reconcileMaxShare() * missing.known()) {
            throw conflict("reconcile-share", "Many customers are missing",
                    missing.missing() + " of " + missing.known() + " customers are more than the share of "
                            + config.reconcileMaxShare() + " (nbo.operations.reconcile-max-share). Check that the"
                            + " snapshot was complete; if so, add force=true.");
        }
        if (!force && missing.withoutLsn() > 0) {
            throw conflict("reconcile-unordered", "Changes without LSN",
                    missing.withoutLsn()
                            + " of the missing customers have changes without LSN: their deletes would also"
                            + " erase a change that arrives while they are written. Stop the connector, wait until the"
                            + " service has caught up, then add force=true.");
        }
        return starter.start(reconciliation, null,
                CustomerReconciliation.Parameters.of(from, missing.missing(), force));
    }

    /**
     * Returns a token of a set of missing customers, so that callers erase only customers that they have listed before.
     */
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
     * @param by {@code time} if {@code since} is a given time; {@code snapshot} if it is the time of the last snapshot
     * @param confirm parameter of the request that erases these customers
     * @param next last id of this page; null if there are no more
     */
    @RegisterForReflection
    record Listed(Instant since, String by, long known, long missing, String confirm, List<Object> customers,
            @Nullable String next) {
    }
}
