package io.millrace.schemas.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.TableName;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowCodecTest {
    private static final TableName TABLE = TableName.parse("erp.everything");

    record Cell(Column column, @Nullable Object value) {}

    @Property(tries = 500)
    void a_row_comes_back_as_it_was(@ForAll("rows") List<Cell> row) {
        RelationSchema relation = relation(row);
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        int id = registry.register("rows", relation.valueSchema());
        Object[] values = row.stream().map(Cell::value).toArray();

        byte[] bytes = new RowEncoder(id, relation.columns()).encode(values);

        List<String> names = relation.columns().stream().map(Column::name).toList();
        assertThat(new RowDecoder(registry, names).decode(bytes)).isEqualTo(values);
        List<String> last = names.subList(names.size() - 1, names.size());
        assertThat(new RowDecoder(registry, last).decode(bytes)).containsExactly(values[values.length - 1]);
        assertThat(RelationSchema.of(TABLE, relation.valueSchema())).isEqualTo(relation);
    }

    @Property(tries = 200)
    void any_avro_reader_reads_a_row_to_its_end(@ForAll("rows") List<Cell> row) throws Exception {
        RelationSchema relation = relation(row);
        byte[] bytes = new RowEncoder(1, relation.columns())
                .encode(row.stream().map(Cell::value).toArray());
        var decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null);

        GenericRecord read = new GenericDatumReader<GenericRecord>(relation.valueSchema()).read(null, decoder);

        assertThat(decoder.isEnd()).isTrue();
        for (int i = 0; i < row.size(); i++) {
            assertThat(read.get(i) == null).isEqualTo(row.get(i).value() == null);
        }
    }

    @Test
    void a_column_that_the_writer_did_not_have_is_null() {
        Column id = new Column("id", PgType.INT8, false);
        RelationSchema old = new RelationSchema(TABLE, List.of(id), List.of("id"), null, false);
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        byte[] bytes =
                new RowEncoder(registry.register("rows", old.valueSchema()), old.columns()).encode(new Object[] {7L});

        assertThat(new RowDecoder(registry, List.of("added", "id")).decode(bytes))
                .containsExactly(null, 7L);
    }

    @ParameterizedTest
    @CsvSource({
        "smallint,-3,integer,-3",
        "integer,5,bigint,5",
        "bigint,5,integer,5",
        "integer,5,'numeric(9,2)',5",
        "bigint,9007199254740993,numeric,9007199254740993",
        "real,1.5,double precision,1.5",
        "integer,5,text,5",
        "text,5,integer,5",
        "numeric,7.00,text,7.00",
        "date,2026-01-31,text,2026-01-31",
        "date,2026-01-31,timestamp without time zone,",
        "text,2026-01-31,date,2026-01-31",
        "bigint,3000000000,integer,",
        "text,x,integer,",
        "'integer[]',{5},'bigint[]',{5}",
        "'integer[]',{5},text,{5}",
        "uuid,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,text,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    })
    void a_row_with_another_type_of_a_column_is_read_as_the_wanted_type_or_not_at_all(
            String written, String value, String wanted, @Nullable String expected) {
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        Column old = new Column("c", PgType.parse(written), false);
        RelationSchema relation = new RelationSchema(TABLE, List.of(old), List.of("c"), null, false);
        byte[] bytes = new RowEncoder(registry.register("rows", relation.valueSchema()), relation.columns())
                .encode(new Object[] {PgTextParser.parse(old.type(), value)});
        Column now = new Column("c", PgType.parse(wanted), true);
        RowDecoder decoder = RowDecoder.ofTypes(registry, List.of(now));

        if (expected == null) {
            assertThatThrownBy(() -> decoder.decode(bytes))
                    .isInstanceOf(UnreadableRow.class)
                    .hasMessageContaining("column c was of type " + written)
                    .hasMessageContaining(wanted);
        } else {
            assertThat(decoder.decode(bytes)).containsExactly(PgTextParser.parse(now.type(), expected));
        }
        assertThatThrownBy(() -> RowDecoder.ofTypes(registry, List.of(now, new Column("added", PgType.INT4, true)))
                        .decode(bytes))
                .isInstanceOf(UnreadableRow.class)
                .hasMessageContaining("without column added");
    }

    @Test
    void a_value_that_does_not_fit_names_its_column() {
        RowEncoder encoder = new RowEncoder(1, List.of(new Column("amount", PgType.parse("numeric(6,2)"), false)));

        assertThatThrownBy(() -> encoder.encode(new Object[] {new BigDecimal("1.001")}))
                .hasMessageContaining("amount")
                .hasMessageContaining("numeric(6,2)");
        assertThatThrownBy(() -> encoder.encode(new @Nullable Object[] {null})).hasMessageContaining("not null");
    }

    @Test
    void a_torn_row_is_refused() {
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        Column name = new Column("name", PgType.TEXT, false);
        RelationSchema relation = new RelationSchema(TABLE, List.of(name), List.of("name"), null, false);
        byte[] bytes = new RowEncoder(registry.register("rows", relation.valueSchema()), relation.columns())
                .encode(new Object[] {"whole"});

        assertThatThrownBy(() -> new RowDecoder(registry, List.of("name")).decode(Arrays.copyOf(bytes, 8)))
                .hasMessageContaining("torn row");
        assertThatThrownBy(() -> new RowDecoder(registry, List.of("name")).decode(new byte[] {1, 2, 3, 4, 5, 6}))
                .hasMessageContaining("wire format");
    }

    private static RelationSchema relation(List<Cell> row) {
        return new RelationSchema(
                TABLE,
                row.stream().map(Cell::column).toList(),
                List.of(row.getFirst().column().name()),
                null,
                false);
    }

    @Provide
    Arbitrary<List<Cell>> rows() {
        return cell().list().ofMinSize(1).ofMaxSize(12).map(RowCodecTest::named);
    }

    /** Gives each column a name of its own, some of them not legal in Avro. */
    private static List<Cell> named(List<Cell> cells) {
        return java.util.stream.IntStream.range(0, cells.size())
                .mapToObj(i -> {
                    Column column = cells.get(i).column();
                    String name = (i % 3 == 0 ? "left-" : "date ") + i;
                    return new Cell(
                            new Column(name, column.type(), column.nullable()),
                            cells.get(i).value());
                })
                .toList();
    }

    private static Arbitrary<Cell> cell() {
        return Arbitraries.oneOf(
                of("boolean", Arbitraries.of(true, false)),
                of("smallint", Arbitraries.shorts().map(Short::intValue)),
                of("integer", Arbitraries.integers()),
                of("bigint", Arbitraries.longs()),
                of("real", Arbitraries.floats()),
                of("double precision", Arbitraries.of(0.1, -0.0, Double.NaN, Double.NEGATIVE_INFINITY)),
                of("numeric(38,6)", decimals(6)),
                of("numeric", Arbitraries.integers().between(0, 40).flatMap(RowCodecTest::decimals)),
                of("numeric(5,2)", Arbitraries.just(SpecialNumeric.NAN)),
                of("numeric", Arbitraries.of(SpecialNumeric.class)),
                of("money", decimals(2)),
                of("character varying(40)", Arbitraries.strings().all().filter(RowCodecTest::isUnicode)),
                of("jsonb", Arbitraries.of("{}", "{\"a\": [1, null]}")),
                of("date", days()),
                of("time without time zone", micros().map(RowCodecTest::timeOfDay)),
                of("timestamp without time zone", micros().map(RowCodecTest::timestamp)),
                of("timestamp without time zone", Arbitraries.of(LocalDateTime.MAX, LocalDateTime.MIN)),
                of("timestamp with time zone", micros().map(RowCodecTest::instant)),
                of("timestamp with time zone", Arbitraries.of(Instant.MAX, Instant.MIN)),
                of("bytea", Arbitraries.bytes().array(byte[].class).map(ByteBuffer::wrap)),
                of("integer[]", Arbitraries.integers().injectNull(0.2).list()),
                of("numeric(9,3)[]", decimals(3).list()));
    }

    private static Arbitrary<Cell> of(String type, Arbitrary<?> values) {
        Arbitrary<Cell> present = values.map(value -> new Cell(new Column("c", PgType.parse(type), false), value));
        Arbitrary<Cell> nullable =
                values.injectNull(0.3).map(value -> new Cell(new Column("c", PgType.parse(type), true), value));
        return Arbitraries.oneOf(present, nullable);
    }

    private static Arbitrary<BigDecimal> decimals(int scale) {
        return Arbitraries.bigIntegers()
                .between(BigInteger.TEN.pow(30).negate(), BigInteger.TEN.pow(30))
                .map(unscaled -> new BigDecimal(unscaled, scale));
    }

    private static Arbitrary<LocalDate> days() {
        return Arbitraries.oneOf(
                Arbitraries.of(LocalDate.MAX, LocalDate.MIN),
                Arbitraries.integers().between(-800_000, 800_000).map(LocalDate::ofEpochDay));
    }

    private static Arbitrary<Long> micros() {
        return Arbitraries.longs().between(-4_000_000_000_000_000L, 4_000_000_000_000_000L);
    }

    private static TimeOfDay timeOfDay(long micros) {
        return new TimeOfDay(Math.floorMod(micros, TimeOfDay.LATEST + 1));
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, java.time.temporal.ChronoUnit.MICROS);
    }

    private static LocalDateTime timestamp(long micros) {
        return LocalDateTime.of(1970, 1, 1, 0, 0).plus(micros, java.time.temporal.ChronoUnit.MICROS);
    }

    /** Postgres holds no zero bytes and no lone surrogates. */
    private static boolean isUnicode(String text) {
        return text.indexOf('\0') < 0 && text.chars().noneMatch(c -> Character.isSurrogate((char) c));
    }
}
