package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

    private final DeadLetters letters = new DeadLetters("-dead-letter");

    private static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value) {
        return new ConsumerRecord<>("activities", 2, 9_000_000_000L, key, value);
    }

    private ProducerRecord<byte[], byte[]> letter(byte[] key, byte[] value) {
        return letters.create(record(key, value), "unreadable", "not JSON");
    }

    private static Map<String, String> headers(ProducerRecord<?, ?> letter) {
        var headers = new LinkedHashMap<String, String>();
        letter.headers().forEach(header -> headers.put(header.key(),
                header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8)));
        return headers;
    }

    @Test
    void writesReasonAndPositionToHeaders() {
        var letter = letter(utf8("1"), utf8("{"));

        assertThat(letter.topic()).isEqualTo("activities-dead-letter");
        assertThat(letter.partition()).isNull();
        assertThat(headers(letter)).containsExactly(entry("dead-letter-reason", "unreadable"),
                entry("dead-letter-cause", "not JSON"), entry("dead-letter-topic", "activities"),
                entry("dead-letter-partition", "2"), entry("dead-letter-offset", "9000000000"));
    }

    @Test
    void keepsKeyValueAndHeaders() {
        var record = record(utf8("key"), utf8("value"));
        record.headers().add("trace", utf8("abc")).add("nothing", null);

        var letter = letters.create(record, "unreadable", "why");

        assertThat(letter.key()).isEqualTo(utf8("key"));
        assertThat(letter.value()).isEqualTo(utf8("value"));
        assertThat(headers(letter)).hasSize(7).contains(entry("trace", "abc"), entry("nothing", null))
                .containsEntry("dead-letter-reason", "unreadable");
        assertThat(record.headers()).hasSize(2);
    }

    @Test
    void keepsNullKeysAndValues() {
        var letter = letters.create("activities", 2, 3, null, null, null, "customer-erased", "gone");

        assertThat(letter.key()).isNull();
        assertThat(letter.value()).isNull();
        assertThat(headers(letter)).hasSize(5).containsEntry("dead-letter-offset", "3");
    }

    @Test
    void replacesAnOversizedValueWithItsSize() {
        var record = record(utf8("key"), new byte[1_000_000]);
        record.headers().add("trace", utf8("abc"));

        var letter = letters.create(record, "unreadable", "why");

        assertThat(letter.key()).isEqualTo(utf8("key"));
        assertThat(letter.value()).isNull();
        assertThat(headers(letter)).doesNotContainKey("trace").containsEntry("dead-letter-original-size", "1000011")
                .containsEntry("dead-letter-reason", "unreadable").containsEntry("dead-letter-offset", "9000000000");
    }

    @Test
    void keepsAValueThatJustFits() {
        assertThat(letter(utf8("key"), new byte[999_997]).value()).hasSize(999_997);
        assertThat(letter(utf8("key"), new byte[999_998]).value()).isNull();
    }

    @Test
    void replacesALargeKey() {
        assertThat(letter(new byte[1_024], new byte[1_000_000]).key()).hasSize(1_024);
        assertThat(letter(new byte[1_025], new byte[1_000_000]).key()).isNull();
    }

    @Test
    void replacesARecordWithLargeHeaders() {
        var record = record(utf8("key"), utf8("value"));
        record.headers().add("large", new byte[1_000_000]);

        var letter = letters.create(record, "unreadable", "why");

        assertThat(letter.value()).isNull();
        assertThat(headers(letter)).doesNotContainKey("large").containsKey("dead-letter-original-size");
    }

    @Test
    void replacesMoreRecordsWhenTheLimitShrinks() {
        letters.shrink();

        assertThat(letter(null, new byte[500_000]).value()).hasSize(500_000);
        assertThat(letter(null, new byte[500_001]).value()).isNull();
    }

    @Test
    void shrinksTheLimitToOneKilobyteAtLeast() {
        for (int i = 0; i < 100; i++) {
            letters.shrink();
        }

        assertThat(letter(null, new byte[1_024]).value()).hasSize(1_024);
        assertThat(letter(null, new byte[1_025]).value()).isNull();
    }

    @Test
    void shortensALongDetail() {
        var letter = letters.create(record(null, null), "unreadable", "x".repeat(10_000));

        assertThat(headers(letter).get("dead-letter-cause")).hasSize(500);
    }
}
