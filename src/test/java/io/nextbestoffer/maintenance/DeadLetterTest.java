package io.nextbestoffer.maintenance;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.stage.DeadLetters;

class DeadLetterTest {

    private static ConsumerRecord<byte[], byte[]> letter(String reason, int partition) {
        var input = new ConsumerRecord<>("activities", partition, 42L, utf8("1"), utf8("{}"));
        input.headers().add("trace", utf8("abc")).add(DeadLetter.REPLAYED_FROM, utf8("before/0/1"));
        var letter = new DeadLetters("-dead-letter").create(input, reason, "why");
        var record = new ConsumerRecord<>(letter.topic(), 1, 7L, letter.key(), letter.value());
        letter.headers().forEach(record.headers()::add);
        return record;
    }

    @Test
    void returnsToItsPartitionWithoutDeadLetterHeaders() {
        var again = new DeadLetter(letter("customer-unknown", 2)).toInputRecord("activities", 3);

        assertThat(again.topic()).isEqualTo("activities");
        assertThat(again.partition()).isEqualTo(2);
        assertThat(again.timestamp()).isNull();
        assertThat(again.key()).isEqualTo(utf8("1"));
        assertThat(again.value()).isEqualTo(utf8("{}"));
        assertThat(again.headers())
                .extracting(Header::key, header -> new String(header.value(), StandardCharsets.UTF_8))
                .containsExactly(tuple("trace", "abc"), tuple("replayed-from", "activities-dead-letter/1/7"));
    }

    @Test
    void isPartitionedByKeyIfItsPartitionIsUnknown() {
        assertThat(new DeadLetter(letter("unreadable", 3)).toInputRecord("activities", 3).partition()).isNull();
        assertThat(new DeadLetter(letter("unreadable", 2)).toInputRecord("others", 3).partition()).isNull();
        var malformed = new ConsumerRecord<>("activities-dead-letter", 0, 0L, utf8("1"), utf8("{}"));
        malformed.headers().add("dead-letter-topic", utf8("activities")).add("dead-letter-partition", utf8("many"));
        assertThat(new DeadLetter(malformed).toInputRecord("activities", 3).partition()).isNull();
    }

    @Test
    void hasNoContentIfItsCustomerWasErasedOrItWasTooLarge() {
        assertThat(new DeadLetter(letter("unreadable", 0)).hasContent()).isTrue();
        assertThat(new DeadLetter(letter("customer-erased", 0)).hasContent()).isFalse();
        var large = new ConsumerRecord<byte[], byte[]>("activities-dead-letter", 0, 0L, utf8("1"), null);
        large.headers().add("dead-letter-original-size", utf8("2000000"));
        assertThat(new DeadLetter(large).hasContent()).isFalse();
        var withHeaderOfTheProducer = letter("unreadable", 0);
        withHeaderOfTheProducer.headers().add("dead-letter-original-size", utf8("2000000"));
        assertThat(new DeadLetter(withHeaderOfTheProducer).hasContent()).isTrue();
    }

    @Test
    void showsContentAsTextOrBase64() {
        assertThat(DeadLetter.text(null)).isNull();
        assertThat(DeadLetter.text(utf8("é"))).isEqualTo("é");
        assertThat(DeadLetter.text(new byte[]{(byte) 0xff})).isEqualTo("base64:/w==");
        assertThat(DeadLetter.text(new byte[]{0, 0, 0, 0, 3, 4})).as("Avro that is valid UTF-8 by chance")
                .isEqualTo("base64:AAAAAAME");
    }
}
