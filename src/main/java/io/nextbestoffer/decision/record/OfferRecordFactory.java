package io.nextbestoffer.decision.record;

import java.util.Optional;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.topic.TopicConfig;

/** Makes the records of the output topic. */
public interface OfferRecordFactory {

    /** Why none can be made now, or null. */
    @Nullable
    String obstacle();

    /**
     * @param customer his id
     * @param json the offer
     */
    ProducerRecord<byte[], byte[]> record(String customer, byte[] json);

    /** As it is. */
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

    /** Chosen by configuration. */
    class Chosen {

        @Produces
        @Singleton
        static OfferRecordFactory output(OfferRecordConfig config, TopicConfig topics, SchemaCache schemas) {
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
