package io.millrace.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportCheckTest {
    private static final ReportCheck CHECK = new ReportCheck(
            Set.of("sale", "customer", "refused_view", "other_report"),
            Map.of("sale", Set.of("tenant_id", "month", "revenue"), "customer", Set.of("tenant_id", "name")));

    private static List<Problem> problems(String sql) {
        return CHECK.problems(ViewFiles.parse("reports/mine.sql", "-- Mine.\n" + sql));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT tenant_id, sum(revenue) FILTER (WHERE month > (now() AT TIME ZONE 'UTC')::date) AS r FROM sale GROUP BY 1",
                "SELECT s.month, c.name FROM sale s JOIN analytics.customer AS c USING (tenant_id) ORDER BY month DESC NULLS LAST",
                "WITH m AS (SELECT month AS starts, sum(revenue) AS total FROM sale GROUP BY month)"
                        + " SELECT starts, total, lag(total) OVER (ORDER BY starts) AS before FROM m",
                "WITH sale AS (SELECT 1 AS one) SELECT sale.one FROM sale",
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT i FROM n",
                "SELECT anything FROM refused_view JOIN other_report USING (tenant_id)",
                "SELECT age(applied_at) FROM progress",
                "SELECT relname FROM pg_class",
                "SELECT x.y FROM information_schema.tables x",
                "SELECT d, coalesce(revenue, 0) FROM generate_series(DATE '2026-01-01', now(), interval '1 month') AS g (d)"
                        + " LEFT JOIN sale ON sale.month = d",
                "SELECT v.k, t.total FROM (VALUES (1, 'a')) AS v (k, label) CROSS JOIN LATERAL (SELECT count(*) AS total FROM sale"
                        + " WHERE tenant_id = k) t",
                "SELECT count(s) FROM sale s WHERE EXISTS (SELECT 1 FROM customer c WHERE c.tenant_id = s.tenant_id)",
                "SELECT TENANT_ID, \"month\" FROM Sale WHERE CURRENT_DATE > MONTH",
                "SELECT json_agg(json_build_object('m', month) ORDER BY month) FROM sale GROUP BY ROLLUP (tenant_id)"
            })
    void rightReport_hasNoProblems(String sql) {
        assertThat(problems(sql)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "SELECT month FROM sales                               | 2:19 | there is no view sales",
                "SELECT month FROM analytics.sales                     | 2:19 | there is no view sales",
                "SELECT moonth FROM sale                               | 2:8  | nothing that it reads has a column moonth",
                "SELECT month FROM sale WHERE revnue > 0               | 2:30 | nothing that it reads has a column revnue",
                "SELECT s.name FROM sale s JOIN customer c ON true     | 2:8  | s has no column name",
                "SELECT sale.name FROM sale                            | 2:8  | sale has no column name",
                "SELECT (SELECT max(nme) FROM customer) FROM sale      | 2:20 | nothing that it reads has a column nme",
                "SELECT \"Month\" FROM sale                            | 2:8  | nothing that it reads has a column Month",
                "SELECT month, FROM sale                               | 2:13 | it cannot be parsed from ',' on",
                "SELECT month FROM sale WHERE (revenue > 0             | 2:41 | it cannot be parsed from its end on",
                "DELETE FROM sale                                      | mine.sql: | this is not a query"
            })
    void wrongReport_isToldWithItsPlace(String sql, String place, String problem) {
        assertThat(problems(sql))
                .singleElement()
                .extracting(Problem::toString)
                .asString()
                .contains(place)
                .contains(problem);
    }

    @Test
    void remedy_namesWhatIsThere() {
        assertThat(problems("SELECT sale.moonth FROM sale").getFirst().remedy())
                .isEqualTo("take one of month, revenue, tenant_id");
    }
}
