package io.millrace.monitoring.collect;

import io.millrace.schemas.SourceName;
import java.util.List;

/** The stages of the pipeline, in its order. */
public final class Stages {
    /** From the source's log to Kafka. */
    public static final String CAPTURE = "capture";

    /** From the feed to the views' changes. */
    public static final String VIEWS = "views";

    /** From the views' changes to their tables. */
    public static final String SINK = "sink";

    /** From violations to alerts, and from the feed to the audit trail. */
    public static final String ALERTS = "alerts";

    /** Of alerts and of the audit trail, in the analytics database. */
    public static final String TABLES = "alert tables";

    /** From alerts to the ledger of mails. */
    public static final String MAIL_INTAKE = "mail intake";

    /** From alerts to the ledger of questions to an LLM. */
    public static final String ENRICHMENT = "enrichment";

    /** From the ledger to the LLM. */
    public static final String ANSWERS = "answers";

    /** From what flows to figures of it. */
    public static final String METRICS = "metrics";

    /** From the ledger to providers. */
    public static final String MAIL = "mail";

    static final List<String> IN_ORDER =
            List.of(CAPTURE, VIEWS, SINK, ALERTS, TABLES, MAIL_INTAKE, MAIL, ENRICHMENT, ANSWERS, METRICS);

    /**
     * What people see at the end of which stages.
     *
     * @param title what they see
     */
    record Path(String title, List<String> stages) {}

    static final List<Path> PATHS = List.of(
            new Path("views", List.of(CAPTURE, VIEWS, SINK)),
            new Path("alerts", List.of(CAPTURE, VIEWS, ALERTS, TABLES)),
            new Path("mail", List.of(CAPTURE, VIEWS, ALERTS, MAIL_INTAKE, MAIL)),
            new Path("explanations", List.of(CAPTURE, VIEWS, ALERTS, ENRICHMENT, ANSWERS)));

    private Stages() {}

    static String viewsGroup(SourceName source) {
        return "millrace-views-" + source;
    }

    static String alertsGroup(SourceName source) {
        return "millrace-alerts-" + source;
    }

    static String metricsGroup(SourceName source) {
        return "millrace-metrics-" + source;
    }

    static String enrichmentGroup() {
        return "millrace-enrichment";
    }

    static String mailGroup() {
        return "millrace-notifications";
    }
}
