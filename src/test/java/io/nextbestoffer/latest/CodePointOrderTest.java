package io.nextbestoffer.latest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CodePointOrderTest {

    @Test
    void ordersSupplementaryCharactersAfterAllOthers() {
        assertThat(Stream.of("😀", "\uFF5E", "b", "", "B", "ba", "é").sorted(CodePointOrder.INSTANCE))
                .containsExactly("", "B", "b", "ba", "é", "\uFF5E", "😀");
    }

    /** The C collation compares the bytes. */
    @Property
    void ordersLikeTheBytesInUtf8(@ForAll("ids") String one, @ForAll("ids") String other) {
        int bytes = Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8),
                other.getBytes(StandardCharsets.UTF_8));

        assertThat(Integer.signum(CodePointOrder.INSTANCE.compare(one, other))).isEqualTo(Integer.signum(bytes));
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.of("a", "B", "1", "é", "\uE000", "\uFF5E", "😀", "𝒳").list().ofMaxSize(4)
                .map(parts -> String.join("", parts));
    }
}
