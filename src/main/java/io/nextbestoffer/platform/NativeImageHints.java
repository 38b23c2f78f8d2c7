package io.nextbestoffer.platform;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.runtime.annotations.RegisterResources;

/**
 * What a native image must be told that can't be told where it is; {@code docs/native.md} has the whole list. Our own
 * records are registered where they are, but for those that know no framework.
 *
 * <p>
 * Of libraries, only what neither Quarkus nor they themselves tell. All of it is for Kafka's compression: producers choose the codec of the records that are read here, so all four must
 * work. Gzip is a part of Java. The others bring a library of the operating system, load it when the first record comes
 * (so not while the image is built: {@code META-INF/native-image}, in which is also what their C code looks up), and
 * unpack it to {@code java.io.tmpdir} before.
 */
@RegisterResources(globs = {
        // The libraries. Snappy names its own in its jar
        "linux/amd64/libzstd-jni-*.so",
        "linux/aarch64/libzstd-jni-*.so",
        "net/jpountz/util/linux/amd64/liblz4-java.so",
        "net/jpountz/util/linux/aarch64/liblz4-java.so"
})
// But for the first: LZ4Factory and XXHashFactory put the names of these classes together. Those in Java take over where
// the library can't be loaded
@RegisterForReflection(classNames = {
        // Jackson writes it by its @JsonValue
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
