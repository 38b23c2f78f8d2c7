package io.nextbestoffer.customer;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/** Samples of what other tools write, and rows with columns of the same names. */
class ForeignShapesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    Debezium's envelope | {"before":null,"after":{"customer_id":911,"income":1}}
                    Debezium's envelope | {"after":null,"key":[911],"updated":"1.0"}
                    Debezium's envelope | {"source":{"schema":"public"},"ts_ms":1,"databaseName":"bank","ddl":""}
                    without the prefix | {"op":"d","customer_id":911,"income":1}
                    without the prefix | {"_op":"d","_deleted":"true","customer_id":911}
                    schema and payload | {"payload":{"customer_id":911},"customer_id":911}
                    schema and payload | {"schema":{"type":"struct"},"customer_id":911}
                    CloudEvent | {"iodebeziumop":"u","data":{"customer_id":911}}
                    Maxwell | {"database":"bank","table":"customers","type":"insert","ts":1,"data":{"customer_id":911}}
                    Maxwell | {"type":"delete","data":{"customer_id":911}}
                    Maxwell | {"type":"x","data":"x","old":"x"}
                    Maxwell | {"type":"table-drop","database":"bank","table":"customers"}
                    Maxwell | {"data":[{"customer_id":"911"}],"type":"UPDATE","old":[{"income":"1"}]}
                    Canal | {"data":[{"customer_id":"911"}],"isDdl":false,\
                    "mysqlType":{},"pkNames":["customer_id"],"type":"INSERT"}
                    TiCDC | {"_tidb":{"commitTs":1},"customer_id":911}
                    wal2json | {"change":[{"kind":"insert","table":"customers","columnnames":[],"columnvalues":[]}]}
                    wal2json | {"kind":"delete","schema":"public","table":"customers",\
                    "oldkeys":{"keynames":["customer_id"]}}
                    wal2json | {"action":"U","schema":"public","table":"customers",\
                    "columns":[{"name":"income","value":1}]}
                    wal2json | {"action":"B"}
                    AWS DMS | {"data":{"customer_id":911},"metadata":{"record-type":"data","operation":"update"}}
                    AWS DMS | {"metadata":{"record-type":"control","operation":"create-table"}}
                    Oracle GoldenGate | {"table":"BANK.CUSTOMERS","op_type":"D","op_ts":"2026",\
                    "pos":"1","before":{"customer_id":911}}
                    Oracle GoldenGate | {"op_type":"U","CUSTOMER_ID":911,"INCOME":1}
                    Qlik Replicate | {"magic":"atMSG","type":"DT","message":{"data":{"customer_id":911}}}
                    Qlik Replicate | {"data":{"customer_id":911},"beforeData":null,"headers":{"operation":"UPDATE"}}
                    MongoDB | {"operationType":"delete","documentKey":{"_id":911}}
                    DynamoDB | {"eventName":"REMOVE","dynamodb":{"OldImage":{}}}
                    Google Datastream | {"source_metadata":{"change_type":"DELETE"},"payload":{"customer_id":911}}
                    CockroachDB | {"__crdb__":{"updated":"1.0"},"customer_id":911}
                    SQL Server | {"__$operation":1,"customer_id":911}
                    IBM InfoSphere | {"A_ENTTYP":"DL","customer_id":911}
                    Airbyte | {"_airbyte_data":{"customer_id":911}}
                    Airbyte | {"customer_id":911,"_ab_cdc_deleted_at":"2026-11-29"}
                    Airbyte or Singer | {"type":"RECORD","stream":"customers","record":{"customer_id":911}}
                    Airbyte or Singer | {"type":"STATE","value":{"bookmark":1}}
                    Fivetran | {"customer_id":911,"_fivetran_deleted":true}
                    Estuary Flow | {"_meta":{"op":"d"},"customer_id":911}
                    without the prefix | {"op":"+U","data":"x"}
                    a changefeed | {"eventType":"UPDATE","new":{"customer_id":911},"old":{}}
                    a changefeed | {"resolved":"1.0"}
                    a row with its operation | {"operation":"DELETE","customer_id":911}
                    """)
    void rejectsOtherFormats(String name, String document) {
        assertThatThrownBy(() -> ForeignShapes.reject(JsonReader.object(utf8(document))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("looks like ").hasMessageContaining(name)
                .hasMessageContaining("not supported").hasMessageEndingWith("(docs/cdc.md)")
                .hasMessageNotContaining("911");
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "{\"customer_id\":1,\"type\":\"private\",\"data\":\"x\",\"source\":\"web\"}",
            "{\"customer_id\":1,\"type\":\"C\",\"source\":\"branch\",\"table\":\"window\",\"schema\":\"a\"}",
            "{\"customer_id\":1,\"data\":\"{}\",\"metadata\":\"{\\\"operation\\\":\\\"update\\\"}\"}",
            "{\"customer_id\":1,\"data\":null,\"metadata\":null,\"type\":null,\"source\":null}",
            "{\"customer_id\":1,\"data\":{\"a\":1},\"type\":\"retail\"}",
            "{\"customer_id\":1,\"action\":\"call\",\"message\":\"hello\",\"record\":7,\"key\":\"k\"}",
            "{\"customer_id\":1,\"action\":\"C\",\"status\":\"active\"}",
            "{\"customer_id\":1,\"payload\":\"x\",\"before\":\"2020-01-01\",\"after\":\"2021-01-01\"}",
            "{\"customer_id\":1,\"new\":true,\"old\":false,\"change\":0.5,\"operation\":\"appendix\"}",
            "{\"customer_id\":1,\"ts_ms\":5,\"value\":3,\"headers\":\"none\",\"tags\":[\"update\"]}",
            "{}"})
    void acceptsRowsWithColumnsOfTheSameNames(String row) {
        assertThatCode(() -> ForeignShapes.reject(JsonReader.object(utf8(row)))).doesNotThrowAnyException();
    }
}
