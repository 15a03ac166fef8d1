package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Generated requests for rows, with what Postgres answers to the same question as the oracle. */
@SuppressWarnings("NullAway.Init")
class RowsProperties {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final int ROWS = 60;
    private static final int REQUESTS = 150;

    /** Values of each type, as Postgres takes them. */
    private static final Map<String, List<String>> TYPES = types();

    /** They have no order, or no equality. */
    private static final List<String> UNORDERED = List.of("json");

    @TempDir
    static Path directory;

    static GatewayServer server;

    private static Map<String, List<String>> types() {
        Map<String, List<String>> types = new LinkedHashMap<>();
        types.put("smallint", List.of("0", "-32768", "32767"));
        types.put("integer", List.of("0", "-2147483648", "2147483647", "7"));
        types.put("bigint", List.of("0", "-9223372036854775808", "9007199254740993", "9223372036854775807"));
        types.put("numeric", List.of("0", "1.0", "1.00", "12345678901234567890.1234567890", "NaN", "Infinity", "-0.5"));
        types.put("numeric(12,2)", List.of("0", "1.005", "1.01", "-99.99", "9999999999.99"));
        types.put("real", List.of("0", "-0", "0.1", "NaN", "Infinity", "1e38"));
        types.put("double precision", List.of("0", "0.1", "0.30000000000000004", "NaN", "-Infinity", "1e308"));
        types.put("money", List.of("0", "12.34", "-92233720368547758.08", "1000"));
        types.put(
                "text",
                List.of(
                        "",
                        " ",
                        "a",
                        "A",
                        "ä",
                        "a,b",
                        "\"q\"",
                        "it's",
                        "x\ny",
                        "\uD83D\uDE00",
                        "null",
                        "100%",
                        "a_b",
                        "=1+1"));
        types.put("character varying(5)", List.of("", "abcde", "a%", "AB"));
        types.put("character(4)", List.of("", "a", "ab  ", "abcd"));
        types.put("boolean", List.of("true", "false"));
        types.put("date", List.of("2026-01-31", "1900-01-01", "infinity", "-infinity", "0001-01-01 BC"));
        types.put("time without time zone", List.of("00:00", "23:59:59.999999", "24:00"));
        types.put("timestamp without time zone", List.of("2026-01-31 10:00:00.000001", "infinity", "1999-12-31"));
        types.put("timestamp with time zone", List.of("2026-01-31 10:00:00+02", "-infinity", "2026-10-25 02:30:00+02"));
        types.put("interval", List.of("1 month", "30 days", "-1 day 2:00", "1 year 2 mons 3 days 04:05:06.7"));
        types.put("uuid", List.of("00000000-0000-0000-0000-000000000000", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"));
        types.put("bytea", List.of("", "\\x00ff", "\\x"));
        types.put("jsonb", List.of("{}", "[1, \"a\"]", "{\"a\": 12345678901234567890.5}", "null"));
        types.put("json", List.of("{\"a\" :  1}", "[]"));
        types.put("inet", List.of("10.0.0.1", "10.0.0.0/8", "::1"));
        types.put("text[]", List.of("{}", "{a,NULL,\"b,c\"}", "{{a,b},{c,d}}"));
        types.put("numeric[]", List.of("{}", "{1.0,1.00,NaN}", "{NULL}"));
        types.put("bigint[]", List.of("{9007199254740993}", "{}"));
        types.put("money[]", List.of("{1.50}", "{}"));
        types.put("bit(3)", List.of("101", "000"));
        return types;
    }

    /** Of each way of writing numbers, a row is what the schema says. */
    @ParameterizedTest
    @ValueSource(strings = {"string", "number"})
    void everyRow_isAsItsSchemaSays(String numbers) throws Exception {
        String schema =
                server.get("/api/v1/views/every_type/schema?numbers=" + numbers).body();
        com.networknt.schema.Schema compiled = com.networknt.schema.SchemaRegistry.withDefaultDialect(
                        com.networknt.schema.SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema);
        String export =
                server.get("/api/v1/views/every_type/export?numbers=" + numbers).body();
        assertThat(export.lines()).hasSizeGreaterThan(ROWS / 2);
        export.lines()
                .forEach(row -> assertThat(compiled.validate(row, com.networknt.schema.InputFormat.JSON))
                        .as(row)
                        .isEmpty());
    }

    @BeforeAll
    static void start() throws Exception {
        server = new GatewayServer(directory);
        List<String> columns = new ArrayList<>(List.of("k1 integer", "k2 text", "\"a.b c\" text"));
        columns.addAll(
                TYPES.keySet().stream().map(type -> quoted(type) + " " + type).toList());
        server.define("every_type", "g1", String.join(", ", columns), "k1,k2");
        Random random = new Random(7);
        List<String> inserts = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            List<String> values = new ArrayList<>();
            values.add(i < 3 ? "NULL" : String.valueOf(i % 7));
            values.add(i % 11 == 5 ? "NULL" : "'k/;%" + i / 7 + (i % 2 == 0 ? "'',\"" : "") + "'");
            values.add(i % 2 == 0 ? "'dotted'" : "NULL");
            TYPES.forEach((type, choices) -> values.add(
                    random.nextInt(4) == 0
                            ? "NULL"
                            : literal(choices.get(random.nextInt(choices.size()))) + "::" + type));
            inserts.add("INSERT INTO analytics.every_type VALUES (" + String.join(", ", values)
                    + ") ON CONFLICT DO NOTHING");
        }
        server.apply("every_type", inserts.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** A request's parameters, and the same question in SQL. */
    private record Question(
            List<String> parameters, List<String> conditions, List<String> order, List<String> columns) {}

    private static Question random(Random random) {
        Question question = new Question(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<String> types = new ArrayList<>(TYPES.keySet());
        for (int i = random.nextInt(3); i > 0; i--) {
            filter(types.get(random.nextInt(types.size())), random, question);
        }
        List<String> ordered = new ArrayList<>(types);
        ordered.removeAll(UNORDERED);
        Collections.shuffle(ordered, random);
        List<String> order = new ArrayList<>();
        for (String type : ordered.subList(0, random.nextInt(3))) {
            boolean descending = random.nextBoolean();
            order.add(type + (descending ? ".desc" : random.nextBoolean() ? ".asc" : ""));
            question.order.add("t." + quoted(type) + (descending ? " DESC" : ""));
        }
        order.forEach(by -> question.parameters.add("order=" + GatewayServer.encoded(by)));
        question.order.addAll(List.of("t.k1", "t.k2"));
        if (random.nextBoolean()) {
            Collections.shuffle(types, random);
            types.subList(0, 1 + random.nextInt(4)).forEach(type -> {
                question.columns.add(type);
                question.parameters.add("columns=" + GatewayServer.encoded(type));
            });
        } else {
            question.columns.addAll(List.of("k1", "k2", "a.b c"));
            question.columns.addAll(TYPES.keySet());
        }
        return question;
    }

    private static void filter(String type, Random random, Question question) {
        List<String> choices = Objects.requireNonNull(TYPES.get(type));
        String value = choices.get(random.nextInt(choices.size()));
        boolean comparable = !UNORDERED.contains(type);
        List<String> operators =
                comparable ? List.of("eq", "ne", "lt", "le", "gt", "ge", "in", "is", "like") : List.of("is", "like");
        String operator = operators.get(random.nextInt(operators.size()));
        // Without the length or scale of the column: a value that is compared is not rounded or cut.
        String base = type.replaceAll("\\([0-9,]+\\)", "")
                .replaceFirst("^character$", "bpchar")
                .replaceFirst("^bit$", "varbit");
        Map<String, String> sql = Map.of("eq", "=", "ne", "<>", "lt", "<", "le", "<=", "gt", ">", "ge", ">=");
        String text = value;
        String condition;
        switch (operator) {
            case "is" -> {
                text = random.nextBoolean() ? "null" : "not_null";
                condition = quoted(type) + (text.equals("null") ? " IS NULL" : " IS NOT NULL");
            }
            case "in" -> {
                List<String> some = choices.subList(0, 1 + random.nextInt(choices.size()));
                text = some.stream()
                        .map(each -> '"' + each.replace("\"", "\"\"") + '"')
                        .collect(Collectors.joining(","));
                condition = some.stream()
                        .map(each -> quoted(type) + " = " + literal(each) + "::" + base)
                        .collect(Collectors.joining(" OR ", "(", ")"));
            }
            case "like" -> {
                text = List.of("%", "a%", "%1%", "_", "").get(random.nextInt(5));
                condition = "CAST(" + quoted(type) + " AS text) LIKE '" + text + "'";
            }
            default -> condition = quoted(type) + " " + sql.get(operator) + " " + literal(value) + "::" + base;
        }
        if (text.chars().anyMatch(c -> c < ' ')) {
            // Control characters are refused.
            return;
        }
        question.parameters.add("filter=" + GatewayServer.encoded(type + "." + operator + "." + text));
        question.conditions.add(condition);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void rowsOfAllPages_areWhatPostgresAnswersToTheSameQuestion(int limit) throws Exception {
        for (int seed = 0; seed < REQUESTS / (limit == 1 ? 5 : 1); seed++) {
            Question question = random(new Random(seed));
            List<Map<String, @Nullable String>> expected = expected(question);
            List<Map<String, @Nullable String>> answered = new ArrayList<>();
            String cursor = "";
            JsonNode page;
            do {
                String path = "/api/v1/views/every_type/rows?count=exact&limit=" + limit + cursor
                        + question.parameters.stream().map(each -> "&" + each).collect(Collectors.joining());
                HttpResponse<String> response = server.get(path);
                assertThat(response.statusCode())
                        .as("%s: %s", path, response.body())
                        .isEqualTo(200);
                page = JSON.readTree(response.body());
                assertThat(page.path("count").asLong()).as(path).isEqualTo(expected.size());
                page.path("rows").forEach(row -> answered.add(texts(row)));
                cursor = "&cursor=" + page.path("next").asString("");
                assertThat(page.path("more").asBoolean())
                        .isEqualTo(!page.path("next").isNull());
            } while (page.path("more").asBoolean());
            assertThat(answered).as("seed %s: %s", seed, question).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(answered.get(i))
                        .as("seed %s: %s, row %s", seed, question.parameters, i)
                        .isEqualTo(expected.get(i));
            }
        }
    }

    private static Map<String, @Nullable String> texts(JsonNode row) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        row.properties().forEach(member -> {
            JsonNode value = member.getValue();
            texts.put(member.getKey(), value.isNull() ? null : value.isString() ? value.asString() : value.toString());
        });
        return texts;
    }

    /** Numbers that others round as text; all else as Postgres' to_json has it. */
    private static List<Map<String, @Nullable String>> expected(Question question) throws SQLException {
        String columns = question.columns.stream()
                .map(name -> switch (name) {
                    case "bigint", "numeric" -> quoted(name) + "::text";
                    case "money" -> quoted(name) + "::numeric::text";
                    case "bigint[]", "numeric[]" -> "to_json(" + quoted(name) + "::text[])::text";
                    case "money[]" -> "to_json(" + quoted(name) + "::numeric[]::text[])::text";
                    default -> "to_json(" + quoted(name) + ")::text";
                })
                .collect(Collectors.joining(", "));
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE 'UTC'");
            try (ResultSet row = statement.executeQuery("SELECT " + columns + " FROM analytics.every_type t"
                    + (question.conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", question.conditions))
                    + " ORDER BY "
                    + String.join(", ", question.order))) {
                while (row.next()) {
                    Map<String, @Nullable String> texts = new LinkedHashMap<>();
                    for (int i = 0; i < question.columns.size(); i++) {
                        texts.put(question.columns.get(i), text(question.columns.get(i), row.getString(i + 1)));
                    }
                    rows.add(texts);
                }
            }
        }
        return rows;
    }

    private static @Nullable String text(String type, @Nullable String value) {
        if (value == null || List.of("bigint", "numeric", "money").contains(type)) {
            return value;
        }
        JsonNode json = JSON.readTree(value);
        return json.isNull() ? null : json.isString() ? json.asString() : json.toString();
    }

    @Test
    void numbersThatAreAskedForAsNumbers_haveEveryDigit() throws Exception {
        String body = server.get("/api/v1/views/every_type/rows?limit=1000&numbers=number&columns=bigint,numeric")
                .body();
        assertThat(body)
                .contains(
                        "\"bigint\":9007199254740993",
                        "\"numeric\":12345678901234567890.1234567890",
                        "\"numeric\":1.00");
    }

    @Test
    void everyRow_isFoundByItsKey() throws Exception {
        JsonNode all = JSON.readTree(
                server.get("/api/v1/views/every_type/rows?limit=1000&filter=k1.is.not_null&filter=k2.is.not_null")
                        .body());
        assertThat(all.path("rows").size()).isGreaterThan(30);
        for (JsonNode row : all.path("rows")) {
            String key =
                    row.path("k1").asInt() + ",\"" + row.path("k2").asString().replace("\"", "\"\"") + "\"";
            HttpResponse<String> one = server.get("/api/v1/views/every_type/row?key=" + GatewayServer.encoded(key));
            assertThat(one.statusCode()).as(key).isEqualTo(200);
            assertThat(JSON.readTree(one.body()).path("rows").path(0)).isEqualTo(row);
        }
    }
}
