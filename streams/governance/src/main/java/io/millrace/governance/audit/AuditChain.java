package io.millrace.governance.audit;

import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.Change;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What the hashes of the audit chain are made of. Each text goes in with its length before it, so that no two records have the
 * same bytes.
 */
public final class AuditChain {
    /** What the first record follows on, and the digest of no changes. */
    public static final String BEGIN = "0".repeat(64);

    private AuditChain() {}

    /** The digest of some changes, given that of the changes before them. */
    public static String digest(String before, Change change) {
        return sha256(out -> {
            text(out, before);
            text(out, change.getTable());
            text(out, change.getOp().name());
            bytes(out, change.getKey());
            bytes(out, change.getRow());
        });
    }

    /** The digest of a hub event's content. */
    static String digest(String content) {
        return sha256(out -> text(out, content));
    }

    /** The hash that a record has to have. */
    public static String hash(AuditRecord record) {
        return sha256(out -> {
            text(out, record.getPrevious());
            out.writeInt(record.getLane());
            out.writeLong(record.getSequence());
            text(out, record.getKind().name());
            text(out, record.getSource());
            out.writeLong(record.getXid());
            out.writeLong(record.getCommitLsn());
            out.writeLong(ChronoUnit.MICROS.between(Instant.EPOCH, record.getAt()));
            out.writeBoolean(record.getActor() != null);
            text(out, record.getActor() == null ? "" : record.getActor());
            out.writeLong(record.getChanges());
            text(out, record.getDigest());
            text(out, record.getDetail());
        });
    }

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private static String sha256(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            content.write(out);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static void bytes(DataOutputStream out, @Nullable ByteBuffer buffer) throws IOException {
        if (buffer == null) {
            out.writeInt(-1);
            return;
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        out.writeInt(copy.length);
        out.write(copy);
    }
}
