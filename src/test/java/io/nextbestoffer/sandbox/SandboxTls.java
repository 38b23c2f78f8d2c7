package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for one run of the sandbox, and a certificate that it has signed for broker, database,
 * registry and service, for this machine's loopback address. All are PEM files, as an operator would have them.
 */
public final class SandboxTls {
    private static final X500Name AUTHORITY = new X500Name("CN=Next Best Offer sandbox");
    private static final Duration VALID = Duration.ofDays(30);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path directory;
    private final KeyPair authorityKeys = keyPair();
    private final X509Certificate authority;
    private final String kafkaPassword = HexFormat.of().formatHex(RANDOM.generateSeed(16));

    SandboxTls(Path directory) {
        this.directory = DirectoryCleaner.create(directory);
        authority = sign(AUTHORITY, authorityKeys.getPublic(), true);
        write("ca.pem", pem("CERTIFICATE", encoded(authority)), false);
        write("kafka-client.properties", kafkaClient().entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n").collect(Collectors.joining()), true);
        renew();
    }

    /** Replaces certificate and key by new ones of the same authority, in the same files. */
    public void renew() {
        KeyPair keys = keyPair();
        String certificate = pem("CERTIFICATE", encoded(sign(new X500Name("CN=localhost"), keys.getPublic(), false)));
        String key = pem("PRIVATE KEY", keys.getPrivate().getEncoded());
        write("tls.key", key, true);
        write("tls.crt", certificate, false);
        write("kafka.pem", key + certificate, true);
    }

    /** The certificate of the authority, which clients trust. */
    public Path authority() {
        return directory.resolve("ca.pem");
    }

    /** Configures a Kafka client other than the service. */
    Map<String, String> kafkaClient() {
        return Map.of("security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-512", //
                "sasl.jaas.config", login("sandbox"), "ssl.truststore.type", "PEM", //
                "ssl.truststore.location", authority().toString(), //
                "ssl.keystore.type", "PEM", "ssl.keystore.location", identity().toString());
    }

    /** A file with the client properties, for Kafka's own tools. */
    Path kafkaClientFile() {
        return directory.resolve("kafka-client.properties");
    }

    /** A client of the service. */
    public HttpClient httpClient() {
        return HttpClient.newBuilder().sslContext(sslContext()).build();
    }

    /** Trusts only this authority. */
    public SSLContext sslContext() {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("sandbox", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Path certificate() {
        return directory.resolve("tls.crt");
    }

    Path key() {
        return directory.resolve("tls.key");
    }

    /** Key and certificate of broker and clients in one file, as Kafka requires it. */
    private Path identity() {
        return directory.resolve("kafka.pem");
    }

    /** The properties documented in docs/tls.md, except secrets. */
    Map<String, String> serviceProperties() {
        return Map.ofEntries(//
                Map.entry("quarkus.tls.https.key-store.pem.0.cert", certificate().toString()),
                Map.entry("quarkus.tls.https.key-store.pem.0.key", key().toString()),
                Map.entry("quarkus.tls.https.reload-period", "30s"),
                Map.entry("quarkus.http.tls-configuration-name", "https"),
                Map.entry("quarkus.http.insecure-requests", "disabled"),
                Map.entry("quarkus.management.tls-configuration-name", "https"),
                Map.entry("kafka.security.protocol", "SASL_SSL"), //
                Map.entry("kafka.sasl.mechanism", "SCRAM-SHA-512"),
                Map.entry("kafka.ssl.truststore.type", "PEM"),
                Map.entry("kafka.ssl.truststore.location", authority().toString()),
                Map.entry("kafka.ssl.keystore.type", "PEM"),
                Map.entry("kafka.ssl.keystore.location", identity().toString()),
                Map.entry("quarkus.datasource.reactive.postgresql.ssl-mode", "verify-full"),
                Map.entry("quarkus.datasource.reactive.hostname-verification-algorithm", "HTTPS"),
                Map.entry("quarkus.datasource.reactive.trust-certificate-pem", "true"),
                Map.entry("quarkus.datasource.reactive.trust-certificate-pem.certs", authority().toString()));
    }

    /** The secrets documented in docs/tls.md. */
    Map<String, String> serviceSecrets() {
        return Map.of("KAFKA_SASL_JAAS_CONFIG", login("nbo"));
    }

    /** Configures the broker's listener SECURE. */
    Map<String, String> brokerProperties() {
        return Map.of("listener.name.secure.ssl.keystore.type", "PEM", //
                "listener.name.secure.ssl.keystore.location", identity().toString(),
                "listener.name.secure.ssl.truststore.type", "PEM", //
                "listener.name.secure.ssl.truststore.location", authority().toString(),
                "listener.name.secure.ssl.client.auth", "required",
                "sasl.enabled.mechanisms", "SCRAM-SHA-512", //
                "sasl.mechanism.inter.broker.protocol", "SCRAM-SHA-512",
                "listener.name.secure.scram-sha-512.sasl.jaas.config", login("sandbox"));
    }

    /** The broker's users, the service and the sandbox itself, as arguments of {@code kafka-storage}. */
    String[] brokerUsers() {
        return new String[]{user("sandbox"), user("nbo")};
    }

    private String user(String name) {
        return "SCRAM-SHA-512=[name=" + name + ",password=" + kafkaPassword + "]";
    }

    private String login(String user) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user
                + "\" password=\"" + kafkaPassword + "\";";
    }

    private X509Certificate sign(X500Name subject, PublicKey key, boolean isAuthority) {
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(AUTHORITY, new BigInteger(64, RANDOM),
                Date.from(now.minus(Duration.ofHours(1))), Date.from(now.plus(VALID)), subject, key);
        try {
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key));
            builder.addExtension(Extension.authorityKeyIdentifier, false,
                    extensions.createAuthorityKeyIdentifier(authorityKeys.getPublic()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (isAuthority) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            } else {
                builder.addExtension(Extension.subjectAlternativeName, false,
                        new GeneralNames(new GeneralName[]{new GeneralName(GeneralName.dNSName, "localhost"),
                                new GeneralName(GeneralName.iPAddress, "127.0.0.1")}));
            }
            return new JcaX509CertificateConverter().getCertificate(builder
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKeys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("could not make a certificate", e);
        }
    }

    /**
     * Replaces a file atomically, because a reload must not read half of it. Postgres rejects keys that others can
     * read.
     */
    private void write(String name, String content, boolean secret) {
        Path file = directory.resolve(name);
        Path fresh = directory.resolve(name + ".new");
        try {
            Files.createFile(fresh,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(secret
                            ? "rw-------"
                            : "rw-r--r--")));
            Files.writeString(fresh, content, StandardCharsets.US_ASCII);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
