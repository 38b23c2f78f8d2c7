package io.nextbestoffer.platform.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import io.nextbestoffer.attribute.NameSimilarity;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigSourceInterceptorFactory;

/**
 * Stops the start if an {@code nbo.*} property is unknown, for example misspelt: otherwise the default would silently
 * apply. SmallRye checks only names below the prefix of a mapping, and does not check environment variables.
 * <p>
 * It is an interceptor, although it intercepts nothing, because interceptors are created together with the
 * configuration, before everything else.
 */
public final class UnknownProperties implements ConfigSourceInterceptorFactory {

    /** Every {@code nbo.*} property, one per line; {@code ConfigurationTest} writes it. */
    static final String NAMES = "nbo-properties.txt";

    private static final String PREFIX = "nbo.";
    private static final String VARIABLE_PREFIX = "NBO_";
    /** The ordinal of application.properties in the artifact. */
    private static final int SHIPPED = 250;

    /** {@code InitialStrategySeeder} reports its replacement. */
    private static final String FORMER = "nbo.strategy.document";

    /** Variables that Kubernetes sets in each pod for each service, for example one named nbo. */
    private static final Pattern SERVICE_LINK = Pattern
            .compile("NBO_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT(_\\d+_\\w+)?)");

    @Override
    public ConfigSourceInterceptor getInterceptor(ConfigSourceInterceptorContext context) {
        check(context, names());
        return ConfigSourceInterceptorContext::proceed;
    }

    private static List<String> names() {
        try (InputStream in = UnknownProperties.class.getClassLoader().getResourceAsStream(NAMES)) {
            if (in == null) {
                throw new IllegalStateException(NAMES + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(ConfigSourceInterceptorContext context, List<String> known) {
        List<String> variables = known.stream().map(UnknownProperties::variable).toList();
        var wrong = new ArrayList<String>();
        for (Iterator<String> names = context.iterateNames(); names.hasNext();) {
            String name = names.next();
            if (name.startsWith(VARIABLE_PREFIX)) {
                if (!variables.contains(name) && !name.equals(variable(FORMER))
                        && !SERVICE_LINK.matcher(name).matches()) {
                    wrong.add("environment variable " + name + suggestion(name, variables));
                }
            } else if (name.startsWith(PREFIX) && !known.contains(withoutIndex(name)) && !name.equals(FORMER)
                    && isSet(context, name)) {
                wrong.add(name + suggestion(name, known));
            }
        }
        if (!wrong.isEmpty()) {
            throw new ConfigurationException("unknown configuration: " + String.join("; ", wrong)
                    + ". docs/configuration.md lists all properties.");
        }
    }

    /** Elements of a list can be separate properties: {@code nbo.strategies.initial[0]}. */
    private static String withoutIndex(String name) {
        return name.replaceFirst("\\[\\d+]$", "");
    }

    /**
     * Whether the property is set outside of this artifact. Environment variables are listed a second time, in dotted
     * form, but are checked as variables; ConfigurationTest checks application.properties.
     */
    private static boolean isSet(ConfigSourceInterceptorContext context, String name) {
        var value = context.proceed(name);
        return value != null && value.getConfigSourceOrdinal() > SHIPPED
                && !value.getConfigSourceName().startsWith("EnvConfigSource");
    }

    private static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** Suggests a known name, without quoting the value, which may be a secret. */
    private static String suggestion(String name, List<String> known) {
        String nearest = null;
        int least = Math.max(3, name.length() / 3);
        for (String one : known) {
            int distance = NameSimilarity.distance(name, one);
            if (distance < least) {
                least = distance;
                nearest = one;
            }
        }
        return nearest == null ? "" : " (did you mean " + nearest + "?)";
    }
}
