package io.nextbestoffer.decision.record;

import java.util.Optional;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.topic.TopicConfig;

/** Creates the records of the offer topic. */
public interface OfferRecordFactory {

    /** Why no record can be created now, or null. */
    @Nullable
    String obstacle();

    /**
     * @param customer the customer's id, which is the key of the record
     * @param json the offer, in UTF-8
     */
    ProducerRecord<byte[], byte[]> record(String customer, byte[] json);

    /** Creates records in JSON. */
    record JsonOfferRecordFactory(String topic) implements OfferRecordFactory {

        @Override
        public @Nullable String obstacle() {
            return null;
        }

        @Override
        public ProducerRecord<byte[], byte[]> record(String customer, byte[] json) {
            return new ProducerRecord<>(topic, JsonReader.utf8(customer), json);
        }
    }

    /** Produces the factory for the configured format. */
    class Producer {

        @Produces
        @Singleton
        static OfferRecordFactory offerRecords(OfferRecordConfig config, TopicConfig topics, SchemaCache schemas) {
            return switch (config.format()) {
                case JSON -> new JsonOfferRecordFactory(topics.offers());
                case AVRO -> {
                    if (!schemas.configured()) {
                        throw new IllegalArgumentException("nbo.output.format=avro needs nbo.registry.url");
                    }
                    Optional<String> subject = config.subject();
                    yield new AvroOfferRecordFactory(topics.offers(), subject.orElse(topics.offers() + "-value"),
                            config.autoRegister(), schemas);
                }
            };
        }
    }
}
