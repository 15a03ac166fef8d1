package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Reads the parts of a message of Postgres' logical replication protocol, version 1. */
final class PgoutputMessage {
    /** Postgres counts from the beginning of 2000. */
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private final ByteBuffer buffer;

    PgoutputMessage(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    char character() {
        return (char) buffer.get();
    }

    int flags() {
        return buffer.get();
    }

    int int16() {
        return buffer.getShort();
    }

    int int32() {
        return buffer.getInt();
    }

    /** A number that counts from zero, such as an oid or a transaction id. */
    long unsigned32() {
        return Integer.toUnsignedLong(buffer.getInt());
    }

    Lsn lsn() {
        return new Lsn(buffer.getLong());
    }

    Instant time() {
        return EPOCH.plus(buffer.getLong(), ChronoUnit.MICROS);
    }

    /** Up to the next zero byte. */
    String name() {
        int begin = buffer.position();
        int end = begin;
        while (buffer.get(end) != 0) {
            end++;
        }
        String name = text(end - begin);
        buffer.get();
        return name;
    }

    void skip(int length) {
        buffer.position(buffer.position() + length);
    }

    String text(int length) {
        String text =
                new String(buffer.array(), buffer.arrayOffset() + buffer.position(), length, StandardCharsets.UTF_8);
        buffer.position(buffer.position() + length);
        return text;
    }
}
