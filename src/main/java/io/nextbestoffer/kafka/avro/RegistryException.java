package io.nextbestoffer.kafka.avro;

/** The registry did not do what it was asked: it is away, or refuses. The message holds no secret and no content. */
final class RegistryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    RegistryException(String message) {
        super(message, null, false, false);
    }
}
