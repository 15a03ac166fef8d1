package io.millrace.schemas.registry;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Serde of one of the hub's contracts, in the Confluent wire format; reads every compatible version of it. */
public final class ContractSerde<T extends SpecificRecordBase> implements Serde<T> {
    static {
        Contracts.trust();
    }

    private final SchemaRegistry registry;
    private final Schema schema;
    private final SpecificData model;

    public ContractSerde(SchemaRegistry registry, Class<T> type) {
        this.registry = registry;
        this.schema = SpecificData.get().getSchema(type);
        this.model = SpecificData.getForSchema(schema);
    }

    @Override
    public Serializer<T> serializer() {
        return new ContractSerializer();
    }

    @Override
    public Deserializer<T> deserializer() {
        return new ContractDeserializer();
    }

    /** Not thread-safe, like every Kafka serializer that keeps a buffer; each client gets its own. */
    private final class ContractSerializer implements Serializer<T> {
        private final SpecificDatumWriter<T> writer = new SpecificDatumWriter<>(schema, model);
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        private final byte[] header = new byte[Framing.HEADER];
        private @Nullable BinaryEncoder encoder;

        @Override
        public synchronized byte @Nullable [] serialize(String topic, @Nullable T value) {
            if (value == null) {
                return null;
            }
            Framing.writeHeader(header, registry.register(topic + "-value", schema));
            out.reset();
            out.writeBytes(header);
            encoder = EncoderFactory.get().directBinaryEncoder(out, encoder);
            try {
                writer.write(value, encoder);
                encoder.flush();
            } catch (IOException e) {
                throw new SerializationException("cannot encode a " + schema.getName() + " for topic " + topic, e);
            }
            return out.toByteArray();
        }
    }

    private SerializationException unreadable(String topic, Exception cause) {
        return new SerializationException(
                "topic " + topic + " holds a record that cannot be read as " + schema.getName(), cause);
    }

    private final class ContractDeserializer implements Deserializer<T> {
        private final Map<Integer, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();

        @Override
        public @Nullable T deserialize(String topic, byte @Nullable [] framed) {
            if (framed == null) {
                return null;
            }
            try {
                int id = Framing.schemaId(framed);
                SpecificDatumReader<T> reader = readers.computeIfAbsent(
                        id, unseen -> new SpecificDatumReader<>(registry.schema(unseen), schema, model));
                BinaryDecoder decoder = DecoderFactory.get()
                        .binaryDecoder(framed, Framing.HEADER, framed.length - Framing.HEADER, null);
                return reader.read(null, decoder);
            } catch (MillraceException failed) {
                // That the registry is away passes; that it does not know the schema is the record's fault.
                throw failed.category() == Category.EXTERNAL ? failed : unreadable(topic, failed);
            } catch (IOException | RuntimeException e) {
                // Avro fails in many ways on bytes that are something else.
                throw unreadable(topic, e);
            }
        }
    }
}
