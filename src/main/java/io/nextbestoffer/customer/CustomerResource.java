package io.nextbestoffer.customer;

import java.util.List;
import java.util.Map;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.PageSlice;
import io.nextbestoffer.platform.http.ValidId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/customers")
@Tag(name = "Customers")
@RolesAllowed(Roles.OPERATOR)
class CustomerResource {

    private final CustomerRows rows;

    CustomerResource(CustomerRows rows) {
        this.rows = rows;
    }

    @GET
    @Operation(summary = "Lists the known customers in pages, ordered by id as text")
    public Uni<Page> list(
            @Parameter(description = "Maximum number of customers on a page") @QueryParam("limit")
            @DefaultValue("100") @Min(1) @Max(1000) int limit,
            @Parameter(description = "The id after which the page starts: `next` of the previous page")
            @QueryParam("after") @ValidId @Nullable String after) {
        return rows.page(limit + 1, after).map(found -> {
            var page = PageSlice.of(found, limit);
            return new Page(page.map(Profile::of), page.next(customer -> customer.id().text()));
        });
    }

    /** @param next the last id of this page, if there is another page */
    @RegisterForReflection
    record Page(List<Profile> customers, @Nullable String next) {
    }

    @RegisterForReflection
    record Profile(@JsonProperty("customer_id") Object customerId, Map<String, Object> attributes) {

        static Profile of(Customer customer) {
            return new Profile(customer.id().json(), customer.attributes().asMap());
        }
    }
}
