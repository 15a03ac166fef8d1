package io.millrace.platform.failure;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Which failures pass by themselves: whoever meets one tries again. */
public final class Transient {
    /**
     * Classes of Postgres' error codes: connection, out of resources, an operator's intervention (57P), a failure of the system, and
     * another transaction in the way.
     */
    private static final Set<String> CLASSES = Set.of("08", "53", "58", "40");

    /** A lock or a slot that somebody has for now, and a server that only reads after a failover. */
    private static final Set<String> CODES = Set.of("55P03", "55006", "25006");

    /** Classes of error codes: the form of data, a rule that they break, a limit that they exceed. */
    private static final Set<String> OF_THE_DATA = Set.of("22", "23", "54");

    private Transient() {}

    /** Whether trying again may help: a server is away, restarts, is full, or somebody else was in the way. */
    public static boolean is(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MillraceException known && known.category() != Category.EXTERNAL) {
                return false;
            }
            if (cause instanceof IOException) {
                return true;
            }
            if (cause instanceof KafkaException kafka) {
                return isTransient(kafka);
            }
            if (cause instanceof SQLException sql) {
                return isTransient(sql);
            }
        }
        return false;
    }

    /** Whether a server has to be fixed, by itself or by its operator: for whoever can wait for that. */
    public static boolean isOfAServer(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MillraceException known) {
                return known.category() == Category.EXTERNAL;
            }
        }
        return is(failure);
    }

    /**
     * Kafka's clients tell of a server that is away in many ways, and of what cannot be fixed in few. What their callers threw, as
     * processors of Kafka Streams do, is judged by itself.
     */
    private static boolean isTransient(KafkaException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof InvalidProducerEpochException
                    || cause instanceof AuthenticationException
                    || cause instanceof AuthorizationException
                    || cause instanceof InvalidConfigurationException
                    || cause instanceof RecordTooLargeException
                    || cause instanceof SerializationException) {
                return false;
            }
            if (!(cause instanceof KafkaException) && (cause instanceof RuntimeException || cause instanceof Error)) {
                return is(cause);
            }
        }
        return true;
    }

    private static boolean isTransient(SQLException failure) {
        String state = failure.getSQLState();
        return state == null
                ? failure instanceof SQLTransientException || failure instanceof SQLRecoverableException
                : CLASSES.contains(state.substring(0, Math.min(2, state.length())))
                        || state.startsWith("57P")
                        || CODES.contains(state);
    }

    /** Whether a database refuses the data itself, and would again: its form, or a rule that it breaks. */
    public static boolean isOfTheData(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return OF_THE_DATA.contains(sql.getSQLState()
                        .substring(0, Math.min(2, sql.getSQLState().length())));
            }
        }
        return false;
    }
}
