package io.millrace.schemas.registry;

import java.nio.ByteBuffer;

/** The Confluent wire format: a zero byte, the schema's id (4 bytes, big-endian), then Avro's binary encoding. */
public final class Framing {
    public static final int HEADER = 5;

    private Framing() {}

    public static void writeHeader(byte[] target, int schemaId) {
        target[0] = 0;
        target[1] = (byte) (schemaId >>> 24);
        target[2] = (byte) (schemaId >>> 16);
        target[3] = (byte) (schemaId >>> 8);
        target[4] = (byte) schemaId;
    }

    /** @throws IllegalArgumentException if the bytes do not begin with a header */
    public static int schemaId(byte[] framed) {
        if (framed.length < HEADER || framed[0] != 0) {
            throw new IllegalArgumentException("not in the Confluent wire format: " + framed.length + " bytes"
                    + (framed.length > 0 ? ", the first is " + framed[0] : ""));
        }
        return (framed[1] & 0xFF) << 24 | (framed[2] & 0xFF) << 16 | (framed[3] & 0xFF) << 8 | framed[4] & 0xFF;
    }

    /** The schema id of a buffer's remaining bytes; its position stays. */
    public static int schemaId(ByteBuffer framed) {
        if (framed.remaining() < HEADER || framed.get(framed.position()) != 0) {
            throw new IllegalArgumentException("not in the Confluent wire format: " + framed.remaining() + " bytes");
        }
        return framed.getInt(framed.position() + 1);
    }
}
