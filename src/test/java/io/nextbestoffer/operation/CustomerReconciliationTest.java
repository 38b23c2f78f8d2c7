package io.nextbestoffer.operation;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.operation.CustomerReconciliation.Change;

class CustomerReconciliationTest {

    @Test
    void tellsAvroByItsFirstByte() {
        assertThat(CustomerReconciliation.isAvro(new Change(utf8("1"), new byte[]{0, 0, 0, 0, 1, 2}))).isTrue();
        assertThat(CustomerReconciliation.isAvro(new Change(utf8("1"), utf8("{}")))).isFalse();
        assertThat(CustomerReconciliation.isAvro(new Change(utf8("1"), new byte[0]))).isFalse();
        assertThat(CustomerReconciliation.isAvro(new Change(utf8("1"), null))).isFalse();
    }
}
