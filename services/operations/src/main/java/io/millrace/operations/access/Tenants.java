package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Whose rows somebody may see.
 *
 * @param names of tenants, as their column has them as text; empty for all, and for rows that are of no one tenant
 */
public record Tenants(List<String> names) {
    /** All rows. */
    public static final Tenants ALL = new Tenants(List.of());

    private static final Pattern NAME = Pattern.compile("[^,*\\s\\p{Cntrl}][^,*\\p{Cntrl}]{0,99}");

    public Tenants {
        names = List.copyOf(new TreeSet<>(names));
    }

    /** @throws MillraceException if one cannot be a tenant's name */
    public static Tenants of(Collection<String> names) {
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw new MillraceException(
                        Category.USER,
                        "'" + name + "' is no tenant",
                        "name the tenant as its column has it, without commas and asterisks");
            }
        }
        return new Tenants(List.copyOf(names));
    }

    public boolean isAll() {
        return names.isEmpty();
    }

    /** For the database's setting {@code millrace.tenants}. */
    public String setting() {
        return isAll() ? "*" : String.join(",", names);
    }

    @Override
    public String toString() {
        return isAll() ? "all" : String.join(", ", names);
    }
}
