package io.nextbestoffer.customer;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;

/**
 * Recognises the placeholder that Debezium writes for a value that Postgres did not send: an update does not contain
 * large values (TOAST) that did not change. The placeholder has a form for each type of column (Debezium's
 * {@code UnchangedToastedPlaceholder}).
 */
final class UnavailableValue {

    private static final String HEX_PREFIX = "hex:";

    private final byte[] bytes;
    private final List<String> texts;
    private final Set<String> elements;
    private final Map<String, String> hstore;

    /** @param placeholder the value of Debezium's {@code unavailable.value.placeholder} */
    UnavailableValue(String placeholder) {
        bytes = placeholder.startsWith(HEX_PREFIX)
                ? HexFormat.of().parseHex(placeholder.substring(HEX_PREFIX.length()))
                : placeholder.getBytes(StandardCharsets.UTF_8);
        String text = new String(bytes, StandardCharsets.UTF_8);
        String base64 = Base64.getEncoder().encodeToString(bytes);
        String hex = HexFormat.of().formatHex(bytes);
        hstore = Map.of(text, text);
        texts = List.of(text, base64, Base64.getUrlEncoder().encodeToString(bytes), hex,
                "{\"" + text + "\":\"" + text + "\"}");
        elements = Set.of(text, base64, hex, UUID.nameUUIDFromBytes(bytes).toString());
    }

    boolean matches(@Nullable Object value) {
        if (value instanceof String text) {
            for (String each : texts) {
                if (each.equals(text)) {
                    return true;
                }
            }
            return false;
        }
        if (value instanceof List<?> list) {
            return list.size() == 1 && list.get(0) instanceof String element && elements.contains(element)
                    || isBytes(list);
        }
        return value instanceof Map<?, ?> map && map.size() == 1 && map.equals(hstore);
    }

    /** Whether this is the placeholder of an array of numbers or dates, which has one element for each byte. */
    private boolean isBytes(List<?> list) {
        if (list.size() != bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (!(list.get(i) instanceof Number number) || number.doubleValue() != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** @throws InvalidInputException if the customer's id is such a placeholder */
    void requireId(Object id, String field) {
        if (matches(id)) {
            throw new InvalidInputException(field + " was not sent by Postgres: it must be in the replica identity");
        }
    }
}
