package io.millrace.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void noFile_givesEveryDefault() {
        HubConfig config = YamlFile.read(null, HubConfig.class);
        assertThat(config.http()).isEqualTo(new HubConfig.Http("127.0.0.1", 8080));
        assertThat(config.kafka()).isEqualTo(new HubConfig.Kafka(HubConfig.EMBEDDED, (short) 1, Map.of()));
        assertThat(config.source().url()).isEqualTo(HubConfig.EMBEDDED);
    }

    @Test
    void file_isReadAndEnvironmentFilledIn() throws IOException {
        HubConfig config = read("""
                http:
                  port: 0
                kafka:
                  bootstrap-servers: kafka-1:9092,kafka-2:9092
                  replication-factor: 3
                  properties:
                    security.protocol: SASL_SSL
                    sasl.jaas.config: module required password="${PATH}";
                    ssl.truststore:
                      location: /etc/kafka/trust.p12
                source:
                  url: jdbc:postgresql://erp/prod
                  user: capture
                  password: ${PATH}
                """);
        assertThat(config.http().port()).isZero();
        assertThat(config.kafka().bootstrapServers()).isEqualTo("kafka-1:9092,kafka-2:9092");
        assertThat(config.kafka().replicationFactor()).isEqualTo((short) 3);
        assertThat(config.kafka().properties())
                .containsOnly(
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry("sasl.jaas.config", "module required password=\"" + System.getenv("PATH") + "\";"),
                        Map.entry("ssl.truststore.location", "/etc/kafka/trust.p12"));
        assertThat(config.kafka().servers().toString()).isEqualTo("kafka-1:9092,kafka-2:9092");
        assertThat(config.source().password().reveal()).isEqualTo(System.getenv("PATH"));
        assertThat(config.toString()).doesNotContain(System.getenv("PATH"));
    }

    @Test
    void secrets_showInNoText() throws IOException {
        HubConfig config = read("""
                source: {password: hidden}
                analytics: {password: hidden}
                mail:
                  smtp: {password: hidden}
                  sendgrid: {key: hidden, webhook-key: hidden}
                  resend: {key: hidden, webhook-key: hidden}
                llm: {key: hidden, openai: {key: hidden}}
                tracing: {key: hidden}
                sentry: {dsn: hidden}
                datadog: {key: hidden}
                """);
        assertThat(config.datadog().key().reveal()).isEqualTo("hidden");
        assertThat(config.toString()).doesNotContain("hidden").contains("***");
    }

    @Test
    void unknownKey_isNamedWithItsLine() {
        assertThatThrownBy(() -> read("http:\n  prt: 1\n"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("millrace.yaml")
                .hasMessageContaining("2:")
                .hasMessageContaining("unknown key 'http.prt'");
    }

    @Test
    void wrongValue_isNamedWithoutTheValue() {
        assertThatThrownBy(() -> read("http:\n  port: s3cret\n"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("'http.port'")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void missingFile_isAClearError() {
        assertThatThrownBy(() -> YamlFile.read(directory.resolve("none.yaml"), HubConfig.class))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("cannot read the file");
    }

    private HubConfig read(String yaml) throws IOException {
        return YamlFile.read(Files.writeString(directory.resolve("millrace.yaml"), yaml), HubConfig.class);
    }
}
