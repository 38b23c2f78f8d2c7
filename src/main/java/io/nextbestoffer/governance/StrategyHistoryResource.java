package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.List;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.governance.TextDiff.Hunk;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.PageSlice;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;

/** Reads the versions of a strategy, its audit trail, and the differences between versions. */
@Path("/strategies")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = StrategyResource.TAG)
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class StrategyHistoryResource {

    private final Pool postgres;
    private final VersionLookup lookup;
    private final StrategyAudit audit;
    private final NotFoundProblems notFound;

    StrategyHistoryResource(Pool postgres, VersionLookup lookup, StrategyAudit audit, NotFoundProblems notFound) {
        this.postgres = postgres;
        this.lookup = lookup;
        this.audit = audit;
        this.notFound = notFound;
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "Versions of a strategy, the newest first, in pages")
    @APIResponse(responseCode = "404", description = NotFoundProblems.STRATEGY)
    public Uni<VersionsPage> versions(@PathParam("name") @ValidStrategyName String name,
            @Parameter(description = "Maximum number of versions on a page") @QueryParam("limit") @DefaultValue("20")
            @Min(1)
            @Max(100) int limit,
            @Parameter(description = "Only versions with a lower number: `next` of the previous page")
            @QueryParam("before") @DefaultValue("2147483647") @Min(1) int before) {
        return lookup.page(name, before, limit + 1).map(found -> {
            var page = PageSlice.of(found, limit);
            return new VersionsPage(name, page.items(), page.next(VersionJson::version));
        });
    }

    @GET
    @Path("/{name}/audit")
    @Operation(summary = "Audit trail of a strategy: actions, actors and reasons; the newest entry first, in pages")
    @APIResponse(responseCode = "404", description = NotFoundProblems.STRATEGY)
    public Uni<AuditPage> audit(@PathParam("name") @ValidStrategyName String name,
            @Parameter(description = "Maximum number of entries on a page") @QueryParam("limit") @DefaultValue("50")
            @Min(1)
            @Max(500) int limit,
            @Parameter(description = "Only entries before this one: `next` of the previous page")
            @QueryParam("before") @DefaultValue("9223372036854775807") @Min(1) long before) {
        return notFound.strategy(postgres, name)
                .chain(known -> audit.page(postgres, name, before, limit + 1))
                .map(found -> {
                    var page = PageSlice.of(found, limit);
                    return new AuditPage(name, page.map(AuditEntryJson::of), page.next(AuditEntry::id));
                })
                .ifNoItem().after(VersionLookup.TIMEOUT).fail();
    }

    @GET
    @Path("/{name}/diff")
    @Produces(MediaType.TEXT_PLAIN)
    @Operation(summary = "Differences between two versions: a unified diff, or the differing lines as JSON")
    @APIResponse(responseCode = "404", description = NotFoundProblems.VERSION)
    public Uni<String> diff(@PathParam("name") @ValidStrategyName String name,
            @QueryParam("from") @NotNull @Min(1) @Nullable Integer from,
            @QueryParam("to") @NotNull @Min(1) @Nullable Integer to) {
        return difference(name, from, to).map(TextDiff::unified);
    }

    @GET
    @Path("/{name}/diff")
    @Operation(hidden = true)
    public Uni<List<Hunk>> hunks(@PathParam("name") @ValidStrategyName String name,
            @QueryParam("from") @NotNull @Min(1) @Nullable Integer from,
            @QueryParam("to") @NotNull @Min(1) @Nullable Integer to) {
        return difference(name, from, to).map(TextDiff::hunks);
    }

    private Uni<TextDiff> difference(String name, int from, int to) {
        return lookup.document(new VersionRef(name, from))
                .chain(fromText -> lookup.document(new VersionRef(name, to))
                        .emitOn(Infrastructure.getDefaultExecutor())
                        .map(toText -> new TextDiff(name + " " + from, fromText, name + " " + to, toText)));
    }

    /** @param next {@code before} of the next page; absent on the last page */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record VersionsPage(String strategy, List<VersionJson> versions, @Nullable Integer next) {
    }

    /** @param next {@code before} of the next page; absent on the last page */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AuditPage(String strategy, List<AuditEntryJson> entries, @Nullable Long next) {
    }

    /**
     * @param action {@code created}, {@code approved}, {@code activated}, {@code rolled-back}, {@code retired} or
     *     {@code discarded}
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AuditEntryJson(String action, int version, String who, @JsonProperty("when") Instant at,
            @Nullable String reason) {

        static AuditEntryJson of(AuditEntry entry) {
            return new AuditEntryJson(entry.action(), entry.version().version(), entry.who(), entry.at(),
                    entry.reason());
        }
    }
}
