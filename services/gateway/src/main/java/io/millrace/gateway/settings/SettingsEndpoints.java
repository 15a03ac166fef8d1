package io.millrace.gateway.settings;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.Until;
import io.millrace.operations.access.Permission;
import io.millrace.operations.settings.Content;
import io.millrace.operations.settings.Difference;
import io.millrace.operations.settings.Flag;
import io.millrace.operations.settings.FlagState;
import io.millrace.operations.settings.Run;
import io.millrace.operations.settings.Settings;
import io.millrace.operations.settings.Version;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /settings} and {@code /flags}: versions of catalog and configuration, which hub runs with which, and flags. */
public final class SettingsEndpoints {
    private static final int LONGEST = 500;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{12}");
    private static final String A_VERSION = "12 hexadecimal digits";

    private static final Parameter<String> VERSION =
            Parameter.form("version", ID, A_VERSION, "A version's id.").inPath();
    private static final Parameter<String> BEFORE =
            Parameter.form("before", ID, A_VERSION, "Tells what is another than in this version, too.");
    private static final Parameter<String> FLAG = Parameter.form(
                    "flag", Pattern.compile("[a-z-]{1,60}"), "a flag's name", "A flag's name.")
            .inPath();

    private static final Map<String, Object> DESCRIBED = Schema.members(
            "version", Schema.text("Its id: the same content has the same."),
            "kind", Schema.choice("What it is a version of.", List.of("catalog", "configuration")),
            "seenAt", Schema.time("When it was seen first."),
            "seenBy", Schema.text("Who started a hub with it first, or proposed it."),
            "approvedAt", Schema.nullable(Schema.time("When it was approved.")),
            "approvedBy", Schema.nullable(Schema.text("Who approved it.")),
            "reason", Schema.nullable(Schema.text("Why it was approved.")),
            "running", Schema.array(Schema.text("A hub that runs with it now.")));
    private static final Map<String, Object> WITH_CONTENT = Schema.members(
            "version", DESCRIBED,
            "content", Schema.anything("Files and their texts, or keys and their values; secrets are masked."),
            "difference", Schema.array(Schema.text("A line, as 'diff -u' writes it.")));
    private static final Map<String, Object> RUN = Schema.members(
            "instance", Schema.text("The hub's name."),
            "software", Schema.text("Version of Millrace."),
            "roles", Schema.array(Schema.text("What it does.")),
            "catalog", Schema.text("Version of its catalog."),
            "configuration", Schema.text("Version of its configuration."),
            "startedAt", Schema.time("When it was started."),
            "startedBy", Schema.text("The system's user who started it."),
            "seenAt", Schema.time("When it said last that it runs."),
            "running", Schema.truth("Whether that was within 90 seconds."));
    private static final Map<String, Object> STATE = Schema.members(
            "flag",
                    Schema.choice(
                            "Its name.",
                            Arrays.stream(Flag.values()).map(Flag::toString).toList()),
            "description", Schema.text("What it does when it is on."),
            "on", Schema.truth("Whether it has effect."),
            "owner", Schema.nullable(Schema.text("Who answers for it.")),
            "reason", Schema.nullable(Schema.text("Why it was set.")),
            "expiresAt", Schema.nullable(Schema.time("It is off from then on.")),
            "changedAt", Schema.nullable(Schema.time("When it was set last.")),
            "changedBy", Schema.nullable(Schema.text("Who set it last.")));

    private final Settings settings;
    private final KnownFlags known;

    public SettingsEndpoints(Settings settings, KnownFlags known) {
        this.settings = settings;
        this.known = known;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/settings/versions",
                        "listVersions",
                        Permission.SETTINGS_READ,
                        "Versions of catalog and configuration",
                        "The newest first.",
                        List.of(),
                        Map.of("application/json", Schema.list("versions", DESCRIBED)),
                        List.of(),
                        call -> Answers.json(
                                Map.of(
                                        "versions",
                                        settings.versions().stream()
                                                .map(SettingsEndpoints::described)
                                                .toList()),
                                headers -> {})),
                Endpoint.get(
                        "/settings/versions/{version}",
                        "getVersion",
                        Permission.SETTINGS_READ,
                        "One version",
                        "With its content, and what is another than in a version before.",
                        List.of(VERSION, BEFORE),
                        Map.of("application/json", WITH_CONTENT),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::one),
                Endpoint.post(
                        "/settings/versions/{version}/approvals",
                        "approveVersion",
                        Permission.SETTINGS_MANAGE,
                        "Approve a version",
                        "By somebody other than who proposed it or started it first.",
                        List.of(VERSION),
                        Schema.members("reason", Schema.text("Why it is right.")),
                        DESCRIBED,
                        List.of(Problem.Kind.NOT_FOUND),
                        this::approve),
                Endpoint.get(
                        "/settings/runs",
                        "listRuns",
                        Permission.SETTINGS_READ,
                        "Which hub runs with which version",
                        "Also hubs that ran before, the newest first.",
                        List.of(),
                        Map.of("application/json", Schema.list("runs", RUN)),
                        List.of(),
                        call -> Answers.json(
                                Map.of(
                                        "runs",
                                        settings.runs().stream()
                                                .map(SettingsEndpoints::described)
                                                .toList()),
                                headers -> {})),
                Endpoint.get(
                        "/flags",
                        "listFlags",
                        Permission.SETTINGS_READ,
                        "Flags",
                        "All that there are, whether they are set or not.",
                        List.of(),
                        Map.of("application/json", Schema.list("flags", STATE)),
                        List.of(),
                        call -> Answers.json(
                                Map.of(
                                        "flags",
                                        settings.flags().stream()
                                                .map(SettingsEndpoints::described)
                                                .toList()),
                                headers -> {})),
                Endpoint.post(
                        "/flags/{flag}/changes",
                        "setFlag",
                        Permission.SETTINGS_MANAGE,
                        "Set a flag",
                        "It has effect everywhere within a second, without a restart. Who asks is its owner.",
                        List.of(FLAG),
                        Schema.needing(
                                Schema.members(
                                        "on", Schema.truth("Whether it is on."),
                                        "reason", Schema.text("Why."),
                                        "expires",
                                                Schema.nullable(
                                                        Schema.text(
                                                                "A date (2026-12-31), an instant (2026-12-31T18:00:00Z), or from now: 12h, 90d. Never, if it is not said."))),
                                "on",
                                "reason"),
                        STATE,
                        List.of(),
                        this::set));
    }

    private static Problem unknown(String id) {
        return new Problem(
                Problem.Kind.NOT_FOUND, "there is no version " + id, "GET /api/v1/settings/versions lists them");
    }

    private Version known(String id) {
        return settings.find(id).orElseThrow(() -> unknown(id));
    }

    private ServerResponse one(Call call) {
        Version version = known(call.get(VERSION));
        Content content = settings.content(version.id());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("version", described(version));
        answer.put("content", new TreeMap<>(content.texts()));
        answer.put(
                "difference",
                call.optional(BEFORE)
                        .map(before -> Difference.between(
                                settings.content(known(before).id()), content))
                        .orElse(List.of()));
        return Answers.json(answer, headers -> {});
    }

    private ServerResponse approve(Call call) throws IOException {
        String reason = call.needed(call.body(), "reason", LONGEST);
        Version version = known(call.get(VERSION));
        return Answers.json(described(settings.approve(version.id(), reason, call.origin())), headers -> {});
    }

    private ServerResponse set(Call call) throws IOException {
        JsonNode body = call.body();
        boolean on = call.truth(body, "on");
        String reason = call.needed(body, "reason", LONGEST);
        Instant expires;
        try {
            expires = call.text(body, "expires", LONGEST)
                    .map(text -> Until.parse(text, Instant.now()))
                    .orElse(null);
        } catch (MillraceException noTime) {
            throw call.badBody("'expires' is " + noTime.getMessage());
        }
        FlagState state = settings.set(Flag.of(call.get(FLAG)), on, call.by(), reason, expires, call.origin());
        known.changed();
        return Answers.json(described(state), headers -> {});
    }

    private static Map<String, @Nullable Object> described(Version version) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("version", version.id());
        described.put("kind", version.kind().toString());
        described.put("seenAt", version.seenAt().toString());
        described.put("seenBy", version.seenBy());
        described.put("approvedAt", said(version.approvedAt()));
        described.put("approvedBy", version.approvedBy());
        described.put("reason", version.reason());
        described.put("running", version.running());
        return described;
    }

    private static Map<String, @Nullable Object> described(Run run) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("instance", run.instance());
        described.put("software", run.software());
        described.put("roles", run.roles());
        described.put("catalog", run.catalog());
        described.put("configuration", run.configuration());
        described.put("startedAt", run.startedAt().toString());
        described.put("startedBy", run.startedBy());
        described.put("seenAt", run.seenAt().toString());
        described.put("running", run.running());
        return described;
    }

    private static Map<String, @Nullable Object> described(FlagState state) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("flag", state.flag().toString());
        described.put("description", state.flag().description());
        described.put("on", state.on());
        described.put("owner", state.owner());
        described.put("reason", state.reason());
        described.put("expiresAt", said(state.expiresAt()));
        described.put("changedAt", said(state.changedAt()));
        described.put("changedBy", state.changedBy());
        return described;
    }

    private static @Nullable String said(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}
