package io.millrace.operations.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Permissions that people have together.
 *
 * @param description one sentence without a subject
 * @param builtIn it is there always, and cannot be changed
 */
public record Role(String name, String description, Set<Permission> permissions, boolean builtIn) {
    /** Those that are there always. */
    public static final List<Role> BUILT_IN = List.of(
            builtIn("administrator", "does everything", EnumSet.allOf(Permission.class)),
            builtIn(
                    "controller",
                    "watches the business: views, and alerts that need a decision",
                    EnumSet.of(
                            Permission.VIEWS_READ,
                            Permission.ALERTS_READ,
                            Permission.ALERTS_DECIDE,
                            Permission.AUDIT_READ,
                            Permission.ENRICHMENT_READ)),
            builtIn(
                    "auditor",
                    "reads everything that is evidence, and changes nothing",
                    EnumSet.of(
                            Permission.VIEWS_READ,
                            Permission.ALERTS_READ,
                            Permission.AUDIT_READ,
                            Permission.MAIL_READ,
                            Permission.DEAD_LETTERS_READ,
                            Permission.SETTINGS_READ,
                            Permission.ENRICHMENT_READ)),
            builtIn("analyst", "reads views and reports", EnumSet.of(Permission.VIEWS_READ)),
            builtIn(
                    "operator",
                    "keeps the hub running: lag, dead letters, mail",
                    EnumSet.of(
                            Permission.PIPELINE_READ,
                            Permission.SETTINGS_READ,
                            Permission.ALERTS_READ,
                            Permission.ALERTS_DECIDE,
                            Permission.DEAD_LETTERS_READ,
                            Permission.DEAD_LETTERS_DECIDE,
                            Permission.MAIL_READ,
                            Permission.MAIL_DECIDE)));

    public Role {
        permissions = Set.copyOf(permissions);
    }

    private static Role builtIn(String name, String description, Set<Permission> permissions) {
        return new Role(name, description, permissions, true);
    }
}
