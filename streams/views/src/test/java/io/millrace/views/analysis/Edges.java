package io.millrace.views.analysis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of each type at which implementations differ: zeros, extremes, scales, infinities, ends of months, emoji. */
final class Edges {
    static final Map<String, List<String>> OF = of();

    private Edges() {}

    private static Map<String, List<String>> of() {
        Map<String, List<String>> edges = new LinkedHashMap<>();
        edges.put("boolean", List.of("true", "false"));
        edges.put("smallint", List.of("0", "1", "-1", "7", "-32768", "32767"));
        edges.put("integer", List.of("0", "1", "-1", "2", "-7", "100", "2147483647", "-2147483648"));
        edges.put("bigint", List.of("0", "1", "-1", "3", "3000000000", "9223372036854775807", "-9223372036854775808"));
        edges.put(
                "real",
                List.of(
                        "0",
                        "-0",
                        "1",
                        "0.1",
                        "-2.5",
                        "3.4e38",
                        "1e-45",
                        "1e20",
                        "123456.7",
                        "1234567",
                        "0.0001",
                        "0.00001",
                        "NaN",
                        "Infinity",
                        "-Infinity"));
        edges.put(
                "double precision",
                List.of(
                        "0",
                        "-0",
                        "1",
                        "0.1",
                        "0.5",
                        "1.5",
                        "2.5",
                        "-2.5",
                        "1e308",
                        "1e-308",
                        "4.9e-324",
                        "123456789012345678",
                        "999999999999999",
                        "1e15",
                        "0.1234567890123456",
                        "1e-5",
                        "9.5",
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "2147483647.5",
                        "9.223372036854775807e18"));
        edges.put(
                "numeric",
                List.of(
                        "0",
                        "0.00",
                        "1",
                        "1.0",
                        "-1.50",
                        "0.5",
                        "2.5",
                        "-0.5",
                        "0.0001",
                        "12345678901234567890.123456789",
                        "1e-20",
                        "9999",
                        "10000",
                        "99999.995",
                        "-99.5",
                        "32767.5",
                        "1e40",
                        "NaN",
                        "Infinity",
                        "-Infinity"));
        edges.put(
                "text",
                List.of(
                        "",
                        "a",
                        "A",
                        "ab",
                        " a ",
                        "é",
                        "ß",
                        "😀",
                        "x😀y",
                        "%",
                        "_",
                        "a%",
                        "\\",
                        "\\%",
                        "1",
                        "-1",
                        " 1.5 ",
                        "abcabc",
                        "true",
                        "off",
                        "2026-01-15",
                        "2024-02-29 23:59:59.123456",
                        "1e3",
                        "nan",
                        "550E8400-e29b-41d4-a716-446655440000",
                        "İ",
                        "1_000",
                        "0x1F",
                        "infinity",
                        "20260115",
                        "2026-1-5"));
        edges.put("character(3)", List.of("a", "ab", "abc", "", "é"));
        edges.put(
                "uuid",
                List.of(
                        "550e8400-e29b-41d4-a716-446655440000",
                        "00000000-0000-0000-0000-000000000000",
                        "ffffffff-ffff-ffff-ffff-ffffffffffff"));
        edges.put(
                "date",
                List.of(
                        "2026-01-15",
                        "2024-02-29",
                        "2000-01-01",
                        "1999-12-31",
                        "2026-12-31",
                        "2027-01-03",
                        "0001-01-01",
                        "0044-03-15 BC",
                        "0001-12-31 BC",
                        "4714-11-24 BC",
                        "5874897-12-31",
                        "20231-01-15",
                        "1900-03-01",
                        "infinity",
                        "-infinity"));
        edges.put(
                "timestamp",
                List.of(
                        "2026-01-15 00:00:00",
                        "2024-02-29 23:59:59.999999",
                        "2026-03-29 02:30:00",
                        "2000-01-01 00:00:00.5",
                        "1999-12-31 12:34:56.123",
                        "0044-03-15 10:00:00 BC",
                        "4714-11-24 00:00:00 BC",
                        "294276-12-31 23:59:59.999999",
                        "infinity",
                        "-infinity",
                        "2026-10-31 12:00:00.000001"));
        edges.put(
                "timestamptz",
                List.of(
                        "2026-01-15 00:00:00+00",
                        "2024-02-29 23:59:59.999999+00",
                        "2026-03-29 02:30:00+02",
                        "1999-12-31 12:34:56.5+00",
                        "0044-03-15 10:00:00+00 BC",
                        "294276-12-31 23:59:59.999999+00",
                        "infinity",
                        "-infinity"));
        edges.put(
                "interval",
                List.of(
                        "1 day",
                        "1 mon",
                        "-1 mon",
                        "1 year 2 mons 3 days 04:05:06.789",
                        "-00:00:01",
                        "36:00:00",
                        "24:00:00",
                        "30 days",
                        "0",
                        "-3 days +04:05:06.7",
                        "00:00:00.000001",
                        "infinity",
                        "-infinity",
                        "178000000 years"));
        return edges;
    }
}
