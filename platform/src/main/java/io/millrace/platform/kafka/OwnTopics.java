package io.millrace.platform.kafka;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** The topics that an application reads and writes, which must be there before it starts. */
public final class OwnTopics {
    private OwnTopics() {}

    /** Creates those that are missing; another process may do the same at the same time. */
    public static void create(KafkaServers kafkaServers, List<NewTopic> wanted) throws InterruptedException {
        try (Admin admin = kafkaServers.admin(Map.of())) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = wanted.stream()
                    .filter(topic -> !existing.contains(topic.name()))
                    .toList();
            create(admin, missing);
        } catch (ExecutionException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot create topics at " + kafkaServers + ": " + failed.getMessage(),
                    "start Kafka, or grant the hub Create and Write on its topics: views.*, governance.*, notifications.*, enrichment.*, ops.* and hub.*",
                    failed);
        }
    }

    /** Creates topics that another process may create at the same time. */
    public static void create(Admin admin, List<NewTopic> missing) throws ExecutionException, InterruptedException {
        for (Future<Void> created : admin.createTopics(missing).values().values()) {
            awaitCreation(created);
        }
    }

    private static void awaitCreation(Future<Void> created) throws ExecutionException, InterruptedException {
        try {
            created.get();
        } catch (ExecutionException failed) {
            if (!(failed.getCause() instanceof TopicExistsException)) {
                throw failed;
            }
        }
    }
}
