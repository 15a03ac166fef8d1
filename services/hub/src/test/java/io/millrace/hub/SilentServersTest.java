package io.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Servers that are stopped take connections and say nothing: every command answers all the same, and says who is away. */
@SuppressWarnings("NullAway.Init")
class SilentServersTest {
    /** Commands are to answer within 5 s; a machine may be slow, but nothing may add up to the tens of seconds of before. */
    private static final Duration LIMIT = Duration.ofSeconds(18);

    private static final String SOMEONE = "c@example.test";
    private static final String ID = "11111111-1111-1111-1111-111111111111";

    /** These start servers, or ask none. */
    private static final Set<String> OTHERS =
            Set.of("demo", "run", "version", "completion", "enrich list", "mail", "explain", "check");

    @TempDir
    static Path directory;

    private static ServerSocket silent;
    private static Path config;

    @BeforeAll
    static void start() throws Exception {
        silent = new ServerSocket(0, 1_000);
        String at = "127.0.0.1:" + silent.getLocalPort();
        config = Files.writeString(directory.resolve("millrace.yaml"), """
                catalog: %s
                data: %s
                http: {port: %d}
                kafka: {bootstrap-servers: "%s"}
                registry: {url: "http://%s"}
                source: {url: "jdbc:postgresql://%s/erp"}
                analytics: {url: "jdbc:postgresql://%s/analytics"}
                mail: {smtp: {host: 127.0.0.1, port: %d}}
                llm: {url: "http://%s", key: x}
                """.formatted(
                        Path.of("../../catalog").toAbsolutePath(),
                        directory.resolve("data"),
                        silent.getLocalPort(),
                        at,
                        at,
                        at,
                        at,
                        silent.getLocalPort(),
                        at));
    }

    @AfterAll
    static void end() throws Exception {
        silent.close();
    }

    private static Stream<String> commands() {
        return Stream.of(
                "lag",
                "doctor",
                "alerts list",
                "alerts show " + ID,
                "alerts ack " + ID,
                "alerts resolve " + ID + " --reason done",
                "alerts suppress " + ID + " --until 2031-01-01T00:00:00Z --reason known",
                "deadletters list",
                "deadletters show " + ID,
                "deadletters redrive " + ID,
                "deadletters discard " + ID + " --why known",
                "audit verify",
                "notify test --to " + SOMEONE,
                "notify deliveries",
                "notify prefer " + SOMEONE + " --quiet off",
                "notify settle sent 1",
                "suppressions list",
                "suppressions add " + SOMEONE + " --reason asked",
                "suppressions release " + SOMEONE + " --reason asked",
                "keys create --name x",
                "keys list",
                "keys revoke 1",
                "keys rotate 1",
                "users create anna --role analyst",
                "users list",
                "users change anna --disable",
                "users link anna",
                "users sessions anna",
                "users sign-out anna",
                "settings list",
                "settings running",
                "settings show 0123456789ab",
                "settings diff 0123456789ab",
                "settings propose",
                "settings approve 0123456789ab --reason right",
                "settings restore 0123456789ab --into x",
                "settings flags",
                "settings set gateway-read-only off --reason done",
                "roles list",
                "roles set buyer --permission views:read",
                "roles remove buyer",
                "republish --all",
                "compare",
                "snapshot",
                "recover",
                "enrich try explain-alert --on " + ID);
    }

    private static void leaves(String prefix, CommandLine command, Set<String> names) {
        if (command.getSubcommands().isEmpty()) {
            names.add(prefix.strip());
        }
        command.getSubcommands().forEach((name, child) -> leaves(prefix + " " + name, child, names));
    }

    @Test
    void everyCommand_isTriedHere() {
        Set<String> all = new TreeSet<>();
        leaves("", Millrace.commandLine(), all);
        all.removeAll(OTHERS);
        Set<String> tried = new TreeSet<>();
        commands()
                .forEach(line -> all.stream()
                        .filter(name -> (line + " ").startsWith(name + " "))
                        .forEach(tried::add));
        assertThat(tried).isEqualTo(all);
    }

    private record Answer(String line, int code, Duration took, String printed) {}

    private static Answer run(String line) {
        StringWriter printed = new StringWriter();
        CommandLine millrace =
                Millrace.commandLine().setOut(new PrintWriter(printed, true)).setErr(new PrintWriter(printed, true));
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.addAll(List.of("--config", config.toString()));
        long begun = System.nanoTime();
        int code = millrace.execute(arguments.toArray(String[]::new));
        return new Answer(line, code, Duration.ofNanos(System.nanoTime() - begun), printed.toString());
    }

    /** All at the same time: they only wait. */
    @Test
    void everyCommand_answersSoon_andNamesWhoIsAway() throws Exception {
        // Spring's conversions are made when they are needed first, which is not for several threads.
        assertThat(run("alerts list").code).isNotZero();
        List<Future<Answer>> answers;
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            answers = commands().map(line -> threads.submit(() -> run(line))).toList();
        }
        for (Future<Answer> future : answers) {
            Answer answer = future.get();
            assertThat(answer.code).as(answer.toString()).isNotZero();
            assertThat(answer.printed)
                    .as(answer.line)
                    .contains("127.0.0.1:" + silent.getLocalPort())
                    .doesNotContain("INTERNAL");
            assertThat(answer.took).as(answer.toString()).isLessThan(LIMIT);
        }
    }
}
