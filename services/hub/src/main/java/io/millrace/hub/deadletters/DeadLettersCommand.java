package io.millrace.hub.deadletters;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.config.SourceFile;
import io.millrace.operations.deadletters.DeadLetters;
import io.millrace.operations.deadletters.LetterDecision;
import io.millrace.operations.deadletters.LetterFilter;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterActionKind;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
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
        LetterFilter filter = choice.filter();
        try (DeadLetters letters = open()) {
            List<DeadLetter> chosen = letters.all().stream()
                    .filter(letter -> (all || DeadLetters.isOpen(letter)) && filter.matches(letter))
                    .toList();
            output().list(
                            out,
                            LetterPrinter.LISTING,
                            chosen.stream().limit(limit).toList());
            if (output().isTable() && chosen.size() > 1) {
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

    @Command(
            name = "show",
            description = "One dead letter, with what could not be processed.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "ID", description = "Its id, or as much of the beginning as is unique.")
                    String id) {
        PrintWriter out = out();
        try (DeadLetters letters = open()) {
            DeadLetter letter = letters.find(id);
            String content = letters.content(letter);
            output().one(
                            out,
                            LetterPrinter.LISTING.withHidden("content", each -> content),
                            letter,
                            printed -> LetterPrinter.show(printed, letter, content));
        }
        out.flush();
        return 0;
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
        try (DeadLetters letters = open()) {
            List<DeadLetter> chosen = chosen(letters, ids == null ? List.of() : ids, choice.filter());
            if (dryRun || chosen.isEmpty()) {
                out.println(
                        chosen.isEmpty()
                                ? "no dead letters"
                                : "these would be told " + kind.name().toLowerCase(Locale.ROOT) + ":");
                output().list(out, LetterPrinter.LISTING, chosen);
                out.flush();
                return 0;
            }
            List<DeadLetter> now = letters.decide(chosen, new LetterDecision(kind, person(by), why, rate));
            output().list(out, LetterPrinter.LISTING, now);
            out.flush();
            return now.stream().noneMatch(DeadLetters::isOpen) ? 0 : 1;
        }
    }

    private static List<DeadLetter> chosen(DeadLetters letters, List<String> ids, LetterFilter filter) {
        if (ids.isEmpty() == filter.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    ids.isEmpty() ? "no dead letters are named" : "dead letters are named by id and by choice",
                    "name ids, or choose with --stage, --reason or --since");
        }
        return ids.isEmpty() ? letters.choose(filter) : letters.choose(ids);
    }

    private DeadLetters open() {
        HubConfig config = config();
        return new DeadLetters(
                config.kafka().servers(),
                HttpSchemaRegistry.impatient(config.registry().url()),
                SourceFile.readOnly(config.catalog()).lanes());
    }
}
