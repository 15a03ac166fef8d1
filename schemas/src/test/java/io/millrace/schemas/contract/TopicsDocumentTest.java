package io.millrace.schemas.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.TopicContract;
import io.millrace.schemas.TopicContracts;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/topics.md and docs/asyncapi.json say what the code says of each topic. */
class TopicsDocumentTest {
    private static final Path DOCS = Path.of("../docs");
    private static final boolean WRITE = "write".equals(System.getProperty("millrace.docs"));
    private static final Map<Class<?>, Object> EXAMPLES = Map.of(
            SourceName.class, new SourceName("erp"),
            TableName.class, new TableName("sales", "orders"),
            ViewName.class, new ViewName("stock_on_hand"));

    @Test
    void eachTopicOfTheCode_hasAContract_ofItsNameAndRetention() throws Exception {
        Topics topics = new Topics(new InMemorySchemaRegistry());
        List<TopicContract> covered = new ArrayList<>();
        for (Method method : Topics.class.getMethods()) {
            if (method.getReturnType() != Topic.class || Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            Topic<?, ?> topic = (Topic<?, ?>) method.invoke(
                    topics,
                    Arrays.stream(method.getParameterTypes()).map(EXAMPLES::get).toArray());
            TopicContract contract = TopicContracts.of(topic.name())
                    .orElseThrow(() -> new AssertionError("no contract covers topic " + topic.name()));
            assertThat(contract.retention()).as(topic.name()).isEqualTo(topic.retention());
            covered.add(contract);
        }
        assertThat(covered).containsExactlyInAnyOrderElementsOf(TopicContracts.ALL);
    }

    @Test
    void eachContract_isInTheDocument() throws Exception {
        Path file = DOCS.resolve("topics.md");
        String document = Files.readString(file);
        String first = "<!-- topics: written by TopicsDocumentTest with -Dmillrace.docs=write -->\n";
        int begin = document.indexOf(first) + first.length();
        int end = document.indexOf("<!-- End of topics -->\n");
        String written = TopicsMarkdown.write(TopicContracts.ALL);
        if (WRITE) {
            Files.writeString(file, document.substring(0, begin) + written + document.substring(end));
        } else {
            assertThat(document.substring(begin, end))
                    .as("docs/topics.md; run this test with -Dmillrace.docs=write")
                    .isEqualTo(written);
        }
    }

    @Test
    void eachContract_isInTheAsyncApi() throws IOException {
        Path file = DOCS.resolve("asyncapi.json");
        String written = AsyncApi.write(TopicContracts.ALL);
        if (WRITE) {
            Files.writeString(file, written);
        } else {
            assertThat(Files.readString(file))
                    .as("docs/asyncapi.json; run this test with -Dmillrace.docs=write")
                    .isEqualTo(written);
        }
    }
}
