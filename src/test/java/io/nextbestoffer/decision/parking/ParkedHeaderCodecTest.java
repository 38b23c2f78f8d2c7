package io.nextbestoffer.decision.parking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ParkedHeaderCodecTest {

    private record Header(String name, byte[] value) {
    }

    @Test
    void writesNoHeadersAsNull() {
        assertThat(ParkedHeaderCodec.write(new RecordHeaders())).isNull();
        assertThat(ParkedHeaderCodec.read(null)).isEmpty();
    }

    @Property
    void readsWhatItWrites(@ForAll("headers") List<Header> headers) {
        var written = new RecordHeaders();
        headers.forEach(header -> written.add(header.name(), header.value()));

        var read = ParkedHeaderCodec.read(ParkedHeaderCodec.write(written));

        assertThat(read.toArray()).isEqualTo(written.toArray());
    }

    @Test
    void distinguishesNullFromEmpty() {
        var written = new RecordHeaders().add("a", null).add("a", new byte[0]).add("", new byte[]{0});

        var read = ParkedHeaderCodec.read(ParkedHeaderCodec.write(written));

        assertThat(read.toArray()).containsExactly(new RecordHeader("a", null), new RecordHeader("a", new byte[0]),
                new RecordHeader("", new byte[]{0}));
    }

    @Provide
    Arbitrary<List<Header>> headers() {
        var names = Arbitraries.strings().withCharRange('\0', '\ud7ff').ofMaxLength(20);
        var values = Arbitraries.bytes().array(byte[].class).ofMaxSize(40).injectNull(0.2);
        return Combinators.combine(names, values).as(Header::new).list().ofMaxSize(6);
    }
}
