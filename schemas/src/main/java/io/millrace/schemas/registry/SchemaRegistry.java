package io.millrace.schemas.registry;

import java.util.Optional;
import org.apache.avro.Schema;

/** Schemas by subject and id. Implementations cache and are thread-safe. */
public interface SchemaRegistry {
    /** Registers the schema under the subject, or finds it there; returns its id. */
    int register(String subject, Schema schema);

    /** The schema with this id, as its writer registered it. */
    Schema schema(int id);

    /** The newest schema of the subject, read afresh. */
    Optional<Schema> latest(String subject);
}
