package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.schemas.TableName;
import io.millrace.schemas.row.PgText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every type that Postgres has, with its edge values, arrives as it is, whichever way it comes. Postgres compares. */
class ValueSurfaceTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** A column's type and its values as SQL literals; a value that the topic cannot hold is not here but in the quarantine's test. */
    private record Type(String name, List<String> values) {
        static Type of(String name, String... values) {
            return new Type(name, List.of(values));
        }

        Type array() {
            String all =
                    values.stream().map(value -> "(" + value + ")::" + name).collect(Collectors.joining(","));
            return of(name + "[]", "ARRAY[" + all + ",NULL]::" + name + "[]", "'{}'", "'{NULL}'");
        }
    }

    private static final List<String> TIMES = List.of(
            "'2026-02-28 23:59:59.999999'",
            "'infinity'",
            "'-infinity'",
            "'0044-03-15 12:00:00 BC'",
            "'0001-02-29 00:00:00 BC'",
            "'20231-01-15 00:00:00.000001'",
            "'4713-11-24 00:00:00 BC'",
            "'294246-12-31 23:59:59.999999'",
            "'1970-01-01 00:00:00'");

    private static final List<String> NUMBERS = List.of(
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            "0",
            "7.00",
            "-0.000",
            "1e-20",
            "123456789012345678901234567890.12345678901234567890",
            "1e400");

    private static final List<Type> TYPES = List.of(
            Type.of("bool", "true", "false"),
            Type.of("int2", "-32768", "32767", "0"),
            Type.of("int4", "-2147483648", "2147483647"),
            Type.of("int8", "-9223372036854775808", "9223372036854775807"),
            Type.of("float4", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1e-45", "3.4028235e38", "0.1"),
            Type.of("float8", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "5e-324", "1.7976931348623157e308", "0.1"),
            new Type("numeric", NUMBERS),
            Type.of("numeric(20,4)", "'NaN'", "7", "-0.0001", "9999999999999999.9999"),
            Type.of("numeric(5)", "'NaN'", "99999"),
            Type.of("numeric(2,-3)", "'NaN'", "99000", "1000", "0"),
            Type.of("numeric(3,5)", "0.00999", "0"),
            Type.of("money", "'-92233720368547758.08'", "92233720368547758.07", "0"),
            Type.of("text", "''", "E'tab\\tline\\nback\\\\slash \\\\N \"q\" \\r'", "'∅😀'", "'NULL'", "'{}'"),
            Type.of("varchar(9)", "'x'", "'  '"),
            Type.of("char(4)", "'ab'", "''"),
            Type.of("\"char\"", "'x'", "''"),
            Type.of("name", "'pg_class'"),
            Type.of("bytea", "'\\x'", "'\\x00ff5c27'"),
            Type.of("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
            Type.of("json", "'{\"a\": 1,  \"a\":[]}'", "'null'"),
            Type.of("jsonb", "'{\"b\": [1, null], \"a\": 1.00}'", "'null'", "'\"\\u0041\"'"),
            Type.of("jsonpath", "'$.a[*] ? (@ > 1)'"),
            Type.of("xml", "'<a b=\"c\">&lt;</a>'"),
            new Type(
                    "date",
                    TIMES.stream().filter(time -> !time.contains("294246")).toList()),
            Type.of("time", "'00:00'", "'24:00'", "'23:59:59.999999'"),
            Type.of("timetz(3)", "'23:59:59.123+05:45'", "'24:00-15:59'"),
            Type.of("timetz", "'00:00:00.000001+00'"),
            new Type("timestamp", TIMES),
            new Type("timestamptz", TIMES),
            Type.of("timestamp(0)", "'2026-01-01 00:00:00.5'"),
            Type.of(
                    "interval",
                    "'1 year -2 mons 3 days -04:05:06.789'",
                    "'infinity'",
                    "'-infinity'",
                    "'0'",
                    "'178000000 years'"),
            Type.of("interval day to second(3)", "'3 days 04:05:06.7891'"),
            Type.of("interval year to month", "'1 year 2 mons'"),
            Type.of("oid", "0", "4294967295"),
            Type.of("xid", "'4294967295'"),
            Type.of("xid8", "'18446744073709551615'"),
            Type.of("cid", "'1'"),
            Type.of("tid", "'(1,2)'"),
            Type.of("regclass", "'pg_catalog.pg_class'", "0"),
            Type.of("regtype", "'int4'"),
            Type.of("regproc", "'pg_catalog.now'"),
            Type.of("regprocedure", "'pg_catalog.now()'"),
            Type.of("regoper", "'||/'"),
            Type.of("regoperator", "'+(int4,int4)'"),
            Type.of("regrole", "'postgres'"),
            Type.of("regnamespace", "'public'"),
            Type.of("regcollation", "'\"C\"'"),
            Type.of("regconfig", "'simple'"),
            Type.of("regdictionary", "'simple'"),
            Type.of("bit(3)", "B'101'"),
            Type.of("varbit", "B''", "B'10101010101'"),
            Type.of("inet", "'::1/64'", "'10.0.0.1'"),
            Type.of("cidr", "'10.0.0.0/8'"),
            Type.of("macaddr", "'08:00:2b:01:02:03'"),
            Type.of("macaddr8", "'08:00:2b:01:02:03:04:05'"),
            Type.of("point", "'(1.5,-0)'", "'(Infinity,NaN)'"),
            Type.of("line", "'{1,2,3}'"),
            Type.of("lseg", "'[(1,2),(3,4)]'"),
            Type.of("box", "'(3,4),(1,2)'"),
            Type.of("path", "'[(1,2),(3,4)]'", "'((1,2),(3,4))'"),
            Type.of("polygon", "'((1,2),(3,4),(5,6))'"),
            Type.of("circle", "'<(1,2),3>'"),
            Type.of("tsvector", "'a:1A ''b c'':2'", "''"),
            Type.of("tsquery", "'a & !b <-> c'"),
            Type.of("pg_lsn", "'FFFFFFFF/FFFFFFFF'"),
            Type.of("pg_snapshot", "'10:20:10,14'"),
            Type.of("txid_snapshot", "'10:20:10,14'"),
            Type.of("int2vector", "'1 2 3'"),
            Type.of("oidvector", "'1 2 3'"),
            Type.of("refcursor", "'c'"),
            Type.of("int4range", "'[1,5)'", "'empty'", "'(,)'"),
            Type.of("int8range", "'[1,9223372036854775807)'"),
            Type.of("numrange", "'(1.00,2.0]'", "'[NaN,NaN]'"),
            Type.of("daterange", "'[2026-01-01,infinity]'"),
            Type.of("tsrange", "'[2026-01-01 00:00,)'"),
            Type.of("tstzrange", "'[2026-01-01 00:00+00,infinity]'"),
            Type.of("int4multirange", "'{[1,3),[5,7)}'", "'{}'"),
            Type.of("int8multirange", "'{[1,3)}'"),
            Type.of("nummultirange", "'{[1.0,3)}'"),
            Type.of("datemultirange", "'{[2026-01-01,2026-02-01)}'"),
            Type.of("tsmultirange", "'{[2026-01-01 00:00,2026-02-01 00:00)}'"),
            Type.of("tstzmultirange", "'{[2026-01-01 00:00+00,2026-02-01 00:00+00)}'"),
            Type.of("public.mood", "'happy'", "'it''s \"so\"'"),
            Type.of("public.pair", "'(1,\"a,\"\"b\"\"\")'", "'(,)'"),
            Type.of("public.positive", "1", "2147483647"),
            Type.of("public.price", "'NaN'", "1.5"),
            Type.of("public.of_price", "2.5"),
            Type.of("public.code", "'A1'"),
            Type.of("public.span", "'[1.5,2.5)'"));

    private static final String[] OWN_TYPES = {
        "CREATE TYPE mood AS ENUM ('happy', 'it''s \"so\"')",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        "CREATE DOMAIN price AS numeric(12,2)",
        "CREATE DOMAIN of_price AS price CHECK (VALUE > 2)",
        "CREATE DOMAIN code AS varchar(5) COLLATE \"C\"",
        "CREATE TYPE span AS RANGE (subtype = float8)"
    };

    /** No columns can be of them, or nobody writes them: statistics and node trees of Postgres' own. */
    private static final Set<String> NOT_OF_COLUMNS = Set.of(
            "aclitem",
            "gtsvector",
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_ndistinct",
            "pg_node_tree",
            "pg_ddl_command");

    private static List<Type> all() {
        List<Type> all = new ArrayList<>(TYPES);
        TYPES.stream()
                .filter(type -> !type.name.endsWith("vector") || type.name.equals("tsvector"))
                .map(Type::array)
                .forEach(all::add);
        return all;
    }

    @Test
    void everyTypeOfThisPostgres_isAmongThem() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(OWN_TYPES);
        Set<String> known = new TreeSet<>();
        Set<String> missing = new TreeSet<>();
        try (Connection connection = fixture.server.connect();
                Statement statement = connection.createStatement()) {
            for (Type type : TYPES) {
                try (ResultSet row = statement.executeQuery("SELECT t.typname FROM pg_type t WHERE t.oid = '"
                        + type.name.replaceAll("\\(.*|interval .*", type.name.startsWith("interval") ? "interval" : "")
                        + "'::regtype")) {
                    row.next();
                    known.add(row.getString(1));
                }
            }
            try (ResultSet rows = statement.executeQuery("SELECT typname FROM pg_type WHERE typtype IN ('b', 'r', 'm')"
                    + " AND typcategory <> 'A' AND typnamespace = 'pg_catalog'::regnamespace")) {
                while (rows.next()) {
                    missing.add(rows.getString(1));
                }
            }
        }
        missing.removeAll(known);
        missing.removeAll(NOT_OF_COLUMNS);
        assertThat(missing).isEmpty();
    }

    @Test
    void everyValue_arrivesAsItIs_bySnapshotInsertUpdateAndKeyUpdate() throws Exception {
        List<Type> types = all();
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(OWN_TYPES);
        String columns = java.util.stream.IntStream.range(0, types.size())
                .mapToObj(i -> "c" + i + " " + types.get(i).name)
                .collect(Collectors.joining(", "));
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, note text, " + columns + ")");
        List<String> inserts = new ArrayList<>();
        List<String> updates = new ArrayList<>();
        int values = 0;
        for (int i = 0; i < types.size(); i++) {
            for (String value : types.get(i).values) {
                values++;
                inserts.add("INSERT INTO t (id, c" + i + ") VALUES (%d + " + values + ", " + value + ")");
                updates.add("UPDATE t SET c" + i + " = " + value + " WHERE id = 60000 + " + values);
            }
        }
        fixture.execute(inserts, 0);
        fixture.execute(inserts, 10_000);
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute(inserts, 20_000);
            fixture.execute(inserts, 30_000);
            fixture.execute("INSERT INTO t (id) SELECT 60000 + g FROM generate_series(1, " + values + ") g");
            fixture.execute(updates, 0);
            // Of another column: what the snapshot, an insert and an update had written stays.
            fixture.execute("UPDATE t SET note = 'n' WHERE id % 2 = 0");
            fixture.execute(
                    "UPDATE t SET id = id + 100000 WHERE id BETWEEN 10000 AND 20000 OR id BETWEEN 30000 AND 40000");
            fixture.execute("UPDATE t SET note = 'm' WHERE id > 100000");
            fixture.execute("INSERT INTO t (id, note) VALUES (-1, 'last')");
            await().atMost(LIMIT).until(() -> fixture.rows("t").containsKey("[-1]"));
            assertThat(source.end()).isNotDone();
            List<String> names = new ArrayList<>(List.of("int4", "text"));
            types.forEach(type -> names.add(type.name));
            assertSame(fixture, names, 5 * values + 1);
            fixture.execute("DELETE FROM t WHERE id > 100", "INSERT INTO t (id) VALUES (-2)");
            await().atMost(LIMIT).until(() -> fixture.rows("t").containsKey("[-2]"));
            assertSame(fixture, names, 102);
        }
    }

    /** Some are much larger in Postgres than here: a digit of an array, or an empty document. */
    private static final List<Type> LARGE = List.of(
            Type.of("text", "repeat('x', 3000)"),
            Type.of("text", "repeat('∅', 700)"),
            Type.of("varchar", "repeat('x', 3000)"),
            Type.of("char(3000)", "'x'"),
            Type.of("bytea", "decode(repeat('ab', 3000), 'hex')"),
            Type.of("json", "'[' || repeat('1,', 2000) || '1]'"),
            Type.of("jsonb", "'[' || repeat('1,', 250) || '1]'"),
            Type.of("jsonb", "'[' || repeat('[],', 300) || '1]'"),
            Type.of("jsonb", "'[' || repeat('1,', 250) || '\"' || repeat('y', 2000) || '\"]'"),
            Type.of("xml", "'<a>' || repeat('x', 3000) || '</a>'"),
            Type.of("numeric", "repeat('1234567890', 500)"),
            Type.of("int4[]", "array_fill(0, ARRAY[600])"),
            Type.of("int8[]", "array_fill(0, ARRAY[300])"),
            Type.of("float8[]", "array_fill(0, ARRAY[300])"),
            Type.of("bool[]", "array_fill(true, ARRAY[3000])"),
            Type.of("text[]", "array_fill(''::text, ARRAY[600])"),
            Type.of("numeric[]", "array_fill(0::numeric, ARRAY[300])"),
            Type.of("uuid[]", "array_fill('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, ARRAY[200])"),
            Type.of("point[]", "array_fill('(0,0)'::point, ARRAY[160])"),
            Type.of("int4range[]", "array_fill('[1,2)'::int4range, ARRAY[100])"),
            Type.of("varbit", "repeat('1', 30000)"),
            Type.of("path", "'(' || repeat('(0,0),', 150) || '(0,0))'"),
            Type.of("tsvector", "(SELECT string_agg('a' || g, ' ') FROM generate_series(1, 500) g)"),
            Type.of(
                    "int8multirange",
                    "('{' || (SELECT string_agg('[' || g * 2 || ',' || g * 2 + 1 || ')', ',') FROM generate_series(1, 200) g) || '}')"),
            Type.of("public.pair", "ROW(1, repeat('x', 3000))"),
            Type.of("public.pair[]", "array_fill(ROW(1, '')::public.pair, ARRAY[100])"));

    @Test
    void everyLargeValue_stays_whenAnUpdateDoesNotTouchIt() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(OWN_TYPES);
        String columns = java.util.stream.IntStream.range(0, LARGE.size())
                .mapToObj(i -> "c" + i + " " + LARGE.get(i).name)
                .collect(Collectors.joining(", "));
        String external = java.util.stream.IntStream.range(0, LARGE.size())
                .mapToObj(i -> "ALTER c" + i + " SET STORAGE EXTERNAL")
                .collect(Collectors.joining(", "));
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, note text, " + columns + ")", "ALTER TABLE t " + external);
        List<String> inserts = java.util.stream.IntStream.range(0, LARGE.size())
                .mapToObj(i -> "INSERT INTO t (id, c" + i + ") VALUES (%d + " + i + ", ("
                        + LARGE.get(i).values.getFirst() + ")::" + LARGE.get(i).name + ")")
                .toList();
        for (int copy = 0; copy < 5; copy++) {
            fixture.execute(inserts, copy * 100);
        }
        assertThat(storedInline(fixture)).isEmpty();
        List<String> names = new ArrayList<>(List.of("int4", "text"));
        LARGE.forEach(type -> names.add(type.name));
        int rows = LARGE.size();
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute(
                    "UPDATE t SET note = 'a' WHERE id < 100",
                    "UPDATE t SET id = id + 1000 WHERE id BETWEEN 100 AND 199",
                    "BEGIN; UPDATE t SET id = id + 1000 WHERE id BETWEEN 200 AND 299; UPDATE t SET note = 'b' WHERE id > 1199; COMMIT",
                    // A row's key goes to another one in one transaction.
                    "BEGIN; UPDATE t SET id = id + 2000 WHERE id BETWEEN 300 AND 399; UPDATE t SET id = id - 100 WHERE id BETWEEN 400 AND 499; COMMIT");
            fixture.execute(inserts, 500);
            fixture.execute(
                    "UPDATE t SET note = 'c' WHERE id BETWEEN 500 AND 599",
                    "INSERT INTO t (id, note) VALUES (-1, 'last')");
            await().atMost(LIMIT).until(() -> fixture.rows("t").containsKey("[-1]"));
            assertThat(source.end()).isNotDone();
            assertSame(fixture, names, 6 * rows + 1);
        }
        try (PostgresSource again = fixture.startReady()) {
            fixture.execute(
                    "UPDATE t SET id = id + 5000 WHERE id >= 0", "INSERT INTO t (id, note) VALUES (-2, 'last')");
            await().atMost(LIMIT).until(() -> fixture.rows("t").containsKey("[-2]"));
            assertThat(again.end()).isNotDone();
            assertSame(fixture, names, 6 * rows + 2);
        }
    }

    /** Postgres moves values of such a table out of line that look too small for it. */
    @Test
    void smallValueOutOfLine_stays_whenAnUpdateDoesNotTouchIt() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, note text, c text) WITH (toast_tuple_target = 128)",
                "ALTER TABLE t ALTER c SET STORAGE EXTERNAL",
                "INSERT INTO t SELECT g, NULL, repeat('a', 2100) FROM generate_series(1, 3) g");
        List<String> names = List.of("int4", "text", "text");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("UPDATE t SET note = 'x'");
            await().atMost(LIMIT).untilAsserted(() -> assertSame(fixture, names, 3));
            // In one epoch: the value that the topic has is not the newest one.
            fixture.execute("BEGIN; UPDATE t SET c = repeat('b', 1500); UPDATE t SET note = 'y'; COMMIT");
            await().atMost(LIMIT).untilAsserted(() -> assertSame(fixture, names, 3));
            fixture.execute("UPDATE t SET note = 'z', id = id + 10");
            await().atMost(LIMIT).untilAsserted(() -> assertSame(fixture, names, 3));
            assertThat(source.end()).isNotDone();
        }
    }

    /** Those that the log would hold even if they were not changed. */
    private static List<String> storedInline(Servers.Fixture fixture) throws SQLException {
        List<String> inline = new ArrayList<>();
        try (Connection connection = fixture.server.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < LARGE.size(); i++) {
                try (ResultSet row =
                        statement.executeQuery("SELECT pg_column_toast_chunk_id(c" + i + ") FROM t WHERE id = " + i)) {
                    row.next();
                    if (row.getString(1) == null) {
                        inline.add(LARGE.get(i).name + " " + LARGE.get(i).values);
                    }
                }
            }
        }
        return inline;
    }

    /** @param columnTypes of every column, the key first */
    private static void assertSame(Servers.Fixture fixture, List<String> columnTypes, int rows) throws SQLException {
        Map<String, @Nullable Object[]> topic = fixture.values(new TableName("public", "t"));
        List<String> differences = new ArrayList<>();
        try (Connection connection = fixture.server.connectForValues();
                Statement statement = connection.createStatement()) {
            int compared = 0;
            try (ResultSet table = statement.executeQuery("SELECT * FROM public.t")) {
                while (table.next()) {
                    compared++;
                    @Nullable Object[] row = topic.remove("[" + table.getInt(1) + "]");
                    if (row == null) {
                        differences.add("row " + table.getInt(1) + " is missing");
                        continue;
                    }
                    for (int i = 0; i < row.length; i++) {
                        compare(connection, columnTypes.get(i), table, i, row[i], differences);
                    }
                }
            }
            assertThat(compared).isEqualTo(rows);
        }
        topic.forEach((key, row) -> differences.add("row " + key + " is not in the table: " + Arrays.toString(row)));
        assertThat(differences).isEmpty();
    }

    private static void compare(
            Connection connection,
            String type,
            ResultSet table,
            int column,
            @Nullable Object value,
            List<String> differences)
            throws SQLException {
        String expected = table.getString(column + 1);
        String actual = value == null ? null : PgText.of(value);
        if (actual != null && type.equals("box[]")) {
            // The one type whose arrays have another delimiter.
            actual = actual.replace("\",", "\";");
        }
        if (expected == null ? actual == null : expected.equals(actual)) {
            return;
        }
        if (expected != null && actual != null) {
            // Postgres reads what we write, and writes it again.
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT ((?::text)::" + type + ")::text, ((?::text)::" + type + ")::text")) {
                statement.setString(1, expected);
                statement.setString(2, actual);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    expected = row.getString(1);
                    actual = row.getString(2);
                }
            }
        }
        if (!java.util.Objects.equals(expected, actual)) {
            differences.add("row " + table.getInt(1) + ", " + type + ": " + actual + " instead of " + expected);
        }
    }
}
