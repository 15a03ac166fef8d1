package io.millrace.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        assertThat(config.http()).isEqualTo(new HubConfig.Http("127.0.0.1", 8080, ""));
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
    void everythingThatIsWrong_isToldAtOnce_withItsPlace() {
        assertThatThrownBy(() -> read("""
                roles: [source, vews]
                kafka:
                  bootstrap-severs: kafka-1:9092
                  replication-factor: 0
                http.port: 70000
                source:
                  url: erp.example.com
                  password: ${NO_SUCH_VARIABLE}
                mail:
                  providers: smtp, sendmail
                monitoring: 5s
                logs: {total-size: much}
                """))
                .isInstanceOf(MillraceException.class)
                .message()
                .isEqualTo("""
                        DIR/millrace.yaml:1:17: 'roles[1]' is not one of source, views, governance, sink, notifications, enrichment, monitoring, gateway
                          DIR/millrace.yaml:3:3: unknown key 'kafka.bootstrap-severs', did you mean 'bootstrap-servers'?
                          DIR/millrace.yaml:4:23: 'kafka.replication-factor' is not a whole number from 1 to 32767
                          DIR/millrace.yaml:5:12: 'http.port' is not a whole number from 0 to 65535
                          DIR/millrace.yaml:7:8: 'source.url' is not an address of JDBC, such as jdbc:postgresql://host:5432/database
                          DIR/millrace.yaml:8:13: the environment variable NO_SUCH_VARIABLE is not set
                          DIR/millrace.yaml:10:14: 'mail.providers' is not one of smtp, sendgrid, resend
                          DIR/millrace.yaml:11:13: 'monitoring' has keys below it: objective, patience, alert-after, mail-to, webhook
                          DIR/millrace.yaml:12:20: 'logs.total-size' is not a size, such as 100MB or 2GB""".replace("DIR", directory.toString()));
    }

    @Test
    void yamlThatIsMalformed_isNamedWithLineAndColumn() {
        assertThatThrownBy(() -> read("http:\n  port: 1\n port: 2\n"))
                .isInstanceOf(MillraceException.class)
                .hasMessageMatching(".*millrace.yaml:3:2: not valid YAML: .*");
    }

    /** Whatever stands in the place of a value: it is read, or told of with its place and what is allowed. */
    @Test
    void anyValueOfAnyKey_isReadOrToldOf() throws IOException {
        List<String> keys = new ArrayList<>();
        keys(HubConfig.class, "", keys);
        assertThat(keys).hasSizeGreaterThan(50).contains("mail.smtp.start-tls", "llm.openai.url");
        List<String> puzzles = new ArrayList<>();
        for (String key : keys) {
            for (String value : List.of(
                    "''",
                    "~",
                    "abc",
                    "'-1'",
                    "0",
                    "1",
                    "99999999999999999999",
                    "1.5",
                    "true",
                    "5s",
                    "10MB",
                    "2026-01-01",
                    "[1, 2]",
                    "[]",
                    "{a: 1}",
                    "{}",
                    "https://x",
                    "'a, b'",
                    "${NO_SUCH_VARIABLE}",
                    "${NO_SUCH:5}",
                    "!x y")) {
                readOrTold(key + ": " + value, puzzles);
            }
            String mistyped = key.substring(0, key.length() - 1);
            assertThatThrownBy(() -> read(mistyped + ": 1"))
                    .isInstanceOf(MillraceException.class)
                    .hasMessageContaining("millrace.yaml:1:1: unknown key")
                    .hasMessageContaining("did you mean '" + key.substring(key.lastIndexOf('.') + 1) + "'?");
        }
        assertThat(puzzles).isEmpty();
    }

    private void readOrTold(String line, List<String> puzzles) throws IOException {
        try {
            read(line);
        } catch (MillraceException told) {
            String message = String.valueOf(told.getMessage());
            if (!message.matches("(?s)\\S+/millrace.yaml:1:\\d+: .*") || message.contains("java.")) {
                puzzles.add(line + " → " + message);
            }
        }
    }

    private static void keys(Class<?> type, String above, List<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key =
                    above + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord() && component.getType() != Secret.class) {
                keys(component.getType(), key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }

    @Test
    void values_areTextsAsTheyStand_notWhatYamlMakesOfThem() throws IOException {
        HubConfig config = read("""
                source: {user: 1e3, password: 0123}
                analytics: {user: on, password: 2026-01-01}
                kafka: {properties: {acks: all, linger.ms: 0x10, a: null, b: '\\${c}'}}
                roles: []
                mail: {from: }
                """);
        assertThat(config.source().user()).isEqualTo("1e3");
        assertThat(config.source().password().reveal()).isEqualTo("0123");
        assertThat(config.analytics().user()).isEqualTo("on");
        assertThat(config.analytics().password().reveal()).isEqualTo("2026-01-01");
        assertThat(config.kafka().properties())
                .isEqualTo(Map.of("acks", "all", "linger.ms", "0x10", "a", "null", "b", "${c}"));
        assertThat(config.roles()).isEmpty();
        assertThat(config.mail().from()).isEqualTo("millrace@example.test");
    }

    @Test
    void keyThatIsThereTwice_isNamed() {
        assertThatThrownBy(() -> read("http: {port: 1}\nhttp: {port: 2}\n"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("millrace.yaml:2:1: not valid YAML: found duplicate key http");
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
