package io.nextbestoffer.platform;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.runtime.annotations.RegisterResources;

/**
 * Registers classes and resources for the native image that have no better place; {@code docs/native.md} lists all. Our
 * own records are registered where they are declared, except those that depend on no framework.
 *
 * <p>
 * For libraries, it registers what neither Quarkus nor the library registers: the codecs of Kafka's compression.
 * Producers choose the codec of the records that this service reads, so all four must work. Gzip is part of Java. The
 * others unpack a native library to {@code java.io.tmpdir} and load it when the first record arrives.
 * {@code META-INF/native-image} keeps them from doing so during the build, and lists what their C code looks up.
 */
@RegisterResources(globs = {
        // The native libraries; the jar of Snappy registers its own
        "linux/amd64/libzstd-jni-*.so",
        "linux/aarch64/libzstd-jni-*.so",
        "net/jpountz/util/linux/amd64/liblz4-java.so",
        "net/jpountz/util/linux/aarch64/liblz4-java.so"
})
// LZ4Factory and XXHashFactory assemble the names of these classes. The Java implementations are used where the native
// library can't be loaded
@RegisterForReflection(classNames = {
        // Jackson calls its @JsonValue
        "io.nextbestoffer.attribute.Id",
        "net.jpountz.lz4.LZ4JNICompressor",
        "net.jpountz.lz4.LZ4HCJNICompressor",
        "net.jpountz.lz4.LZ4JNIFastDecompressor",
        "net.jpountz.lz4.LZ4JNISafeDecompressor",
        "net.jpountz.lz4.LZ4JavaUnsafeCompressor",
        "net.jpountz.lz4.LZ4HCJavaUnsafeCompressor",
        "net.jpountz.lz4.LZ4JavaUnsafeFastDecompressor",
        "net.jpountz.lz4.LZ4JavaUnsafeSafeDecompressor",
        "net.jpountz.lz4.LZ4JavaSafeCompressor",
        "net.jpountz.lz4.LZ4HCJavaSafeCompressor",
        "net.jpountz.lz4.LZ4JavaSafeFastDecompressor",
        "net.jpountz.lz4.LZ4JavaSafeSafeDecompressor",
        "net.jpountz.xxhash.XXHash32JNI",
        "net.jpountz.xxhash.XXHash64JNI",
        "net.jpountz.xxhash.StreamingXXHash32JNI$Factory",
        "net.jpountz.xxhash.StreamingXXHash64JNI$Factory",
        "net.jpountz.xxhash.XXHash32JavaUnsafe",
        "net.jpountz.xxhash.XXHash64JavaUnsafe",
        "net.jpountz.xxhash.StreamingXXHash32JavaUnsafe$Factory",
        "net.jpountz.xxhash.StreamingXXHash64JavaUnsafe$Factory",
        "net.jpountz.xxhash.XXHash32JavaSafe",
        "net.jpountz.xxhash.XXHash64JavaSafe",
        "net.jpountz.xxhash.StreamingXXHash32JavaSafe$Factory",
        "net.jpountz.xxhash.StreamingXXHash64JavaSafe$Factory"
})
final class NativeImageHints {

    private NativeImageHints() {
    }
}
