package io.nextbestoffer.kafka.topic;

import static io.nextbestoffer.kafka.topic.KafkaFutures.uni;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RequiredTopic.Finding;
import io.smallrye.mutiny.Uni;

/** Looks at the topics, and creates those that are missing where it may. */
@ApplicationScoped
class TopicCheck {

    private static final Logger LOG = Logger.getLogger(TopicCheck.class);

    private final Admin admin;
    private final RequiredTopics needed;
    private final TopicConfig config;

    TopicCheck(Admin admin, RequiredTopics needed, TopicConfig config) {
        this.admin = admin;
        this.needed = needed;
        this.config = config;
    }

    /**
     * What a look came to.
     *
     * @param missing what is missing and why it stays so, by topic
     * @param findings what is otherwise than expected
     */
    record Result(Map<String, String> missing, List<Finding> findings) {
    }

    Uni<Result> look() {
        return describe().chain(seen -> config.management() == TopicConfig.Management.CREATE && !seen.absent().isEmpty()
                ? create(seen)
                : Uni.createFrom().item(seen))
                .chain(seen -> verify(seen).map(findings -> new Result(seen.missing(), findings)));
    }

    /** @param absent do not exist; @param hidden may not be seen */
    private record Seen(Map<String, TopicDescription> there, Set<String> absent, Map<String, String> hidden) {

        Map<String, String> missing() {
            var missing = new TreeMap<>(hidden);
            absent.forEach(topic -> missing.putIfAbsent(topic, "does not exist"));
            return missing;
        }
    }

    private Uni<Seen> describe() {
        return each(Uni.createFrom().item(() -> admin.describeTopics(names()).topicNameValues()))
                .chain(found -> {
                    var seen = new Seen(new HashMap<>(), new TreeSet<>(), new TreeMap<>());
                    for (var entry : found.entrySet()) {
                        String topic = entry.getKey();
                        var answer = entry.getValue();
                        if (answer.value() != null) {
                            seen.there().put(topic, answer.value());
                        } else if (answer.failure() instanceof UnknownTopicOrPartitionException) {
                            seen.absent().add(topic);
                        } else if (answer.failure() instanceof AuthorizationException) {
                            seen.hidden().put(topic, lacks("DESCRIBE", topic));
                        } else {
                            // As it is: its name tells a wrong password from a certificate that is not trusted
                            return Uni.createFrom().failure(answer.failure());
                        }
                    }
                    return Uni.createFrom().item(seen);
                });
    }

    private Set<String> names() {
        return needed.all().stream().map(RequiredTopic::name).collect(Collectors.toSet());
    }

    private static String lacks(String operation, String topic) {
        return "may not be used: the service needs the ACL " + operation + " on the topic " + topic;
    }

    /** Another replica may be at the same: that a topic is there already is fine. */
    private Uni<Seen> create(Seen seen) {
        var partitions = new HashMap<String, Integer>();
        var missing = new ArrayList<NewTopic>();
        for (RequiredTopic topic : needed.all()) {
            TopicDescription there = seen.there().get(topic.name());
            int count = there != null
                    ? there.partitions().size()
                    : partitions.getOrDefault(topic.input(), config.creation().partitions());
            partitions.put(topic.name(), count);
            if (seen.absent().contains(topic.name())) {
                missing.add(new NewTopic(topic.name(), count, config.creation().replicationFactor())
                        .configs(topic.configuration()));
            }
        }
        return each(Uni.createFrom().item(() -> admin.createTopics(missing).values())).chain(created -> {
            created.forEach((topic, answer) -> {
                if (answer.failure() == null) {
                    LOG.infof("topic %s was created with %d partitions", topic, partitions.get(topic));
                } else if (answer.failure() instanceof AuthorizationException) {
                    seen.hidden().put(topic,
                            "does not exist, and the service may not create it: it needs the ACL CREATE"
                                    + " on the topic " + topic + " or on the cluster");
                } else if (!(answer.failure() instanceof TopicExistsException)) {
                    seen.hidden().put(topic, "does not exist, and could not be created: "
                            + answer.failure().getClass().getSimpleName() + ": " + answer.failure().getMessage());
                }
            });
            // What is there now is seen at the next look, for the broker that is asked may not know it yet
            return Uni.createFrom().item(seen);
        });
    }

    private Uni<List<Finding>> verify(Seen seen) {
        if (seen.there().isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        Map<ConfigResource, String> resources = seen.there().keySet().stream()
                .collect(Collectors.toMap(name -> new ConfigResource(ConfigResource.Type.TOPIC, name), name -> name));
        return each(Uni.createFrom().item(() -> admin.describeConfigs(resources.keySet()).values()))
                .map(configs -> {
                    var findings = new ArrayList<Finding>();
                    for (RequiredTopic topic : needed.all()) {
                        TopicDescription there = seen.there().get(topic.name());
                        if (there != null) {
                            TopicDescription input = topic.input() == null ? null : seen.there().get(topic.input());
                            findings.addAll(findings(topic, there, input,
                                    configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))));
                        }
                    }
                    return findings;
                });
    }

    private static List<Finding> findings(RequiredTopic topic, TopicDescription there,
            @Nullable TopicDescription input, Answer<Config> config) {
        if (config.failure() instanceof UnknownTopicOrPartitionException) {
            return List.of();
        }
        if (config.failure() instanceof AuthorizationException) {
            return List.of(new Finding(topic.name(), "configuration", "hidden",
                    "the ACL DESCRIBE_CONFIGS on the topic " + topic.name()));
        }
        if (config.value() == null) {
            return List.of(new Finding(topic.name(), "configuration", "unknown",
                    "an answer, but it is " + config.failure().getClass().getSimpleName()));
        }
        return topic.verify(config.value(), there.partitions().size(),
                input == null ? null : input.partitions().size());
    }

    /** @param value null if it failed */
    private record Answer<T>(@Nullable T value, @Nullable Throwable failure) {
    }

    /** Kafka answers for each, and one may fail alone. */
    private static <K, T> Uni<Map<K, Answer<T>>> each(Uni<Map<K, KafkaFuture<T>>> asked) {
        return asked.chain(futures -> {
            Map<K, Answer<T>> answers = new HashMap<>();
            Uni<Void> all = Uni.createFrom().voidItem();
            for (var entry : futures.entrySet()) {
                Uni<Optional<T>> one = uni(entry::getValue).map(Optional::ofNullable);
                all = all.chain(() -> one
                        .invoke(value -> answers.put(entry.getKey(), new Answer<>(value.orElse(null), null)))
                        .onFailure().recoverWithItem(failure -> {
                            answers.put(entry.getKey(), new Answer<>(null, failure));
                            return Optional.empty();
                        }).replaceWithVoid());
            }
            return all.replaceWith(answers);
        });
    }
}
