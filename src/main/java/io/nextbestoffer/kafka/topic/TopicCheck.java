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

/** Verifies the required topics, and creates missing ones if it is configured to. */
@ApplicationScoped
class TopicCheck {

    private static final Logger LOG = Logger.getLogger(TopicCheck.class);

    private final Admin admin;
    private final RequiredTopics required;
    private final TopicConfig config;

    TopicCheck(Admin admin, RequiredTopics required, TopicConfig config) {
        this.admin = admin;
        this.required = required;
        this.config = config;
    }

    /**
     * The result of a check.
     *
     * @param missing the reasons why topics can't be used, by topic
     * @param findings settings that are not as required
     */
    record Result(Map<String, String> missing, List<Finding> findings) {
    }

    Uni<Result> check() {
        return describe().chain(this::createMissing)
                .chain(topics -> verify(topics).map(findings -> new Result(topics.missing(), findings)));
    }

    /**
     * @param existing topics by name
     * @param absent topics that do not exist
     * @param unusable topics that may not be described or could not be created, with the reason
     */
    private record Topics(Map<String, TopicDescription> existing, Set<String> absent, Map<String, String> unusable) {

        Map<String, String> missing() {
            var missing = new TreeMap<>(unusable);
            absent.forEach(topic -> missing.putIfAbsent(topic, "does not exist"));
            return missing;
        }
    }

    private Uni<Topics> describe() {
        return each(Uni.createFrom().item(() -> admin.describeTopics(names()).topicNameValues()))
                .chain(found -> {
                    var topics = new Topics(new HashMap<>(), new TreeSet<>(), new TreeMap<>());
                    for (var entry : found.entrySet()) {
                        String topic = entry.getKey();
                        var answer = entry.getValue();
                        if (answer.value() != null) {
                            topics.existing().put(topic, answer.value());
                        } else if (answer.failure() instanceof UnknownTopicOrPartitionException) {
                            topics.absent().add(topic);
                        } else if (answer.failure() instanceof AuthorizationException) {
                            topics.unusable().put(topic, lacks("DESCRIBE", topic));
                        } else {
                            // Unchanged: its class distinguishes a wrong password from an untrusted certificate
                            return Uni.createFrom().failure(answer.failure());
                        }
                    }
                    return Uni.createFrom().item(topics);
                });
    }

    private Set<String> names() {
        return required.all().stream().map(RequiredTopic::name).collect(Collectors.toSet());
    }

    private static String lacks(String operation, String topic) {
        return "may not be used: the service needs the ACL " + operation + " on the topic " + topic;
    }

    /**
     * Creates missing topics, if configured. A topic may exist by now, because other replicas create topics at the same
     * time.
     */
    private Uni<Topics> createMissing(Topics topics) {
        if (config.management() != TopicConfig.Management.CREATE || topics.absent().isEmpty()) {
            return Uni.createFrom().item(topics);
        }
        var partitions = new HashMap<String, Integer>();
        var missing = new ArrayList<NewTopic>();
        for (RequiredTopic topic : required.all()) {
            TopicDescription existing = topics.existing().get(topic.name());
            int count = existing != null
                    ? existing.partitions().size()
                    : partitions.getOrDefault(topic.input(), config.creation().partitions());
            partitions.put(topic.name(), count);
            if (topics.absent().contains(topic.name())) {
                missing.add(new NewTopic(topic.name(), count, config.creation().replicationFactor())
                        .configs(topic.configuration()));
            }
        }
        return each(Uni.createFrom().item(() -> admin.createTopics(missing).values())).chain(created -> {
            created.forEach((topic, answer) -> {
                if (answer.failure() == null) {
                    LOG.infof("topic %s was created with %d partitions", topic, partitions.get(topic));
                } else if (answer.failure() instanceof AuthorizationException) {
                    topics.unusable().put(topic,
                            "does not exist, and the service may not create it: it needs the ACL CREATE"
                                    + " on the topic " + topic + " or on the cluster");
                } else if (!(answer.failure() instanceof TopicExistsException)) {
                    topics.unusable().put(topic, "does not exist, and could not be created: "
                            + answer.failure().getClass().getSimpleName() + ": " + answer.failure().getMessage());
                }
            });
            // The next check finds the new topics: the broker that answers now may not know them yet
            return Uni.createFrom().item(topics);
        });
    }

    private Uni<List<Finding>> verify(Topics topics) {
        if (topics.existing().isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        Map<ConfigResource, String> resources = topics.existing().keySet().stream()
                .collect(Collectors.toMap(name -> new ConfigResource(ConfigResource.Type.TOPIC, name), name -> name));
        return each(Uni.createFrom().item(() -> admin.describeConfigs(resources.keySet()).values()))
                .map(configs -> {
                    var findings = new ArrayList<Finding>();
                    for (RequiredTopic topic : required.all()) {
                        TopicDescription existing = topics.existing().get(topic.name());
                        if (existing != null) {
                            TopicDescription input = topic.input() == null
                                    ? null
                                    : topics.existing().get(topic.input());
                            findings.addAll(findings(topic, existing, input,
                                    configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))));
                        }
                    }
                    return findings;
                });
    }

    private static List<Finding> findings(RequiredTopic topic, TopicDescription existing,
            @Nullable TopicDescription input, Answer<Config> config) {
        if (config.failure() instanceof UnknownTopicOrPartitionException) {
            return List.of();
        }
        if (config.failure() instanceof AuthorizationException) {
            return List.of(new Finding(topic.name(), "configuration", "hidden",
                    "the ACL DESCRIBE_CONFIGS on the topic " + topic.name()));
        }
        if (config.value() == null) {
            return List.of(new Finding(topic.name(), "configuration",
                    "unknown (" + config.failure().getClass().getSimpleName() + ")", "an answer from the broker"));
        }
        return topic.verify(config.value(), existing.partitions().size(),
                input == null ? null : input.partitions().size());
    }

    /** @param value null if the request failed */
    private record Answer<T>(@Nullable T value, @Nullable Throwable failure) {
    }

    /** Waits for all answers. Kafka answers for each key separately, and one answer may fail alone. */
    private static <K, T> Uni<Map<K, Answer<T>>> each(Uni<Map<K, KafkaFuture<T>>> request) {
        return request.chain(futures -> {
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
