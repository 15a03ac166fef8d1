package io.millrace.schemas.registry;

import java.util.Optional;
import org.apache.avro.Schema;

/** Schemas by subject and id. Implementations cache and are thread-safe. */
public interface SchemaRegistry {
    /** Registers the schema under the subject, or finds it there; returns its id. */
    int register(String subject, Schema schema);

    /**
     * The same for rows of a table or view: somebody has altered it already, so that its schema is registered even if readers of the
     * new one cannot read what was written before. Millrace's own readers can. It is the subject's latest one then, also where it was
     * an earlier one before.
     */
    default int registerAltered(String subject, Schema schema) {
        return register(subject, schema);
    }

    /** The schema with this id, as its writer registered it. */
    Schema schema(int id);

    /** The newest schema of the subject, read afresh. */
    Optional<Schema> latest(String subject);
}
