package io.nextbestoffer.kafka.avro;

/** The registry is unreachable or rejects a request. The message contains neither secrets nor content. */
final class RegistryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    RegistryException(String message) {
        super(message, null, false, false);
    }
}
