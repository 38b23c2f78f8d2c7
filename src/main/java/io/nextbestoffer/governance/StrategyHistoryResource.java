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

import io.nextbestoffer.governance.StrategyVersions.Audited;
import io.nextbestoffer.governance.TextDiff.Hunk;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.PageSlice;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;

/** How a strategy came to be what it is. */
@Path("/strategies")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = StrategyResource.TAG)
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class StrategyHistoryResource {

    private final Pool postgres;
    private final VersionLookup lookup;
    private final StrategyVersions versions;
    private final NotFoundProblems unknown;

    StrategyHistoryResource(Pool postgres, VersionLookup lookup, StrategyVersions versions, NotFoundProblems unknown) {
        this.postgres = postgres;
        this.lookup = lookup;
        this.versions = versions;
        this.unknown = unknown;
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "The versions of a strategy, the newest first, page by page")
    @APIResponse(responseCode = "404", description = NotFoundProblems.STRATEGY)
    public Uni<Versions> versions(@PathParam("name") @ValidStrategyName String name,
            @Parameter(description = "Versions on a page") @QueryParam("limit") @DefaultValue("20") @Min(1)
            @Max(100) int limit,
            @Parameter(description = "The page begins with the version before this one: `next` of the page before")
            @QueryParam("before") @DefaultValue("2147483647") @Min(1) int before) {
        return lookup.page(name, before, limit + 1).map(found -> {
            var page = PageSlice.of(found, limit);
            return new Versions(name, page.items(), page.next(VersionJson::version));
        });
    }

    @GET
    @Path("/{name}/audit")
    @Operation(summary = "Who did what with a strategy, and why; the latest first, page by page")
    @APIResponse(responseCode = "404", description = NotFoundProblems.STRATEGY)
    public Uni<Audit> audit(@PathParam("name") @ValidStrategyName String name,
            @Parameter(description = "Entries on a page") @QueryParam("limit") @DefaultValue("50") @Min(1)
            @Max(500) int limit,
            @Parameter(description = "The page begins with the entry before this one: `next` of the page before")
            @QueryParam("before") @DefaultValue("9223372036854775807") @Min(1) long before) {
        return unknown.strategy(postgres, name)
                .chain(known -> versions.audit(postgres, name, before, limit + 1))
                .map(found -> {
                    var page = PageSlice.of(found, limit);
                    return new Audit(name, page.map(Entry::of), page.next(Audited::id));
                })
                .ifNoItem().after(VersionLookup.TIMEOUT).fail();
    }

    @GET
    @Path("/{name}/diff")
    @Produces(MediaType.TEXT_PLAIN)
    @Operation(summary = "What differs between two versions: a unified diff, or as JSON the parts that differ")
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
                .chain(one -> lookup.document(new VersionRef(name, to))
                        .emitOn(Infrastructure.getDefaultExecutor())
                        .map(other -> new TextDiff(name + " " + from, one, name + " " + to, other)));
    }

    /** @param next `before` of the next page, if there is one */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Versions(String strategy, List<VersionJson> versions, @Nullable Integer next) {
    }

    /** @param next `before` of the next page, if there is one */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Audit(String strategy, List<Entry> entries, @Nullable Long next) {
    }

    /** @param action created, approved, activated, rolled-back, retired or discarded */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Entry(String action, int version, String who, @JsonProperty("when") Instant at, @Nullable String reason) {

        static Entry of(Audited audited) {
            return new Entry(audited.action(), audited.version().version(), audited.who(), audited.at(),
                    audited.reason());
        }
    }
}
