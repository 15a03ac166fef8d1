package io.millrace.hub.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubContentTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void configuration_hasEveryKey_andNoSecret() throws Exception {
        Path file = Files.writeString(directory.resolve("millrace.yaml"), """
                source:
                  url: jdbc:postgresql://bob:hidden1@erp/prod?ssl=true&password=hidden2&user=x
                  password: hidden3
                mail:
                  providers: [sendgrid, smtp]
                  smtp:
                    start-tls: true
                    password: hidden4
                  sendgrid:
                    key: hidden5
                    webhook-key: hidden6
                kafka:
                  properties:
                    security.protocol: SASL_SSL
                    sasl.jaas.config: hidden7
                    ssl.keystore.password: hidden8
                """);
        Map<String, String> keys = HubContent.configuration(YamlFile.read(file, HubConfig.class));
        assertThat(keys.toString()).doesNotContain("hidden");
        assertThat(keys)
                .containsEntry("source.url", "jdbc:postgresql://(secret)erp/prod?ssl=true&password=(secret)&user=x")
                .containsEntry("source.password", "(secret)")
                .containsEntry("mail.sendgrid.webhook-key", "(secret)")
                .containsEntry("mail.resend.key", "")
                .containsEntry("mail.providers", "sendgrid, smtp")
                .containsEntry("mail.smtp.start-tls", "true")
                .containsEntry("mail.unknown-window", "PT2M")
                .containsEntry("kafka.properties.security.protocol", "SASL_SSL")
                .containsEntry("kafka.properties.sasl.jaas.config", "(secret)")
                .containsEntry("http.port", "8080");
    }

    @Test
    void catalog_hasEachFile_andWhatIsInIt() throws Exception {
        Files.createDirectories(directory.resolve("views"));
        Files.writeString(directory.resolve("views/a.sql"), "SELECT 1");
        Files.writeString(directory.resolve("routes.yaml"), "");
        assertThat(HubContent.catalog(directory))
                .containsOnlyKeys("views/a.sql", "routes.yaml")
                .containsEntry("routes.yaml", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
