package io.millrace.demo.run;

import io.millrace.hub.config.ConfigOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Starts real servers, a business that trades in a reference ERP, and the hub.",
            "Ends after --for, or with Ctrl-C; what it wrote stays in the data directory."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--for",
            paramLabel = "DURATION",
            description = "How long to trade, e.g. 30s or 5m. Default: until Ctrl-C.")
    private Duration duration = Duration.ofDays(365);

    @Option(names = "--data", paramLabel = "DIR", description = "Files of all servers; kept between runs.")
    private Path data = ConfigOption.home().resolve(".millrace");

    @Option(names = "--fresh", description = "Remove what earlier runs left in the data directory.")
    private boolean fresh;

    @Option(names = "--catalog", paramLabel = "DIR", description = "Sources and views.")
    private Path catalog = ConfigOption.home().resolve("catalog");

    @Option(names = "--rate", paramLabel = "N", description = "Transactions per second, of all tenants together.")
    private double rate = 50;

    @Option(names = "--tenants", paramLabel = "N", description = "Companies that trade at the same time.")
    private int tenants = 3;

    @Option(names = "--seed", paramLabel = "N", description = "Of what happens: the same seed, the same business.")
    private long seed = 1;

    @Option(
            names = "--check",
            description = "At the end, compare everything published with the source; exit code 1 if anything differs.")
    private boolean check;

    @Option(
            names = "--chaos",
            description = {
                "Kill the hub with -9 again and again, and now and then the broker; restart Postgres.",
                "Meanwhile a reader looks for states that whole transactions cannot give; exit code 1 if it finds one."
            })
    private boolean chaos;

    @Option(
            names = "--pauses",
            description = {
                "Stop the hub and its servers for 1 to 60 s (at most a fifth of the time), again and again, as a machine",
                "without time for them does. Not together with --chaos."
            })
    private boolean pauses;

    @Option(
            names = "--misdeeds",
            description = {
                "Two more companies violate every control of the catalog, and come close to it, again and again.",
                "See them with 'millrace alerts list'; --check compares alerts and misdeeds."
            })
    private boolean misdeeds;

    @Option(
            names = "--traces",
            description = "Follow every source transaction, and show one at the end: from its commit to the mail.")
    private boolean traces;

    @Option(
            names = "--llm",
            paramLabel = "fake",
            description =
                    "A stand-in in the place of an LLM, which answers by rule: to try 'millrace enrich' without a key.")
    private Llm llm = Llm.NONE;

    /** Who answers. */
    enum Llm {
        NONE,
        FAKE
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        Demo.Options options = new Demo.Options(
                data,
                fresh,
                catalog,
                duration,
                rate,
                tenants,
                seed,
                check,
                chaos,
                pauses,
                misdeeds,
                llm == Llm.FAKE,
                traces);
        return new Demo(options, spec.commandLine().getOut()).run() ? 0 : 1;
    }
}
