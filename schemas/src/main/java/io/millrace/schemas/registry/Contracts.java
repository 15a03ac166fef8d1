package io.millrace.schemas.registry;

import io.millrace.platform.kafka.KafkaServers;
import java.util.List;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/** The classes of the hub's contracts. */
public final class Contracts {
    static {
        // Bytes that are not a record may begin with any length: memory is not to be had for it.
        for (String limit : List.of("bytes.maxLength", "string.maxLength", "collectionItems.maxLength")) {
            System.setProperty("org.apache.avro.limits." + limit, Integer.toString(KafkaServers.MAX_RECORD_BYTES));
        }
        // Avro makes instances of trusted classes only, whatever a schema says.
        ClassSecurityPredicate others = ClassSecurityValidator.getGlobal();
        ClassSecurityValidator.setGlobal(
                type -> type.getPackageName().equals("io.millrace.schemas.avro") || others.isTrusted(type));
    }

    private Contracts() {}

    /** Lets Avro make instances of them: before the first is read or copied. */
    @SuppressWarnings("EmptyMethod") // it is the static initializer that does it, once
    public static void trust() {}
}
