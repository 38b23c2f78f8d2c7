package io.nextbestoffer.kafka.topic;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

class KafkaFuturesTest {

    @Test
    void unwrapsFailuresOfDerivedFutures() {
        var failed = new KafkaFutureImpl<String>();
        failed.completeExceptionally(new SaslAuthenticationException("wrong password"));
        KafkaFuture<Integer> derived = failed.thenApply(String::length);

        assertThatThrownBy(() -> KafkaFutures.uni(() -> failed).await().indefinitely())
                .isInstanceOf(SaslAuthenticationException.class);
        assertThatThrownBy(() -> KafkaFutures.uni(() -> derived).await().indefinitely())
                .isInstanceOf(SaslAuthenticationException.class);
    }
}
