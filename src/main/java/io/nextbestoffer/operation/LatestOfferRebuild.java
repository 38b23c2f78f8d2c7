package io.nextbestoffer.operation;

import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.latest.PastOffers;
import io.nextbestoffer.stream.Streams;
import io.nextbestoffer.stream.TopicConfig;

/** Makes the table of latest offers again from what went out. */
@ApplicationScoped
class LatestOfferRebuild implements Work {

    static final String KIND = "latest-offers-rebuild";
    private static final int PAGE = 2_000;

    private final PastOffers offers;
    private final Streams streams;
    private final TopicConfig topics;

    LatestOfferRebuild(PastOffers offers, Streams streams, TopicConfig topics) {
        this.offers = offers;
        this.streams = streams;
        this.topics = topics;
    }

    @Override
    public Map<String, Object> run(Progress progress) {
        long records = 0;
        long stored = 0;
        long unreadable = 0;
        Streams.Topic activities = progress.await(streams.topic(topics.activities()));
        if (activities == null) {
            throw new RefusedException("there is no topic " + topics.activities());
        }
        try (var reader = streams.reader(topics.offers(), KIND, PAGE)) {
            for (var page = reader.next(); page != null; page = reader.next()) {
                var restored = progress.await(offers.restore(page, reader, activities.id()));
                records += page.size();
                stored += restored.stored();
                unreadable += restored.unreadable();
                progress.at(reader.done(), reader.total());
            }
            progress.at(reader.total(), reader.total());
        }
        var result = new LinkedHashMap<String, Object>();
        result.put("records", records);
        result.put("stored", stored);
        result.put("unreadable", unreadable);
        return result;
    }
}
