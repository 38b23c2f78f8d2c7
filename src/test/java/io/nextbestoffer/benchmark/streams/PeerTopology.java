package io.nextbestoffer.benchmark.streams;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;

import io.nextbestoffer.benchmark.peer.PeerActivity;
import io.nextbestoffer.benchmark.peer.PeerChange;
import io.nextbestoffer.benchmark.peer.PeerCustomer;
import io.nextbestoffer.benchmark.peer.PeerJsonSerde;
import io.nextbestoffer.benchmark.peer.PeerOffer;

/**
 * Joins activities with the table of customers, decides them, sends the offers and stores the latest offer of each
 * customer. All topics are keyed by customer and have the same number of partitions, so nothing is repartitioned: one
 * sub-topology, two stores.
 */
final class PeerTopology {
    private PeerTopology() {
    }

    static Topology build(String activitiesTopic, String customersTopic, String offersTopic) {
        Serde<String> id = Serdes.String();
        Serde<PeerActivity> activity = PeerJsonSerde.of(PeerActivity.class);
        Serde<PeerCustomer> customer = PeerJsonSerde.of(PeerCustomer.class);
        Serde<PeerOffer> offer = PeerJsonSerde.of(PeerOffer.class);
        StreamsBuilder builder = new StreamsBuilder();

        // The row is extracted from its envelope before it is stored: the store is read for each activity.
        KTable<String, PeerCustomer> customers = builder
                .stream(customersTopic, Consumed.with(id, PeerJsonSerde.of(PeerChange.class)))
                .mapValues(change -> change == null ? null : change.after())
                .toTable(stored("customers", id, customer));

        KStream<String, PeerOffer> offers = builder.stream(activitiesTopic, Consumed.with(id, activity))
                .join(customers, PeerKnownActivity::new, Joined.with(id, activity, customer))
                .processValues(PeerDecider::new);

        offers.to(offersTopic, Produced.with(id, offer));
        offers.toTable(stored("latest-offer", id, offer));
        return builder.build();
    }

    private static <V> Materialized<String, V, KeyValueStore<Bytes, byte[]>> stored(String name, Serde<String> id,
            Serde<V> value) {
        return Materialized.<String, V, KeyValueStore<Bytes, byte[]>>as(name).withKeySerde(id).withValueSerde(value);
    }
}
