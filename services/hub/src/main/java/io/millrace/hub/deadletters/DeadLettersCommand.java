package io.millrace.hub.deadletters;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.config.SourceFile;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.DeadRecord;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterActionKind;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks after what could not be processed. */
@Command(
        name = "deadletters",
        description = "What could not be processed: lists it, shows it, has it tried again or settles it.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class DeadLettersCommand extends RunningHubCommand {
    private static final int SHOWN_BYTES = 512;

    @Command(
            name = "list",
            description = "Dead letters, the newest first, and how many there are of each stage and reason.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin Choice choice,
            @Option(names = "--all", description = "Also those that are healed or discarded.") boolean all,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "At most so many. Default: 50")
                    int limit) {
        PrintWriter out = out();
        try (Letters letters = open()) {
            List<DeadLetter> chosen = letters.all().stream()
                    .filter(letter -> (all || Choice.open(letter)) && choice.matches(letter))
                    .toList();
            if (chosen.isEmpty()) {
                out.println("no dead letters");
            }
            chosen.stream().limit(limit).forEach(letter -> line(letter, out));
            if (chosen.size() > 1) {
                out.println();
                Map<String, Long> groups = chosen.stream()
                        .collect(Collectors.groupingBy(
                                letter -> letter.getOrigin() + ": " + letter.getReason(),
                                TreeMap::new,
                                Collectors.counting()));
                groups.forEach((group, count) -> out.printf(Locale.ROOT, "%,8d  %s%n", count, group));
            }
        }
        out.flush();
        return 0;
    }

    private static void line(DeadLetter letter, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%-8s  %s  %-9s  %-24s  %s%n",
                letter.getId().substring(0, 8),
                letter.getAt().truncatedTo(ChronoUnit.SECONDS),
                letter.getState().name().toLowerCase(Locale.ROOT),
                letter.getOrigin(),
                letter.getReason());
    }

    @Command(
            name = "show",
            description = "One dead letter, with what could not be processed.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "ID", description = "Its id, or as much of the beginning as is unique.")
                    String id) {
        PrintWriter out = out();
        try (Letters letters = open()) {
            DeadLetter letter = letters.find(id);
            out.println("id        " + letter.getId());
            out.println("stage     " + letter.getOrigin() + ", lane " + letter.getLane());
            out.println("state     " + letter.getState().name().toLowerCase(Locale.ROOT) + " since " + letter.getAt());
            out.println("what      " + letter.getSubject());
            out.println("why       " + letter.getReason());
            out.println("remedy    " + letter.getRemedy());
            ByteBuffer payload = letter.getPayload();
            if (payload != null) {
                out.println("content   " + content(payload));
            }
        }
        out.flush();
        return 0;
    }

    /** An alert as JSON, if it is one; else its first bytes. */
    private String content(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        try {
            Topics topics =
                    new Topics(HttpSchemaRegistry.impatient(config().registry().url()));
            Alert alert = topics.alerts()
                    .values()
                    .deserializer()
                    .deserialize(topics.alerts().name(), bytes);
            return String.valueOf(alert);
        } catch (RuntimeException noAlert) {
            int shown = Math.min(bytes.length, SHOWN_BYTES);
            return bytes.length + " bytes: " + HexFormat.of().formatHex(bytes, 0, shown)
                    + (shown < bytes.length ? "…" : "");
        }
    }

    @Command(
            name = "redrive",
            description = {
                "Has the stage that failed try again, and only that stage.",
                "What was done before is not done twice. What fails again stays open, with the new reason."
            },
            mixinStandardHelpOptions = true)
    int redrive(
            @Parameters(
                            arity = "0..*",
                            paramLabel = "ID",
                            description = "Of the letters; none with --stage, --reason or --since.")
                    @Nullable List<String> ids,
            @Mixin Choice choice,
            @Option(
                            names = "--rate",
                            paramLabel = "N",
                            defaultValue = "10",
                            description = "A second at most. Default: 10")
                    int rate,
            @Option(names = "--dry-run", description = "Only says which they are.") boolean dryRun,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        return decide(DeadLetterActionKind.REDRIVE, ids, choice, Math.max(1, rate), dryRun, by, null);
    }

    @Command(
            name = "discard",
            description = "Settles dead letters without trying again. They stay on record.",
            mixinStandardHelpOptions = true)
    int discard(
            @Parameters(
                            arity = "0..*",
                            paramLabel = "ID",
                            description = "Of the letters; none with --stage, --reason or --since.")
                    @Nullable List<String> ids,
            @Mixin Choice choice,
            @Option(names = "--why", required = true, paramLabel = "TEXT", description = "Kept in the audit trail.")
                    String why,
            @Option(names = "--dry-run", description = "Only says which they are.") boolean dryRun,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        return decide(DeadLetterActionKind.DISCARD, ids, choice, Integer.MAX_VALUE, dryRun, by, why);
    }

    private int decide(
            DeadLetterActionKind kind,
            @Nullable List<String> ids,
            Choice choice,
            int rate,
            boolean dryRun,
            @Nullable String by,
            @Nullable String why) {
        PrintWriter out = out();
        try (Letters letters = open()) {
            List<DeadLetter> chosen = chosen(letters, ids == null ? List.of() : ids, choice);
            if (dryRun || chosen.isEmpty()) {
                out.println(chosen.isEmpty() ? "no dead letters" : "these would be told " + word(kind) + ":");
                chosen.forEach(letter -> line(letter, out));
                out.flush();
                return 0;
            }
            List<DeadLetter> foreign = chosen.stream()
                    .filter(letter -> DeadRecord.isForeign(letter.getOrigin()))
                    .toList();
            if (kind == DeadLetterActionKind.REDRIVE && !foreign.isEmpty()) {
                throw new MillraceException(
                        Category.USER,
                        foreign.getFirst().getSubject() + " is no record of the hub's: no stage can try it again",
                        foreign.getFirst().getRemedy());
            }
            String person = by == null ? System.getProperty("user.name", "unknown") : by;
            long pause = Duration.ofSeconds(1).toNanos() / rate;
            for (DeadLetter letter : chosen) {
                letters.decide(letter, kind, person, why);
                LockSupport.parkNanos(pause);
            }
            List<DeadLetter> now = letters.awaitAnswers(chosen);
            now.forEach(letter -> line(letter, out));
            out.flush();
            return now.stream().noneMatch(Choice::open) ? 0 : 1;
        }
    }

    private static List<DeadLetter> chosen(Letters letters, List<String> ids, Choice choice) {
        if (ids.isEmpty() == choice.none()) {
            throw new MillraceException(
                    Category.USER,
                    ids.isEmpty() ? "no dead letters are named" : "dead letters are named by id and by choice",
                    "name ids, or choose with --stage, --reason or --since");
        }
        List<DeadLetter> chosen = new ArrayList<>();
        if (ids.isEmpty()) {
            letters.all().stream()
                    .filter(letter -> Choice.open(letter)
                            && choice.matches(letter)
                            && byItself(letter).isEmpty())
                    .forEach(chosen::add);
            return chosen;
        }
        for (String id : ids) {
            DeadLetter letter = letters.find(id);
            String why = Choice.open(letter) ? byItself(letter) : "it is " + word(letter) + " already";
            if (!why.isEmpty()) {
                throw new MillraceException(
                        Category.USER,
                        "dead letter " + letter.getId().substring(0, 8) + ": " + why,
                        letter.getRemedy());
            }
            chosen.add(letter);
        }
        return chosen;
    }

    /** Why nobody can decide about a letter; empty if one can. */
    private static String byItself(DeadLetter letter) {
        return letter.getOrigin().startsWith("view:") || letter.getOrigin().startsWith("table:")
                ? "rows are not redriven: it heals by itself when the row or the view is mended"
                : "";
    }

    private static String word(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static String word(DeadLetter letter) {
        return word(letter.getState());
    }

    private Letters open() {
        HubConfig config = config();
        return new Letters(config, SourceFile.readOnly(config.catalog()).lanes());
    }
}
