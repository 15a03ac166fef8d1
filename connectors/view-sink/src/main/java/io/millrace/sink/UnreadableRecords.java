package io.millrace.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What cannot be read is written down, and does not stop the others. */
final class UnreadableRecords {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);

    private UnreadableRecords() {}

    /** Within the open transaction. */
    static void keep(Connection connection, ConsumerRecord<?, ?> record, String problem) throws SQLException {
        LOG.error(
                "sink: topic {}, partition {}, offset {} is skipped: {}",
                record.topic(),
                record.partition(),
                record.offset(),
                problem);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO analytics.unreadable_record VALUES (?, ?, ?, ?, now()) ON CONFLICT DO NOTHING")) {
            insert.setString(1, record.topic());
            insert.setInt(2, record.partition());
            insert.setLong(3, record.offset());
            insert.setString(4, problem);
            insert.execute();
        }
    }
}
