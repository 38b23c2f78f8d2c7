package io.nextbestoffer;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;

import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.annotation.JacksonAnnotation;
import com.fasterxml.jackson.core.TSFBuilder;
import com.fasterxml.jackson.core.TokenStreamFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Finds code that works on a JVM but needs configuration in a native image (list in docs/native.md), without building
 * one.
 */
class NativeImageTest {

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.nextbestoffer");

    private static final Path RESOURCES = Path.of("src/main/resources");

    /** Types that are never serialized, but describe stored JSON in OpenAPI. */
    private static final Set<String> ONLY_DOCUMENTED = Set
            .of("io.nextbestoffer.latest.LatestOfferResource$LatestOffer");

    /**
     * Classes that pass objects to Jackson, each with the types of those objects that no signature of a REST method
     * contains.
     */
    private static final Map<String, List<String>> WRITTEN_BESIDE_SIGNATURES = Map.of(
            "platform.Problems", List.of("platform.Problems$Violation"),
            "recommendation.RecommendationResource", List.of("platform.Problems$Violation"),
            "governance.InvalidStrategyProblem", List.of("governance.InvalidStrategyProblem$DocumentProblemJson"),
            "governance.StrategyLifecycle", List.of("governance.FindingJson"),
            // Passes only trees and maps
            "kafka.avro.RegistryClient", List.of(),
            "job.JobRunner", List.of("simulation.report.SimulationReport"),
            "maintenance.ParameterJson", List.of("maintenance.CustomerReconciliation$Parameters",
                    "maintenance.CustomerReconciliation$Checkpoint", "maintenance.DeadLetterReplay$Selection",
                    "maintenance.LatestOfferRebuild$Checkpoint"),
            "offer.OfferRepository", List.of("offer.OfferRepository$OfferUse"));

    private static final List<Class<? extends Annotation>> REST = List.of(GET.class, POST.class, PUT.class,
            PATCH.class, DELETE.class);

    private static final Set<String> REFLECTIVE = Set.of("forName", "getMethod", "getMethods", "getDeclaredMethod",
            "getDeclaredMethods", "getField", "getFields", "getDeclaredField", "getDeclaredFields", "getConstructor",
            "getConstructors", "getDeclaredConstructor", "getDeclaredConstructors", "getRecordComponents",
            "newInstance");

    private static final Set<String> PROCESS_SPECIFIC = Set.of("getenv", "getProperty", "getProperties", "nanoTime",
            "currentTimeMillis", "identityHashCode");

    @Test
    void listsAllUsersOfJackson() {
        Set<String> callers = MAIN.stream()
                .filter(type -> type.getMethodCallsFromSelf().stream().anyMatch(NativeImageTest::passesToJackson))
                .map(type -> type.getName().replace("io.nextbestoffer.", "").replaceAll("\\$.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(callers).as("add new classes and the types they write to WRITTEN_BESIDE_SIGNATURES")
                .isEqualTo(new TreeSet<>(WRITTEN_BESIDE_SIGNATURES.keySet()));
    }

    private static boolean passesToJackson(JavaAccess<?> call) {
        JavaClass owner = call.getTargetOwner();
        return owner.isAssignableTo(HttpProblem.Builder.class) && call.getName().equals("with")
                || (owner.isAssignableTo(ObjectMapper.class) || owner.isAssignableTo(ObjectWriter.class)
                        || owner.isAssignableTo(ObjectReader.class)) && !call.getName().equals("getFactory");
    }

    @Test
    void registersAllTypesOfJackson() {
        Set<String> registered = registered();

        assertThat(withComponentTypes(json())).as("each needs @RegisterForReflection").hasSizeGreaterThan(30)
                .allSatisfy(type -> assertThat(registered).contains(type));
    }

    /** Types that Jackson reads or writes: annotated for it, in the signature of a REST method, or passed to it. */
    private static Set<JavaClass> json() {
        Set<JavaClass> found = new HashSet<>();
        WRITTEN_BESIDE_SIGNATURES.values()
                .forEach(types -> types.forEach(type -> found.add(MAIN.get("io.nextbestoffer." + type))));
        for (JavaClass type : MAIN) {
            if (Stream.concat(Stream.of(type), type.getMembers().stream()).anyMatch(NativeImageTest::isForJackson)) {
                found.add(type);
            }
            if (type.isRecord() && !type.getModifiers().contains(JavaModifier.PRIVATE) && type.getEnclosingClass()
                    .map(around -> around.isAnnotatedWith(jakarta.ws.rs.Path.class)).orElse(false)) {
                found.add(type);
            }
            if (type.isAnnotatedWith(jakarta.ws.rs.Path.class)) {
                type.getMethods().stream().filter(method -> REST.stream().anyMatch(method::isAnnotatedWith))
                        .flatMap(method -> Stream.concat(Stream.of(method.getReturnType()),
                                method.getParameterTypes().stream()))
                        .flatMap(signature -> signature.getAllInvolvedRawTypes().stream())
                        .filter(NativeImageTest::isOurs).forEach(found::add);
            }
        }
        return found;
    }

    private static boolean isForJackson(HasAnnotations<?> element) {
        return element.getAnnotations().stream().anyMatch(annotation -> annotation.getRawType().getPackageName()
                .equals(JacksonAnnotation.class.getPackageName()));
    }

    /** Names of the types, and recursively of the types of record components. */
    private static Set<String> withComponentTypes(Set<JavaClass> roots) {
        Set<String> all = new TreeSet<>();
        Deque<JavaClass> next = new ArrayDeque<>(roots);
        for (JavaClass type; (type = next.poll()) != null;) {
            if (!ONLY_DOCUMENTED.contains(type.getName()) && all.add(type.getName()) && type.isRecord()) {
                type.getFields().stream().filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                        .flatMap(field -> field.getType().getAllInvolvedRawTypes().stream())
                        .filter(NativeImageTest::isOurs).forEach(next::add);
            }
        }
        return all;
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith("io.nextbestoffer");
    }

    private static Set<String> registered() {
        Set<String> registered = new TreeSet<>();
        for (JavaClass type : MAIN) {
            if (type.isAnnotatedWith(RegisterForReflection.class)) {
                var hint = type.getAnnotationOfType(RegisterForReflection.class);
                registered.addAll(List.of(hint.classNames()));
                Stream.of(hint.targets()).map(Class::getName).forEach(registered::add);
                if (hint.classNames().length + hint.targets().length == 0) {
                    registered.add(type.getName());
                }
            }
        }
        return registered;
    }

    @Test
    void usesNoReflectionByName() {
        noClasses().should().callMethodWhere(describe("looks up by name", call -> call.getTargetOwner()
                .isEquivalentTo(Class.class) && REFLECTIVE.contains(call.getName())
                || call.getTargetOwner().isEquivalentTo(ServiceLoader.class)
                || call.getTargetOwner().isEquivalentTo(Proxy.class)
                // code that the compiler generates for serializable lambdas, which is never called
                || call.getTargetOwner().getPackageName().equals("java.lang.invoke")
                        && !call.getTargetOwner().isEquivalentTo(SerializedLambda.class)
                || call.getTargetOwner().isAssignableTo(ClassLoader.class) && call.getName().equals("loadClass")))
                .check(MAIN);
    }

    /**
     * Quarkus initializes classes while it builds the image, so static state would be the same in every process.
     */
    @Test
    void keepsNoProcessStateInStaticFields() throws IOException {
        Set<String> found = new TreeSet<>();
        Set<String> atRunTime = Set.of(properties(
                "META-INF/native-image/io.nextbestoffer/next-best-offer/native-image.properties").getProperty("Args")
                .replace("--initialize-at-run-time=", "").split(","));
        int initializers = 0;
        for (JavaClass type : MAIN) {
            if (type.getStaticInitializer().isPresent() && !atRunTime.contains(type.getName())) {
                initializers++;
                reachedBy(type.getStaticInitializer().get())
                        .filter(access -> isProcessSpecific(access)
                                || atRunTime.contains(access.getTargetOwner().getName()))
                        .map(JavaAccess::getDescription).forEach(found::add);
            }
        }

        assertThat(initializers).isGreaterThan(50);
        assertThat(found).isEmpty();
    }

    /**
     * Accesses by a static initializer and by the methods of this project that it calls, without lambdas, which run
     * later.
     */
    private static Stream<JavaAccess<?>> reachedBy(JavaCodeUnit initializer) {
        Set<JavaCodeUnit> seen = new HashSet<>();
        Set<JavaAccess<?>> accesses = new HashSet<>();
        Deque<JavaCodeUnit> next = new ArrayDeque<>(List.of(initializer));
        for (JavaCodeUnit unit; (unit = next.poll()) != null;) {
            if (seen.add(unit)) {
                unit.getAccessesFromSelf().stream().filter(access -> !access.isDeclaredInLambda()).forEach(access -> {
                    accesses.add(access);
                    if (access instanceof JavaCall<?> call) {
                        call.getTarget().resolveMember().filter(member -> isOurs(member.getOwner()))
                                .ifPresent(next::add);
                    }
                });
            }
        }
        return accesses.stream();
    }

    private static boolean isProcessSpecific(JavaAccess<?> call) {
        JavaClass owner = call.getTargetOwner();
        String name = call.getName();
        return owner.isAssignableTo(RandomGenerator.class) || name.equals("randomUUID")
                || owner.getPackageName().startsWith("java.time")
                        && (name.equals("now") || name.startsWith("system") || name.startsWith("tick"))
                // Jackson seeds its symbol tables when they are created
                || owner.isAssignableTo(TokenStreamFactory.class) || owner.isAssignableTo(TSFBuilder.class)
                || owner.isAssignableTo(ObjectMapper.class)
                || owner.isEquivalentTo(System.class) && PROCESS_SPECIFIC.contains(name)
                || name.matches("get(Integer|Long|Boolean)") && owner.getPackageName().equals("java.lang")
                || owner.getPackageName().matches("java\\.(net|lang\\.management|util\\.concurrent\\.locks)")
                        && !owner.isEquivalentTo(URI.class)
                || Stream.of(Runtime.class, ProcessHandle.class, Thread.class, Executors.class, Files.class,
                        ConfigProvider.class).anyMatch(owner::isAssignableTo);
    }

    @Test
    void includesResources() throws IOException {
        List<PathMatcher> included = Stream
                .of(properties("application.properties").getProperty("quarkus.native.resources.includes").split(","))
                .map(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob.strip())).toList();
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            // Quarkus includes Flyway's scripts, and reads the others while it builds the image
            assertThat(files.filter(Files::isRegularFile).map(RESOURCES::relativize)
                    .filter(file -> !file.startsWith("db/migration") && !file.startsWith("META-INF")
                            && !file.equals(Path.of("application.properties"))))
                    .as("matches quarkus.native.resources.includes").isNotEmpty()
                    .allMatch(file -> included.stream().anyMatch(glob -> glob.matches(file)));
        }
    }

    private static Properties properties(String file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(RESOURCES.resolve(file))) {
            properties.load(in);
        }
        return properties;
    }
}
