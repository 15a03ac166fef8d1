package io.millrace.hub.verify;

import io.millrace.catalog.Problem;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.MailProviderName;
import io.millrace.hub.config.Role;
import io.millrace.hub.run.MailProviders;
import io.millrace.platform.failure.MillraceException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** What is wrong in a configuration though each of its values is allowed. */
public final class ConfigCheck {
    private static final String FILE = "configuration";

    private ConfigCheck() {}

    public static List<Problem> problems(HubConfig config) {
        List<Problem> problems = new ArrayList<>();
        if (config.roles().isEmpty()) {
            problems.add(problem("'roles' is empty: the hub would do nothing", "leave it out for all roles"));
        } else if (EnumSet.copyOf(config.roles()).size() < config.roles().size()) {
            problems.add(problem("'roles' names a role twice", "name it once"));
        }
        if (config.roles().contains(Role.NOTIFICATIONS)) {
            problems.addAll(mail(config.mail()));
        }
        return problems;
    }

    private static List<Problem> mail(HubConfig.Mail mail) {
        if (mail.providers().isEmpty()) {
            return List.of(
                    problem("'mail.providers' is empty: nobody takes mail", "name one, or leave it out for smtp"));
        }
        if (EnumSet.copyOf(mail.providers()).size() < mail.providers().size()) {
            return List.of(problem("'mail.providers' names a provider twice", "name it once"));
        }
        List<Problem> problems = new ArrayList<>();
        for (MailProviderName name : mail.providers()) {
            try {
                MailProviders.provider(name, mail);
            } catch (MillraceException lacking) {
                problems.add(problem(String.valueOf(lacking.getMessage()), lacking.remedy()));
            }
        }
        return problems;
    }

    private static Problem problem(String what, String remedy) {
        return new Problem(FILE, 0, 0, what, remedy);
    }
}
