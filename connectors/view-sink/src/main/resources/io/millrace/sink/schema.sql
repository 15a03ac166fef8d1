-- The analytics database's own objects. Run at each start: every statement may find its work done.
CREATE SCHEMA IF NOT EXISTS analytics;

-- Up to where a source is applied: one row a source, changed with every transaction of the sink.
CREATE TABLE IF NOT EXISTS analytics.position (
  source       text PRIMARY KEY,
  epoch        bigint NOT NULL,
  lsn          pg_lsn NOT NULL,
  committed_at timestamptz NOT NULL,
  applied_at   timestamptz NOT NULL,
  next_offsets bigint[] NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS analytics.view (
  view        text PRIMARY KEY,
  generation  text NOT NULL,
  description text NOT NULL,
  sql         text NOT NULL,
  key         text[] NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- Which rows these are, and the definition as topic views.updates had it.
ALTER TABLE analytics.view ADD COLUMN IF NOT EXISTS version bigint NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS definition bytea;

CREATE TABLE IF NOT EXISTS analytics.view_lane (
  view          text NOT NULL REFERENCES analytics.view ON DELETE CASCADE,
  lane          integer NOT NULL,
  excluded_rows bigint NOT NULL,
  PRIMARY KEY (view, lane)
);

-- When a view's rows last changed: what is kept of an older answer is valid as long as this stays.
CREATE TABLE IF NOT EXISTS analytics.view_change (
  view   text PRIMARY KEY REFERENCES analytics.view ON DELETE CASCADE,
  source text NOT NULL,
  epoch  bigint NOT NULL,
  lsn    pg_lsn NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE analytics.view_change IS 'The epoch that last changed rows of each view.';

CREATE TABLE IF NOT EXISTS analytics.report (
  report      text PRIMARY KEY,
  description text NOT NULL,
  sql         text NOT NULL,
  problem     text
);
COMMENT ON TABLE analytics.report IS 'The reports of the catalog. One with a problem is not there; the problem says why.';

-- Alerts as topic governance.alerts has them.
CREATE TABLE IF NOT EXISTS analytics.alert (
  id               uuid PRIMARY KEY,
  version          bigint NOT NULL,
  source           text NOT NULL,
  lane             integer NOT NULL,
  control          text NOT NULL,
  severity         text NOT NULL,
  owner            text NOT NULL,
  title            text NOT NULL,
  remedy           text NOT NULL,
  state            text NOT NULL,
  violated         boolean NOT NULL,
  last_event       text NOT NULL,
  at               timestamptz NOT NULL,
  "by"             text,
  reason           text,
  openings         integer NOT NULL,
  opened_lsn       pg_lsn NOT NULL,
  opened_xid       bigint,
  opened_at        timestamptz NOT NULL,
  opened_by        text,
  suppressed_until timestamptz,
  key              json NOT NULL,
  evidence         json NOT NULL
);
COMMENT ON TABLE analytics.alert IS 'What controls found, one row a violation, and what became of it. State: open, acknowledged, suppressed, resolved. Evidence is the violating row; opened_xid, opened_lsn and opened_by are the source transaction that made it so.';
ALTER TABLE analytics.alert ADD COLUMN IF NOT EXISTS evidence_types json;
CREATE INDEX IF NOT EXISTS alert_state ON analytics.alert (state, control);

CREATE TABLE IF NOT EXISTS analytics.alert_event (
  alert    uuid NOT NULL REFERENCES analytics.alert,
  version  bigint NOT NULL,
  event    text NOT NULL,
  at       timestamptz NOT NULL,
  "by"     text,
  reason   text,
  state    text NOT NULL,
  severity text NOT NULL,
  title    text NOT NULL,
  evidence json NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (alert, version)
);
COMMENT ON TABLE analytics.alert_event IS 'Each change of an alert: what happened, when, by whom, and the alert after it.';

-- How far topics that are no views are applied.
CREATE TABLE IF NOT EXISTS analytics.topic_position (
  topic       text NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

-- Another topic of the same name has another id: what is applied is not its.
ALTER TABLE analytics.topic_position ADD COLUMN IF NOT EXISTS topic_id text;

-- The audit trail: rows are added, and never changed or removed.
CREATE SCHEMA IF NOT EXISTS audit;
CREATE TABLE IF NOT EXISTS audit.record (
  lane       integer NOT NULL,
  sequence   bigint NOT NULL,
  previous   text NOT NULL,
  hash       text NOT NULL,
  kind       text NOT NULL,
  source     text NOT NULL,
  xid        bigint NOT NULL,
  commit_lsn bigint NOT NULL,
  at         timestamptz NOT NULL,
  actor      text,
  changes    bigint NOT NULL,
  digest     text NOT NULL,
  detail     text NOT NULL,
  PRIMARY KEY (lane, sequence)
);
COMMENT ON TABLE audit.record IS 'Every transaction of the source and every decision about an alert, chained by hash, lane by lane. Checked by: millrace audit verify.';
CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is not changed: % of audit.record is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.record
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE TABLE IF NOT EXISTS analytics.unreadable_record (
  topic     text NOT NULL,
  partition integer NOT NULL,
  "offset"  bigint NOT NULL,
  problem   text NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE analytics.unreadable_record IS 'Records of topics that could not be read, and were skipped.';

-- Read without a snapshot, so that wait_for sees it move in any transaction.
CREATE SEQUENCE IF NOT EXISTS analytics.applied_lsn MINVALUE 0 START 0;

CREATE OR REPLACE VIEW analytics.progress AS
  SELECT p.source, l.lane - 1 AS lane, p.epoch, p.lsn, p.committed_at, p.applied_at
  FROM analytics.position p, generate_series(1, cardinality(p.next_offsets)) AS l (lane);
COMMENT ON VIEW analytics.progress IS 'Up to where each lane is applied. Lanes are applied together: what one statement reads is the result of every transaction of the source up to lsn, and of none after it.';

CREATE OR REPLACE VIEW analytics.freshness AS
  SELECT source, epoch, lsn, committed_at, applied_at, applied_at - committed_at AS delay, clock_timestamp() - applied_at AS idle
  FROM analytics.position WHERE epoch > 0;
COMMENT ON VIEW analytics.freshness IS 'How long the newest applied transaction took from its commit to here, and how long ago that was.';

CREATE OR REPLACE VIEW analytics.view_status AS
  SELECT v.view, CASE WHEN coalesce(sum(l.excluded_rows), 0) > 0 THEN 'degraded' ELSE 'ok' END AS status,
    coalesce(sum(l.excluded_rows), 0)::bigint AS excluded_rows, v.description, v.generation, v.created_at
  FROM analytics.view v LEFT JOIN analytics.view_lane l ON l.view = v.view
  GROUP BY v.view, v.description, v.generation, v.created_at;
COMMENT ON VIEW analytics.view_status IS 'Each view. A degraded view lacks rows on which one of its expressions fails; topic hub.dead-letters says which and why.';

CREATE OR REPLACE FUNCTION analytics.wait_for(wanted pg_lsn, timeout interval DEFAULT '10 s') RETURNS pg_lsn
LANGUAGE plpgsql AS $$
DECLARE
  deadline timestamptz := clock_timestamp() + timeout;
  applied  bigint;
BEGIN
  LOOP
    SELECT last_value INTO applied FROM analytics.applied_lsn;
    IF applied >= (wanted - '0/0'::pg_lsn) THEN
      RETURN '0/0'::pg_lsn + applied::numeric;
    END IF;
    IF clock_timestamp() >= deadline THEN
      RAISE EXCEPTION 'the views have not come to % within %: they are at %', wanted, timeout, '0/0'::pg_lsn + applied::numeric
        USING HINT = 'see analytics.freshness: is the hub running?';
    END IF;
    PERFORM pg_sleep(0.005);
  END LOOP;
END $$;
COMMENT ON FUNCTION analytics.wait_for IS 'Returns when the views are at least as fresh as the log position, which a writer gets from pg_current_wal_insert_lsn() after its commit. Call it in a statement of its own, before the one that reads.';
