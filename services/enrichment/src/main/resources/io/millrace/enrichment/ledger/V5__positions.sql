-- How far topics are read: what the ledger has, and Kafka's offsets do not know after a restore.
CREATE TABLE enrichment.position (
  topic       text NOT NULL,
  partition   integer NOT NULL,
  topic_id    text,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);
-- A ledger of before: until it has its own, Kafka's offsets are right.
INSERT INTO enrichment.position SELECT '', 0, NULL, 0
  WHERE EXISTS (SELECT FROM enrichment.question) OR EXISTS (SELECT FROM enrichment.begun);
