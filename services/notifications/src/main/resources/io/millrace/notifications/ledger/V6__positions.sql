-- How far alerts are written down: what the ledger has, and Kafka's offsets do not know after a restore.
CREATE TABLE notifications.position (
  topic       text NOT NULL,
  partition   integer NOT NULL,
  topic_id    text,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);
-- A ledger of before: until it has its own, Kafka's offsets are right.
INSERT INTO notifications.position SELECT '', 0, NULL, 0 WHERE EXISTS (SELECT FROM notifications.delivery);
