package io.millrace.schemas.registry;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/** A registry for one process: for checking a catalog without a server, and for property tests of the engine. */
public final class InMemorySchemaRegistry implements SchemaRegistry {
    private final List<Schema> byId = new ArrayList<>();
    private final Map<String, Schema> latest = new HashMap<>();

    @Override
    public synchronized int register(String subject, Schema schema) {
        latest.put(subject, schema);
        int known = byId.indexOf(schema);
        if (known >= 0) {
            return known + 1;
        }
        byId.add(schema);
        return byId.size();
    }

    @Override
    public synchronized Schema schema(int id) {
        if (id < 1 || id > byId.size()) {
            throw new MillraceException(
                    Category.INTERNAL, "no schema has the id " + id, "report this with the catalog that shows it");
        }
        return byId.get(id - 1);
    }

    @Override
    public synchronized Optional<Schema> latest(String subject) {
        return Optional.ofNullable(latest.get(subject));
    }
}
