package io.nextbestoffer.customer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;

/**
 * Recognises change events in unsupported formats, which could be mistaken for rows: an incomplete envelope of
 * Debezium, or the format of another tool. If such an event was stored as a row, the envelope would become the profile,
 * and a delete would not erase the customer.
 * <p>
 * A column may have any of these names if its value is text, a number or a boolean; the exceptions are names that no
 * table of customers has.
 */
final class ForeignShapes {

    /** @param advice how to set up the tool that writes the events */
    private record Shape(String name, String advice, Predicate<Attributes> marks) {
    }

    private static final String WRITE_ROWS = "write Debezium's envelope, or plain rows with a null value for a"
            + " delete";
    private static final String KEEP_ENVELOPE = "no transformation may take parts out of Debezium's envelope; to"
            + " flatten it, use io.debezium.transforms.ExtractNewRecordState";

    private static final Set<String> OPERATIONS = Set.of("insert", "update", "delete", "upsert", "replace", "truncate",
            "bootstrap-start", "bootstrap-insert", "bootstrap-complete");
    private static final Set<String> LETTERS = Set.of("I", "U", "D", "T", "B", "C", "M");
    private static final Set<String> SINGER = Set.of("RECORD", "SCHEMA", "STATE", "ACTIVATE_VERSION");

    /** Names that only change events have, and the tools that write them. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("isddl", "Canal"), Map.entry("mysqltype", "Canal"), Map.entry("sqltype", "Canal"),
            Map.entry("pknames", "Canal"), Map.entry("_tidb", "TiCDC"), Map.entry("columnvalues", "wal2json"),
            Map.entry("oldkeys", "wal2json"), Map.entry("op_type", "Oracle GoldenGate"),
            Map.entry("op_ts", "Oracle GoldenGate"), Map.entry("beforedata", "Qlik Replicate"),
            Map.entry("operationtype", "MongoDB"), Map.entry("fulldocument", "MongoDB"),
            Map.entry("documentkey", "MongoDB"), Map.entry("dynamodb", "DynamoDB"), Map.entry("newimage", "DynamoDB"),
            Map.entry("oldimage", "DynamoDB"), Map.entry("source_metadata", "Google Datastream"),
            Map.entry("__crdb__", "CockroachDB"), Map.entry("__$operation", "SQL Server"),
            Map.entry("__$start_lsn", "SQL Server"), Map.entry("a_enttyp", "IBM InfoSphere"),
            Map.entry("_airbyte_data", "Airbyte"), Map.entry("_ab_cdc_deleted_at", "Airbyte"),
            Map.entry("_ab_cdc_lsn", "Airbyte"), Map.entry("_fivetran_deleted", "Fivetran"),
            Map.entry("_fivetran_synced", "Fivetran"), Map.entry("iodebeziumop", "a CloudEvent without specversion"),
            Map.entry("datacontenttype", "a CloudEvent without specversion"),
            Map.entry("data_base64", "a CloudEvent without specversion"));

    /** In the order of the checks, more specific shapes first: the first match names the tool. */
    private static final List<Shape> SHAPES = List.of(
            new Shape("Maxwell or Canal", WRITE_ROWS, document -> isOperation(document.get("type"))
                    && (containsNoScalar(document, "data") || containsNoScalar(document, "old"))
                    || containsAll(document, "type", "data", "old")
                    || containsAll(document, "type", "database", "table")),
            new Shape("wal2json", WRITE_ROWS, document -> document.get("change") instanceof List
                    || isLetter(document.get("action")) && (document.size() == 1 || document.contains("columns")
                            || document.contains("identity") || document.contains("table")
                            || document.contains("xid") || document.contains("lsn"))),
            new Shape("AWS DMS", WRITE_ROWS, document -> document.get("metadata") instanceof Map<?, ?> metadata
                    && (document.contains("data") || document.contains("control") || metadata.containsKey("operation")
                            || metadata.containsKey("record-type"))
                    || isNested(document.get("data")) && document.contains("metadata")),
            new Shape("Qlik Replicate", WRITE_ROWS, document -> document.get("headers") instanceof Map
                    && isNested(document.get("data")) || "atMSG".equals(document.get("magic"))),
            new Shape("Airbyte or Singer", WRITE_ROWS, document -> isNested(document.get("record"))
                    && (document.contains("type") || document.contains("stream") || document.contains("action"))
                    || document.get("type") instanceof String type && SINGER.contains(type)
                            && (document.contains("stream") || document.contains("value"))),
            new Shape("Estuary Flow", WRITE_ROWS, document -> isNested(document.get("_meta"))),
            new Shape("a changefeed", WRITE_ROWS, document -> isNested(document.get("new"))
                    || isNested(document.get("old"))
                    || document.size() == 1 && (document.contains("resolved") || document.contains("ts_ms"))),
            new Shape("a row with its operation", WRITE_ROWS, document -> isOperation(document.get("operation"))
                    || isOperation(document.get("operation_type")) || isOperation(document.get("change_type"))
                    || isOperation(document.get("changetype"))),
            new Shape("a part of Kafka Connect's schema and payload", "send both, or set"
                    + " value.converter.schemas.enable=false",
                    document -> containsNoScalar(document, "payload")
                            || isNested(document.get("schema"))),
            new Shape("Debezium's envelope without op", KEEP_ENVELOPE, document -> containsNoScalar(document, "before")
                    || containsNoScalar(document, "after") || isNested(document.get("source"))),
            new Shape("Debezium's schema changes or transactions", "send them to a topic of their own",
                    document -> document.contains("tablechanges") || document.contains("data_collections")),
            new Shape("a row flattened without the prefix __, or Debezium's envelope without its rows",
                    "set transforms.<name>.add.fields.prefix=__ for io.debezium.transforms.ExtractNewRecordState",
                    document -> document.contains("op") || document.contains("_op") || document.contains("_deleted")));

    /** A quick check: every document that one of the shapes matches has one of these names. */
    private static final Set<String> SUSPICIOUS = Stream.concat(NAMES.keySet().stream(), Stream.of("type", "change",
            "action", "metadata", "data", "headers", "magic", "record", "_meta", "new", "old", "resolved", "ts_ms",
            "operation", "operation_type", "change_type", "changetype", "payload", "schema", "before", "after",
            "source", "tablechanges", "data_collections", "op", "_op", "_deleted")).collect(Collectors.toSet());

    private ForeignShapes() {
    }

    /** @throws InvalidInputException if the document looks like a change event rather than a row */
    static void reject(Attributes document) {
        if (!document.anyName(SUSPICIOUS::contains)) {
            return;
        }
        document.forEach((name, value) -> {
            String tool = NAMES.get(name);
            if (tool != null) {
                throw rejected(tool, WRITE_ROWS);
            }
        });
        for (Shape shape : SHAPES) {
            if (shape.marks.test(document)) {
                throw rejected(shape.name, shape.advice);
            }
        }
    }

    private static InvalidInputException rejected(String shape, String advice) {
        return new InvalidInputException("looks like " + shape + ", which is not supported: " + advice
                + " (docs/cdc.md)");
    }

    private static boolean isNested(@Nullable Object value) {
        return value instanceof Map || value instanceof List;
    }

    /** Whether the field exists and is null or nested, as fields that hold rows are. */
    private static boolean containsNoScalar(Attributes document, String name) {
        Object value = document.get(name);
        return isNested(value) || value == null && document.contains(name);
    }

    private static boolean containsAll(Attributes document, String... names) {
        for (String name : names) {
            if (!document.contains(name)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOperation(@Nullable Object value) {
        return value instanceof String text && OPERATIONS.contains(text.toLowerCase(Locale.ROOT));
    }

    private static boolean isLetter(@Nullable Object value) {
        return value instanceof String text && LETTERS.contains(text);
    }
}
