package io.nextbestoffer.platform.configuration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

import javax.tools.ToolProvider;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;

/** The properties of all {@code @ConfigMapping} interfaces, with their defaults, constraints and Javadoc. */
final class DocumentedProperties {

    private static final Path SOURCES = Path.of("src/main/java");

    private DocumentedProperties() {
    }

    /** @param javadoc empty if there is none */
    record Property(String name, Class<?> mapping, Method method, Optional<String> standard, String javadoc) {

        String variable() {
            return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
        }

        /** The type of one value: the type argument of an {@link Optional} or a list. */
        Class<?> type() {
            return raw(element(method.getAnnotatedReturnType()).getType());
        }

        boolean isList() {
            AnnotatedType type = method.getAnnotatedReturnType();
            AnnotatedType value = raw(type.getType()) == Optional.class ? argument(type) : type;
            return Collection.class.isAssignableFrom(raw(value.getType()));
        }

        /** A constraint on the property or on its type argument. */
        <A extends Annotation> Optional<A> constraint(Class<A> type) {
            return Optional.ofNullable(method.getAnnotation(type))
                    .or(() -> Optional.ofNullable(element(method.getAnnotatedReturnType()).getAnnotation(type)));
        }

        boolean isNumber() {
            return List.of(short.class, Short.class, int.class, Integer.class, long.class, Long.class, double.class,
                    Double.class,
                    OptionalInt.class, OptionalLong.class, OptionalDouble.class).contains(type());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static AnnotatedType element(AnnotatedType type) {
        Class<?> raw = raw(type.getType());
        return raw == Optional.class || Collection.class.isAssignableFrom(raw) ? element(argument(type)) : type;
    }

    private static AnnotatedType argument(AnnotatedType type) {
        return ((AnnotatedParameterizedType) type).getAnnotatedActualTypeArguments()[0];
    }

    private static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType parameterized ? parameterized.getRawType() : type);
    }

    /** All properties, ordered by name. */
    static List<Property> all() {
        var all = new TreeMap<String, Property>();
        for (Class<?> mapping : mappings()) {
            Map<String, String> javadoc = javadoc(mapping);
            ConfigMappings.getProperties(ConfigMappings.ConfigClass.configClass(mapping)).forEach((name, property) -> {
                if (!name.contains("[*]") && !property.isGroup()) {
                    Method method = property.getMethod();
                    all.put(name, new Property(name, mapping, method,
                            property.hasDefaultValue() ? Optional.of(property.getDefaultValue()) : Optional.empty(),
                            javadoc.getOrDefault(method.getDeclaringClass().getSimpleName() + "." + method.getName(),
                                    "")));
                }
            });
        }
        return List.copyOf(all.values());
    }

    static List<Class<?>> mappings() {
        try (var files = Files.walk(SOURCES)) {
            return files.filter(file -> file.getFileName().toString().endsWith("Config.java")).sorted()
                    .<Class<?>>map(DocumentedProperties::type)
                    .filter(type -> type.isAnnotationPresent(ConfigMapping.class))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Class<?> type(Path file) {
        String name = SOURCES.relativize(file).toString().replace(".java", "").replace('/', '.');
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The Javadoc of each method, read by the parser of javac; a key looks like {@code BatchLimits.records}. */
    private static Map<String, String> javadoc(Class<?> mapping) {
        var texts = new HashMap<String, String>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null,
                    files.getJavaFileObjects(SOURCES.resolve(mapping.getName().replace('.', '/') + ".java")));
            var docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new TreePathScanner<Void, String>() {

                    @Override
                    public Void visitClass(ClassTree type, String outer) {
                        return super.visitClass(type, type.getSimpleName().toString());
                    }

                    @Override
                    public Void visitMethod(MethodTree method, String type) {
                        String text = docs.getDocComment(getCurrentPath());
                        if (text != null) {
                            texts.put(type + "." + method.getName(), plain(text));
                        }
                        return null;
                    }
                }.scan(unit, "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    private static String plain(String javadoc) {
        return javadoc.replaceAll("\\{@(?:code|link) ([^}]*)}", "`$1`").replaceAll("\\s+", " ").trim();
    }

    /** The allowed values, in words. */
    static String rule(Property property) {
        var rules = new ArrayList<String>();
        Class<?> type = property.type();
        if (type.isEnum()) {
            rules.add(Arrays.stream(type.getEnumConstants()).map(one -> "`" + one.toString().toLowerCase(Locale.ROOT)
                    .replace('_', '-') + "`").collect(Collectors.joining(", ")));
        } else if (type == boolean.class || type == Boolean.class) {
            rules.add("`true`, `false`");
        } else if (type == Duration.class) {
            rules.add("duration");
        } else if (type == MemorySize.class) {
            rules.add("bytes, or a number with K, M or G");
        } else if (property.isNumber()) {
            rules.add(type == double.class || type == Double.class || type == OptionalDouble.class
                    ? "number"
                    : "whole number");
        } else {
            rules.add("text");
        }
        if (property.isList()) {
            rules.add("separated by commas");
        }
        rules.addAll(PropertyLimits.of(property).words());
        return String.join(", ", rules);
    }
}
