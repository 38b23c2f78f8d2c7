package io.nextbestoffer.decision;

import java.util.Optional;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.avro.Schemas;
import io.nextbestoffer.stream.TopicConfig;

/** Makes the records of the output topic. */
interface OfferOutput {

    /** Why none can be made now, or null. */
    @Nullable
    String obstacle();

    /**
     * @param customer his id
     * @param json the offer
     */
    ProducerRecord<byte[], byte[]> record(String customer, byte[] json);

    /** As it is. */
    record Json(String topic) implements OfferOutput {

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
        static OfferOutput output(OutputConfig config, TopicConfig topics, Schemas schemas) {
            return switch (config.format()) {
                case JSON -> new Json(topics.offers());
                case AVRO -> {
                    if (!schemas.configured()) {
                        throw new IllegalArgumentException("nbo.output.format=avro needs nbo.registry.url");
                    }
                    Optional<String> subject = config.subject();
                    yield new AvroOutput(topics.offers(), subject.orElse(topics.offers() + "-value"),
                            config.autoRegister(), schemas);
                }
            };
        }
    }
}
