package io.nextbestoffer.customer;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;

/**
 * A row without an envelope: flattened by Debezium's {@code ExtractNewRecordState}, or a plain row of a table topic.
 */
final class FlatRow {

    private FlatRow() {
    }

    /** @throws InvalidInputException if the document looks like an envelope */
    static ChangeEvent read(Attributes row) {
        ForeignShapes.reject(row);
        return new ChangeEvent(operation(row), row, row,
                new ChangeEvent.Origin(ChangeEvent.wholeNumber(row, "__lsn", "__source_lsn"),
                        ChangeEvent.wholeNumber(row, "__source_ts_ms", "__ts_ms"),
                        ChangeEvent.text(row, "__schema", "__source_schema"),
                        ChangeEvent.text(row, "__table", "__source_table"), null));
    }

    private static String operation(Attributes row) {
        Object operation = row.get("__op");
        if ("t".equals(operation)) {
            return "t";
        }
        Object deleted = row.get("__deleted");
        return Boolean.TRUE.equals(deleted) || "true".equals(deleted) || "d".equals(operation) ? "d" : "u";
    }
}
