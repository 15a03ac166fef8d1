package io.millrace.hub.access;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Origin;
import io.millrace.operations.access.Permission;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A command about who may do what. Whoever has the hub's configuration may give everything. */
abstract class AccessCommand extends RunningHubCommand {
    /** For the help, and for shells that complete what is typed. */
    static final class PermissionNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return EnumSet.allOf(Permission.class).stream()
                    .map(Permission::toString)
                    .iterator();
        }
    }

    static Set<Permission> permissions(List<String> names) {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        names.forEach(name -> permissions.add(Permission.of(name)));
        return permissions;
    }

    static String said(Set<Permission> permissions) {
        return String.join(" ", Permission.texts(permissions));
    }

    static Origin origin(@Nullable String by) {
        return Origin.commandLine(person(by));
    }

    final Access open() {
        HubConfig config = config();
        return Access.ready(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal());
    }
}
