package io.nextbestoffer.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.governance.ActiveStrategies;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.AttributeSchema;

class RecommendationResourceTest {

    private static final byte[] BODY = """
            {"customer_id": "C1", "income": 5000}""".getBytes(StandardCharsets.UTF_8);

    /** The second version is activated during the request, and needs an attribute that the body lacks. */
    private final Queue<Snapshot> snapshots = new ArrayDeque<>(List.of(snapshot(1, "income"), snapshot(2, "age")));
    private final RecommendationResource resource = new RecommendationResource(
            new Recommender(snapshots::remove, () -> "sample", Clock.systemUTC()), null);

    private static Snapshot snapshot(int version, String attribute) {
        Strategy strategy = Strategy.parse("""
                strategy: sample
                attributes:
                  customer: {%s: double}
                rank:
                  candidates: [{offer: card}]
                  score: [{term: fit, weight: 1, value: customer.%s}]
                otherwise: nothing
                """.formatted(attribute, attribute), version);
        var routing = new Routing(1, "", new AttributeSchema(List.of()), List.of(), "sample", List.of());
        return new Snapshot(new ActiveStrategies(routing, Map.of("sample", strategy)),
                new Catalog(1, Map.of(Id.of("card"), offer("card"), Id.of("nothing"), offer("nothing"))));
    }

    private static Offer offer(String id) {
        return new Offer(Id.of(id), "The " + id, "", null, Attributes.NONE, null, null);
    }

    @Test
    void checksAndRanksByOneVersion() {
        assertThat(resource.recommend(BODY).products()).extracting(product -> product.name())
                .containsExactly("The card");
        assertThat(snapshots).hasSize(1);
    }

    @Test
    void checksAndExplainsByOneVersion() {
        assertThat(resource.explain(BODY).candidates()).extracting(ExplanationJson.CandidateJson::stage)
                .containsExactly("chosen", "outranked");
        assertThat(snapshots).hasSize(1);
    }
}
