package io.nextbestoffer.operation;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.customer.Rereading;
import io.nextbestoffer.stream.Streams;
import io.nextbestoffer.stream.TopicConfig;

/** Brings the table of customers to what the topic says, from the first change that is there. */
@ApplicationScoped
class CustomerRereading implements Work {

    static final String KIND = "customers-reread";
    private static final int PAGE = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CustomerRepair customers;
    private final Streams streams;
    private final TopicConfig topics;

    CustomerRereading(CustomerRepair customers, Streams streams, TopicConfig topics) {
        this.customers = customers;
        this.streams = streams;
        this.topics = topics;
    }

    @Override
    public Map<String, Object> run(Progress progress) {
        Rereading rereading = customers.reread().await().atMost(PATIENCE);
        try {
            return run(progress, rereading);
        } finally {
            rereading.close().await().atMost(PATIENCE);
        }
    }

    private Map<String, Object> run(Progress progress, Rereading rereading) {
        long changes = 0;
        long unreadable = 0;
        long read;
        try (var reader = streams.reader(topics.customers(), KIND, PAGE)) {
            for (var page = reader.next(); page != null; page = reader.next()) {
                unreadable += progress.await(rereading.add(page, reader));
                changes += page.size();
                // The customers that come of it are counted when they are known
                progress.at(reader.done(), reader.total());
            }
            read = reader.total();
        }
        long total = read + progress.await(rereading.customers());
        progress.await(rereading.applyTruncate());
        long seen = 0;
        long repaired = 0;
        var page = new Rereading.Page(0, "", 0);
        do {
            page = progress.await(rereading.apply(page.last(), PAGE));
            seen += page.seen();
            repaired += page.repaired();
            progress.at(read + seen, total);
        } while (page.seen() > 0);
        var result = new LinkedHashMap<String, Object>();
        result.put("changes", changes);
        result.put("customers", seen);
        result.put("repaired", repaired);
        result.put("unreadable", unreadable);
        return result;
    }
}
