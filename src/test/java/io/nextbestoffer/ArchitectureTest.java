package io.nextbestoffer;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;

import io.smallrye.config.ConfigMapping;
import io.smallrye.mutiny.groups.UniAwait;

/** Checks the dependencies between packages and other rules for the code; docs/architecture.md gives the reasons. */
class ArchitectureTest {

    private static final String ROOT = "io.nextbestoffer";
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);

    private static final String DEPENDENCIES = """
            attribute,      ''
            platform,       attribute
            kafka,          platform attribute
            activity,       kafka platform attribute
            customer,       kafka platform attribute
            offer,          kafka platform attribute
            strategy,       attribute activity customer offer
            governance,     strategy activity customer offer kafka platform attribute
            explanation,    governance strategy offer kafka platform attribute
            job,            kafka platform attribute
            history,        job explanation governance strategy customer offer kafka platform attribute
            decision,       history job explanation governance strategy activity customer offer kafka platform attribute
            latest,         decision history job explanation governance strategy activity customer offer kafka \
                            platform attribute
            recommendation, explanation governance strategy activity customer offer kafka platform attribute
            maintenance,    latest job decision governance strategy activity customer offer kafka platform attribute
            simulation,     history job governance strategy activity customer offer kafka platform attribute
            """;

    @ParameterizedTest
    @CsvSource(textBlock = DEPENDENCIES)
    void dependsOnlyOnListedPackages(String feature, String below) {
        var forbidden = resideInAPackage(ROOT + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(packages(feature + " " + below))))
                .and(DescribedPredicate.not(name(Channels.class.getName())))
                .as("are in this project, but not in: %s", below);

        noClasses().that().resideInAPackage(ROOT + "." + feature + "..").should().dependOnClassesThat(forbidden)
                .check(MAIN);
    }

    private static String[] packages(String features) {
        return Arrays.stream(features.trim().split("\\s+")).map(feature -> ROOT + "." + feature + "..")
                .toArray(String[]::new);
    }

    @Test
    void listsEveryPackage() {
        Set<String> listed = DEPENDENCIES.lines().map(line -> line.split(",")[0])
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(MAIN.stream().map(JavaClass::getPackageName).filter(name -> !name.equals(ROOT))
                .map(name -> name.substring(ROOT.length() + 1).split("\\.")[0])).isNotEmpty()
                .allSatisfy(name -> assertThat(listed).contains(name));
        assertThat(MAIN.stream().filter(type -> type.getPackageName().equals(ROOT)).map(JavaClass::getSimpleName))
                .containsExactly("Channels");
    }

    /** The rows of the table are {@code | `package` | contents | packages it depends on |}. */
    @Test
    void agreesWithTheTableInTheDocs() throws IOException {
        Map<String, Set<String>> table = DEPENDENCIES.lines().map(line -> line.split(",")).collect(
                Collectors.toMap(row -> row[0], row -> Set.copyOf(words("\\w+", row[1]))));
        var documented = new TreeMap<String, Set<String>>();
        for (String line : Files.readAllLines(java.nio.file.Path.of("docs", "architecture.md"))) {
            String[] cells = line.split(" \\| ");
            String name = cells[0].replaceAll("[|` ]", "");
            if (cells.length == 3 && table.containsKey(name)) {
                documented.put(name, Set.copyOf(words("(?<=`)\\w+(?=`)", cells[2])));
            }
        }

        assertThat(documented).isEqualTo(table);
    }

    private static List<String> words(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(MatchResult::group).toList();
    }

    @Test
    void hasNoCyclesBetweenPackages() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void parkingDoesNotDependOnDecision() {
        noClasses().that().resideInAPackage(ROOT + ".decision.parking..").should().dependOnClassesThat()
                .resideInAPackage(ROOT + ".decision").check(MAIN);
    }

    @Test
    void strategyUsesOnlyRecordsOfActivityCustomerAndOffer() {
        classes().that(are(resideInAnyPackage(packages("activity customer offer")))
                .and(DescribedPredicate.describe("are used by strategy",
                        type -> type.getDirectDependenciesToSelf().stream()
                                .anyMatch(
                                        use -> use.getOriginClass().getPackageName().startsWith(ROOT + ".strategy")))))
                .should().beRecords().check(MAIN);
    }

    @Test
    void strategyIsPlainJava() {
        noClasses().that().resideInAPackage(ROOT + ".strategy..").should().dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "io.quarkiverse..", "jakarta..", "io.smallrye..", "io.vertx..",
                        "org.apache.kafka..", "org.eclipse.microprofile..", "io.micrometer..", "org.hibernate..")
                .check(MAIN);
    }

    @Test
    void attributeDependsOnNoFramework() {
        noClasses().that().resideInAPackage(ROOT + ".attribute..").should().dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..", "io.vertx..", "org.apache.kafka..")
                .check(MAIN);
    }

    @Test
    void packagesAreNamedAfterFeatures() {
        noClasses().should().resideInAnyPackage("..dto..", "..dtos..", "..mapper..", "..mappers..", "..service..",
                "..services..", "..entity..", "..entities..", "..model..", "..models..", "..util..", "..utils..")
                .check(MAIN);
    }

    @Test
    void printsNothing() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MAIN);
        noClasses().should().callMethod(Throwable.class, "printStackTrace").check(MAIN);
    }

    @Test
    void neverWaitsIndefinitely() {
        noClasses().should().callMethod(UniAwait.class, "indefinitely").check(MAIN);
    }

    @Test
    void restEndpointsAreResources() {
        classes().that().areAnnotatedWith(Path.class).should().haveSimpleNameEndingWith("Resource").check(MAIN);
        classes().that().haveSimpleNameEndingWith("Resource").should().beAnnotatedWith(Path.class).check(MAIN);
    }

    /** Quarkus rejects every caller of an endpoint that names no role. */
    @Test
    void endpointsNameTheirRoles() {
        methods().that(DescribedPredicate.describe("are endpoints", method -> method.getAnnotations().stream()
                .anyMatch(annotation -> annotation.getRawType().isMetaAnnotatedWith(HttpMethod.class))))
                .should(ArchCondition.from(DescribedPredicate.describe("name their roles",
                        method -> method.isAnnotatedWith(RolesAllowed.class)
                                || method.getOwner().isAnnotatedWith(RolesAllowed.class))))
                .check(MAIN);
    }

    @Test
    void configurationsAreMappedInterfaces() {
        classes().that().areAnnotatedWith(ConfigMapping.class).should().haveSimpleNameEndingWith("Config")
                .andShould().beInterfaces().check(MAIN);
        classes().that().haveSimpleNameEndingWith("Config").should().beAnnotatedWith(ConfigMapping.class).check(MAIN);
    }

    @Test
    void mainDependsOnNoTests() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("org.junit..", "org.assertj..", "net.jqwik..",
                "io.restassured..", "org.awaitility..", ROOT + ".sandbox..").check(MAIN);
    }
}
