package io.millrace.notifications.template;

import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.route.Route;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.Evidence;
import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.loader.FileLoader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The templates of a catalog: {@code templates/<name>.html} and {@code templates/<name>.txt}, whose first line is the subject. In
 * HTML every value is escaped.
 */
public final class Templates {
    /** Name of the template of digests. */
    public static final String DIGEST = "digest";

    private static final String RECIPIENT = "somebody@example.test";

    private static final String SUBJECT = "Subject:";

    private final Path folder;
    private final PebbleEngine html;
    private final PebbleEngine text;

    /**
     * Mails that one mail stands for.
     *
     * @param mails the first of them
     * @param count of all of them
     */
    public record Digest(String route, Instant until, List<Delivery> mails, int count) {}

    /** A mail's words. */
    public record Rendered(String subject, String html, String text) {}

    public Templates(Path catalog) {
        this.folder = catalog.resolve("templates");
        this.html = engine(true);
        this.text = engine(false);
    }

    private PebbleEngine engine(boolean escaping) {
        FileLoader loader = new FileLoader(folder.toAbsolutePath().toString());
        return new PebbleEngine.Builder()
                .loader(loader)
                .strictVariables(true)
                .autoEscaping(escaping)
                .newLineTrimming(escaping)
                .defaultLocale(Locale.ROOT)
                .build();
    }

    /** The templates that routes need, and that of digests, which any recipient may want. */
    public static List<String> needed(List<Route> routes) {
        return routes.isEmpty()
                ? List.of()
                : Stream.concat(routes.stream().map(Route::template), Stream.of(DIGEST))
                        .distinct()
                        .toList();
    }

    /** Tries a template with an alert that is made up. */
    public void check(String name) {
        if (name.equals(DIGEST)) {
            render(new Digest("test", Instant.now(), List.of(), 0), RECIPIENT, "");
        } else {
            render(name, Sample.alert(), RECIPIENT, "");
        }
    }

    /**
     * A mail that stands for several.
     *
     * @param unsubscribe see {@link #render(String, Alert, String, String)}
     */
    public Rendered render(Digest digest, String recipient, String unsubscribe) {
        List<Map<String, String>> mails = new ArrayList<>();
        for (Delivery mail : digest.mails()) {
            mails.add(Map.of(
                    "subject", mail.subject(),
                    "text", mail.text(),
                    "alert", mail.alert(),
                    "at", mail.committedAt().truncatedTo(ChronoUnit.SECONDS).toString()));
        }
        return render(
                DIGEST,
                Map.of(
                        "recipient",
                        recipient,
                        "unsubscribe",
                        unsubscribe,
                        "digest",
                        Map.of(
                                "route", digest.route(),
                                "until",
                                        digest.until()
                                                .truncatedTo(ChronoUnit.SECONDS)
                                                .toString(),
                                "count", digest.count(),
                                "more", digest.count() - mails.size(),
                                "mails", mails)));
    }

    /**
     * @param unsubscribe link that ends such mails; empty for none
     * @throws MillraceException that names the template's file and line, if it cannot be rendered
     */
    public Rendered render(String name, Alert alert, String recipient, String unsubscribe) {
        return render(name, values(alert, recipient, unsubscribe));
    }

    private Rendered render(String name, Map<String, Object> values) {
        String plain = evaluate(text, name + ".txt", values);
        int end = plain.indexOf('\n');
        if (!plain.startsWith(SUBJECT) || end < 0) {
            throw new MillraceException(
                    Category.USER,
                    folder.resolve(name + ".txt") + ":1: the first line does not begin with '" + SUBJECT + "'",
                    "write the subject there: " + SUBJECT + " {{ alert.title }}");
        }
        return new Rendered(
                plain.substring(SUBJECT.length(), end).strip().replaceAll("\\s+", " "),
                evaluate(html, name + ".html", values),
                plain.substring(end + 1).stripLeading());
    }

    private String evaluate(PebbleEngine engine, String file, Map<String, Object> values) {
        if (!Files.isReadable(folder.resolve(file))) {
            throw new MillraceException(
                    Category.USER,
                    "there is no template " + folder.resolve(file),
                    "write it, or name another template in routes.yaml");
        }
        try {
            StringWriter out = new StringWriter();
            engine.getTemplate(file).evaluate(out, values);
            return out.toString();
        } catch (PebbleException wrong) {
            throw new MillraceException(
                    Category.USER,
                    folder.resolve(file) + ":" + wrong.getLineNumber() + ": " + wrong.getPebbleMessage(),
                    "see docs/mail.md for what a template may name",
                    wrong);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static Map<String, Object> values(Alert alert, String recipient, String unsubscribe) {
        Map<String, Object> of = new HashMap<>();
        of.put("id", alert.getId());
        of.put("title", alert.getTitle());
        of.put("control", alert.getControl());
        of.put("severity", alert.getSeverity().name().toLowerCase(Locale.ROOT));
        of.put("owner", alert.getOwner());
        of.put("remedy", alert.getRemedy());
        of.put("state", alert.getState().name().toLowerCase(Locale.ROOT));
        of.put("event", alert.getLastEvent().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        of.put("openings", alert.getOpenings());
        of.put("openedAt", alert.getOpenedAt().truncatedTo(ChronoUnit.SECONDS).toString());
        of.put("openedBy", alert.getOpenedBy() == null ? "unknown" : alert.getOpenedBy());
        of.put(
                "transaction",
                alert.getOpenedXid() == null ? "unknown" : alert.getOpenedXid().toString());
        List<Map<String, String>> evidence = new ArrayList<>();
        for (Evidence column : alert.getEvidence()) {
            evidence.add(
                    Map.of("name", column.getName(), "value", column.getValue() == null ? "–" : column.getValue()));
        }
        of.put("evidence", evidence);
        return Map.of("alert", of, "recipient", recipient, "unsubscribe", unsubscribe);
    }
}
