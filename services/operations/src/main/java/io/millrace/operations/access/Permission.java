package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Suggestion;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What somebody may do at the gateway. */
public enum Permission {
    VIEWS_READ("views:read", true, "reads views and reports"),
    PIPELINE_READ("pipeline:read", false, "reads the lag of the pipeline"),
    ALERTS_READ("alerts:read", true, "reads alerts and their history"),
    ALERTS_DECIDE("alerts:decide", true, "acknowledges, resolves and suppresses alerts"),
    DEAD_LETTERS_READ("dead-letters:read", false, "reads what could not be processed"),
    DEAD_LETTERS_DECIDE("dead-letters:decide", false, "has stages try dead letters again, and discards them"),
    AUDIT_READ("audit:read", false, "reads the audit trail and its proof"),
    MAIL_READ("mail:read", false, "reads what became of mails, and who is not mailed to"),
    MAIL_DECIDE("mail:decide", false, "settles mails, and changes who is not mailed to"),
    ENRICHMENT_READ("enrichment:read", false, "reads what an LLM said about alerts and rows"),
    SETTINGS_READ("settings:read", false, "reads versions of catalog and configuration, and flags"),
    SETTINGS_MANAGE("settings:manage", false, "approves versions, and sets flags"),
    KEYS_MANAGE("keys:manage", false, "creates, rotates and revokes API keys"),
    USERS_MANAGE("users:manage", false, "manages users, their roles and their sessions");

    private final String text;
    private final boolean ofTenants;
    private final String description;

    Permission(String text, boolean ofTenants, String description) {
        this.text = text;
        this.ofTenants = ofTenants;
        this.description = description;
    }

    /** Whether it can be limited to some tenants' rows. */
    public boolean isOfTenants() {
        return ofTenants;
    }

    /** Whether it changes something: a person needs a second factor for it. */
    public boolean acts() {
        return text.endsWith(":decide") || text.endsWith(":manage");
    }

    /** One sentence without a subject, such as "reads views and reports". */
    public String description() {
        return description;
    }

    /** As it is typed and stored. */
    @Override
    public String toString() {
        return text;
    }

    /** @throws MillraceException if there is none of that name */
    public static Permission of(String text) {
        return Arrays.stream(values())
                .filter(permission -> permission.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new MillraceException(
                        Category.USER,
                        "there is no permission '" + text + "'" + Suggestion.of(text, names()),
                        "permissions are "
                                + Arrays.stream(values())
                                        .map(Permission::toString)
                                        .collect(Collectors.joining(", "))));
    }

    /** All of them, as they are typed. */
    public static List<String> texts(Set<Permission> permissions) {
        return permissions.stream().sorted().map(Permission::toString).toList();
    }

    /** Those among stored texts that this version knows: one that only a newer version knows gives nothing here. */
    static Set<Permission> known(Collection<String> stored) {
        Set<Permission> known = EnumSet.noneOf(Permission.class);
        Arrays.stream(values())
                .filter(permission -> stored.contains(permission.text))
                .forEach(known::add);
        return known;
    }

    private static List<String> names() {
        return Arrays.stream(values()).map(Permission::toString).toList();
    }
}
