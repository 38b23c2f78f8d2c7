package io.nextbestoffer.decision.parking;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCodec;
import io.nextbestoffer.decision.parking.ParkedActivities.DueActivity;
import io.nextbestoffer.decision.parking.ParkedActivities.Reason;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;

/**
 * Decodes parked activities that are due. It never waits for a schema, because no batch is decided while parked
 * activities are released: an activity whose schema is missing stays parked until the schema is fetched.
 */
@ApplicationScoped
public class DueActivityDecoder {

    private static final Logger LOG = Logger.getLogger(DueActivityDecoder.class);
    /** Timeout for fetching schemas. The next request includes all that are missing by then. */
    private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(1);

    private final ActivityCodec codec;
    private final SchemaCache schemas;
    private final AtomicBoolean fetching = new AtomicBoolean();
    /** Schemas for the next round. The shared cache may be too small to keep them until then. */
    private volatile RecordDecoder fetched = RecordDecoder.JSON_ONLY;

    DueActivityDecoder(ActivityCodec codec, SchemaCache schemas) {
        this.codec = codec;
        this.schemas = schemas;
    }

    /** @param decoder has the schemas that the activity needs */
    public record ReadableActivity(DueActivity activity, RecordDecoder decoder) {
    }

    /** Returns the activities that can be read now, and begins to fetch the schemas that the others need. */
    public List<ReadableActivity> readable(List<DueActivity> due) {
        RecordDecoder latest = fetched;
        fetched = RecordDecoder.JSON_ONLY;
        var waiting = new ArrayList<DueActivity>();
        var readable = readable(due, activity -> {
            var schemaIds = schemaIds(List.of(activity));
            RecordDecoder decoder = latest.covers(schemaIds) ? latest : schemas.cachedDecoder(schemaIds);
            if (decoder == null) {
                waiting.add(activity);
            }
            return decoder;
        });
        if (!waiting.isEmpty()) {
            fetch(schemaIds(waiting));
        }
        return readable;
    }

    /**
     * Returns the activities that have a decoder, except those behind an activity of the same customer and partition
     * that has none.
     *
     * @param decoders returns null for an activity whose schemas are missing
     */
    static List<ReadableActivity> readable(List<DueActivity> due,
            Function<DueActivity, @Nullable RecordDecoder> decoders) {
        record CustomerQueue(int partition, @Nullable String customer) {
        }
        var readable = new ArrayList<ReadableActivity>(due.size());
        var waiting = new HashSet<CustomerQueue>();
        for (var activity : due) {
            var queue = new CustomerQueue(activity.position().partition(), activity.customer());
            RecordDecoder decoder = decoders.apply(activity);
            if (decoder == null) {
                waiting.add(queue);
            } else if (!waiting.contains(queue)) {
                readable.add(new ReadableActivity(activity, decoder));
            }
        }
        return readable;
    }

    /** Decodes an activity whose customer is known. */
    public Activity read(ReadableActivity readable) {
        return codec.read(readable.decoder(), readable.activity().recordKey(), readable.activity().recordValue());
    }

    private void fetch(RecordDecoder.SchemaIds missing) {
        if (fetching.compareAndSet(false, true)) {
            schemas.decoder(missing).ifNoItem().after(FETCH_TIMEOUT).fail()
                    .invoke(decoder -> fetched = decoder)
                    .onTermination().invoke(() -> fetching.set(false))
                    .subscribe().with(decoder -> {
                    }, failure -> LOG.debug("could not fetch schemas of parked activities", failure));
        }
    }

    private RecordDecoder.SchemaIds schemaIds(List<DueActivity> due) {
        var schemaIds = new RecordDecoder.SchemaIds();
        for (var activity : due) {
            if (activity.reason() == Reason.CUSTOMER_KNOWN) {
                codec.addSchemaIds(schemaIds, activity.recordKey(), activity.recordValue());
            }
        }
        return schemaIds;
    }
}
