package io.millrace.schemas.registry;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/** The classes of the hub's contracts. */
public final class Contracts {
    static {
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
