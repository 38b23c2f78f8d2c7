package io.nextbestoffer.customer;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

import io.debezium.converters.CloudEventsConverter;
import io.debezium.data.Envelope;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;

/** Reads CloudEvents as Debezium's own converter writes them. */
class CloudEventTest {

    private static final String TOPIC = "bank.public.customers";
    private static final RecordPosition POSITION = new RecordPosition(new UUID(1, 2), 3, 4);
    private static final Schema ROW = SchemaBuilder.struct().name(TOPIC + ".Value").optional()
            .field("customer_id", Schema.INT32_SCHEMA).field("fico", Schema.OPTIONAL_INT32_SCHEMA).build();
    private static final Schema SOURCE = SchemaBuilder.struct().name("io.debezium.connector.postgresql.Source")
            .field("version", Schema.STRING_SCHEMA).field("connector", Schema.STRING_SCHEMA)
            .field("name", Schema.STRING_SCHEMA).field("ts_ms", Schema.INT64_SCHEMA)
            .field("snapshot", Schema.OPTIONAL_STRING_SCHEMA).field("db", Schema.STRING_SCHEMA)
            .field("sequence", Schema.OPTIONAL_STRING_SCHEMA)
            .field("schema", Schema.STRING_SCHEMA).field("table", Schema.STRING_SCHEMA)
            .field("txId", Schema.OPTIONAL_INT64_SCHEMA).field("lsn", Schema.OPTIONAL_INT64_SCHEMA)
            .field("xmin", Schema.OPTIONAL_INT64_SCHEMA).build();
    private static final Envelope ENVELOPE = Envelope.defineSchema().withName(TOPIC + ".Envelope").withRecord(ROW)
            .withSource(SOURCE).build();

    private static byte[] write(Struct change, Map<String, String> settings) throws IOException {
        try (var converter = new CloudEventsConverter()) {
            converter.configure(settings, false);
            return converter.fromConnectData(TOPIC, ENVELOPE.schema(), change);
        }
    }

    private static Struct row() {
        return new Struct(ROW).put("customer_id", 911).put("fico", 650);
    }

    private static Struct source() {
        return new Struct(SOURCE).put("version", "3.4.3.Final").put("connector", "postgresql").put("name", "bank")
                .put("ts_ms", 1_700_000_000_000L).put("snapshot", "last").put("db", "bank").put("schema", "public")
                .put("table", "customers").put("txId", 5L).put("lsn", 90_000_100L);
    }

    private static CustomerChange read(byte[] event) {
        return ChangeCodecTest.codec("customer_id", KeyFormat.AUTO, null).read(RecordDecoder.JSON_ONLY,
                utf8("{\"customer_id\":911}"), event, POSITION);
    }

    @Test
    void readsEventsOfDebeziumsConverter() throws IOException {
        var order = new ChangeOrder(90_000_100L, 1_700_000_000_000L, POSITION);
        var now = Instant.ofEpochMilli(1_700_000_000_500L);

        assertThat(read(write(ENVELOPE.read(row(), source(), now), Map.of())))
                .isEqualTo(new CustomerChange.Stored(new Customer(Id.of(911), Attributes.of(Map.of("fico", 650L))),
                        order, true, List.of(), null));
        assertThat(read(write(ENVELOPE.delete(row(), source(), now), Map.of("json.schemas.enable", "false"))))
                .isEqualTo(new CustomerChange.Deleted(Id.of(911), order));
        assertThatThrownBy(() -> read(write(ENVELOPE.read(row(), source(), now),
                Map.of("extension.attributes.enable", "false"))))
                .hasMessageContaining("extension.attributes.enable=true");
    }
}
