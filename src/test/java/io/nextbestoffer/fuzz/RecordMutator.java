package io.nextbestoffer.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;

/** Damages values and keys in their structure, text, encoding or bytes. */
public final class RecordMutator {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final List<byte[]> NOT_UTF8 = List.of(bytes(0xff), bytes(0x80), bytes(0xc3), bytes(0xc0, 0x80),
            bytes(0xc1, 0xbf), bytes(0xe0, 0x80, 0xaf), bytes(0xe2, 0x82), bytes(0xed, 0xa0, 0x80),
            bytes(0xed, 0xb0, 0x80), bytes(0xf0, 0x80, 0x80, 0x80), bytes(0xf4, 0x90, 0x80, 0x80),
            bytes(0xf8, 0x88, 0x80, 0x80, 0x80), bytes(0xfe), bytes(0x00), bytes(0xef, 0xbb, 0xbf));

    private static final List<Charset> CHARSETS = List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE,
            StandardCharsets.UTF_16, Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE"),
            StandardCharsets.ISO_8859_1, StandardCharsets.US_ASCII);

    private final Random random;
    private final HostileValues hostile;

    public RecordMutator(Random random) {
        this.random = random;
        this.hostile = new HostileValues(random);
    }

    /** Damages a value one to three times, half of the values only once, so that many records have a single fault. */
    public byte[] value(byte[] valid) {
        byte[] value = valid;
        int times = 1 + Integer.numberOfTrailingZeros(random.nextInt() | 4);
        for (int i = 0; i < times && value != null; i++) {
            value = switch (random.nextInt(20)) {
                case 0 -> replaced();
                case 1 -> encoded(value);
                case 2, 3, 4 -> text(value);
                case 5, 6, 7 -> bytes(value);
                default -> structure(value);
            };
        }
        return value;
    }

    public byte[] key(byte[] valid) {
        return switch (random.nextInt(12)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> ByteBuffer.allocate(4).putInt(random.nextInt()).array();
            case 3 -> ByteBuffer.allocate(8).putLong(random.nextLong()).array();
            case 4 -> some(1 + random.nextInt(12));
            case 5 -> utf8(hostile.value());
            case 6 -> utf8("{" + hostile.name() + ":" + hostile.value() + "}");
            case 7 -> utf8("{\"schema\":" + hostile.value() + ",\"payload\":" + hostile.value() + "}");
            case 8 -> utf8("k".repeat(random.nextInt(3_000)));
            case 9 -> utf8(Integer.toString(1 + random.nextInt(WireSamples.CUSTOMERS)));
            default -> valid == null || valid.length == 0 ? some(4) : bytes(valid);
        };
    }

    private byte[] replaced() {
        return switch (random.nextInt(5)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> some(random.nextInt(200));
            case 3 -> utf8(hostile.value());
            default -> utf8("{" + hostile.name() + ":" + hostile.value() + "}");
        };
    }

    private byte[] encoded(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        return switch (random.nextInt(4)) {
            case 0 -> joined(bytes(0xef, 0xbb, 0xbf), value);
            case 1 -> text.replaceFirst("[a-z]", "é").getBytes(StandardCharsets.ISO_8859_1);
            default -> text.getBytes(CHARSETS.get(random.nextInt(CHARSETS.size())));
        };
    }

    private byte[] text(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        int at = random.nextInt(text.length() + 1);
        return switch (random.nextInt(9)) {
            case 0 -> utf8(text.substring(0, at));
            case 1 -> utf8(text.substring(at));
            case 2 -> utf8(text + hostile.value());
            case 3 -> utf8(text + text);
            case 4 -> utf8(text + List.of("\n", " \t\r\n", "}", "]", ",", "\u0000", "x", "//", "\ufeff").get(
                    random.nextInt(9)));
            case 5 -> utf8(List.of("\n", " \t\r\n", "}", ",", "\u0000", "\f", ")]}',\n").get(random.nextInt(7)) + text);
            case 6 -> utf8(text.replaceFirst("\\{", Matcher.quoteReplacement("{" + hostile.name() + ":1,")));
            case 7 -> {
                // A number, replaced in the text because the tree cannot hold values that are not JSON
                var numbers = Pattern.compile("(?<=:)-?[0-9.]+").matcher(text).results().toList();
                if (numbers.isEmpty()) {
                    yield utf8(text + " ");
                }
                var number = numbers.get(random.nextInt(numbers.size()));
                yield utf8(text.substring(0, number.start()) + hostile.value() + text.substring(number.end()));
            }
            default -> utf8(text.substring(0, at) + hostile.value() + text.substring(at));
        };
    }

    private byte[] bytes(byte[] value) {
        if (value.length == 0) {
            return some(3);
        }
        byte[] copy = value.clone();
        int at = random.nextInt(copy.length);
        int to = at + random.nextInt(Math.min(40, copy.length - at) + 1);
        return switch (random.nextInt(6)) {
            case 0 -> {
                copy[at] = (byte) random.nextInt();
                yield copy;
            }
            case 1 -> inserted(copy, at, NOT_UTF8.get(random.nextInt(NOT_UTF8.size())));
            case 2 -> joined(Arrays.copyOf(copy, at), Arrays.copyOfRange(copy, to, copy.length));
            case 3 -> inserted(copy, at, Arrays.copyOfRange(copy, at, to));
            default -> {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield copy;
            }
        };
    }

    /** A place in the tree: a field of an object or an element of an array. */
    private record Place(JsonNode in, String name, int index) {

        JsonNode get() {
            return in instanceof ObjectNode object ? object.get(name) : in.get(index);
        }

        void set(JsonNode node) {
            if (in instanceof ObjectNode object) {
                object.set(name, node);
            } else {
                ((ArrayNode) in).set(index, node);
            }
        }

        void remove() {
            if (in instanceof ObjectNode object) {
                object.remove(name);
            } else {
                ((ArrayNode) in).remove(index);
            }
        }
    }

    private byte[] structure(byte[] value) {
        JsonNode tree;
        try {
            tree = JSON.readTree(value);
        } catch (IOException | RuntimeException e) {
            return bytes(value);
        }
        var places = new ArrayList<Place>();
        collect(tree, places);
        if (places.isEmpty()) {
            return bytes(value);
        }
        Place place = places.get(random.nextInt(places.size()));
        switch (random.nextInt(10)) {
            case 0 -> place.remove();
            case 1 -> place.set(NODES.arrayNode().add(place.get()));
            case 2 -> place.set(NODES.objectNode().set("nested", place.get()));
            case 3 -> place.set(places.get(random.nextInt(places.size())).get().deepCopy());
            case 4 -> {
                JsonNode node = place.get();
                place.remove();
                if (tree instanceof ObjectNode object) {
                    object.set("renamed_" + random.nextInt(5), node);
                }
            }
            case 5, 6 -> {
                if (tree instanceof ObjectNode object) {
                    object.set("extra_" + random.nextInt(5), raw(hostile.value()));
                }
            }
            default -> place.set(raw(hostile.value()));
        }
        try {
            return JSON.writeValueAsBytes(tree);
        } catch (IOException | RuntimeException e) {
            return bytes(value);
        }
    }

    private static void collect(JsonNode node, List<Place> places) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                places.add(new Place(object, field.getKey(), -1));
                collect(field.getValue(), places);
            });
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < Math.min(array.size(), 10); i++) {
                places.add(new Place(array, null, i));
                collect(array.get(i), places);
            }
        }
    }

    private static JsonNode raw(String literal) {
        return NODES.rawValueNode(new RawValue(literal));
    }

    private byte[] some(int length) {
        byte[] some = new byte[length];
        random.nextBytes(some);
        return some;
    }

    private static byte[] inserted(byte[] into, int at, byte[] what) {
        return joined(joined(Arrays.copyOf(into, at), what), Arrays.copyOfRange(into, at, into.length));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
