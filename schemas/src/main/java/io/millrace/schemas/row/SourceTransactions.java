package io.millrace.schemas.row;

import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The relation {@code source_transaction}: one row for each transaction of the source and table that it changed. It is derived
 * from the feed and kept for {@link #KEPT_DAYS} days. Rows of broadcast tables are not counted, nor is a snapshot.
 */
public final class SourceTransactions {
    public static final TableName TABLE = new TableName("millrace", "source_transaction");
    public static final int KEPT_DAYS = 35;

    private SourceTransactions() {}

    /** Whether somebody's transaction: else its rows were read from the tables, at once or since a statement had changed them unlogged. */
    public static boolean isOne(SourceTransaction transaction) {
        return transaction.getKind() == TransactionKind.COMMIT && transaction.getXid() != 0;
    }

    /** Its columns; the first is the tables' lane column, where they have one: a transaction has a row for each of its values. */
    public static RelationSchema relation(Collection<RelationSchema> tables) {
        Optional<Column> lane =
                tables.stream().flatMap(table -> laneColumn(table).stream()).findFirst();
        List<Column> columns = new ArrayList<>();
        List<String> key = new ArrayList<>();
        lane.ifPresent(column -> {
            columns.add(new Column(column.name(), column.type(), false, "whose rows were changed"));
            key.add(column.name());
        });
        columns.add(new Column("commit_lsn", PgType.INT8, false, "position of the commit in the source's log"));
        columns.add(new Column("table_name", PgType.TEXT, false, "schema.table"));
        columns.add(new Column("xid", PgType.INT8, false, "the source's transaction id"));
        columns.add(new Column("committed_at", PgType.TIMESTAMPTZ, false, ""));
        columns.add(new Column("actor", PgType.TEXT, true, "who did it, where known"));
        columns.add(new Column("inserts", PgType.INT8, false, "rows inserted"));
        columns.add(new Column("updates", PgType.INT8, false, "rows updated"));
        columns.add(new Column("deletes", PgType.INT8, false, "rows deleted or truncated"));
        key.add("commit_lsn");
        key.add("table_name");
        return new RelationSchema(TABLE, columns, key, lane.map(Column::name).orElse(null), false);
    }

    private static Optional<Column> laneColumn(RelationSchema table) {
        @Nullable String name = table.laneColumn();
        return name == null || table.broadcast()
                ? Optional.empty()
                : Optional.of(table.columns().get(table.indexOf(name)));
    }
}
