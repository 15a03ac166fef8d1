-- What hubs run with, and what may be changed while they run.
CREATE TABLE access.version (
  id         text PRIMARY KEY,
  kind       text NOT NULL,
  content    jsonb NOT NULL,
  seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_by    text NOT NULL,
  instance   text NOT NULL,
  approved_at timestamptz,
  approved_by text,
  reason     text
);
COMMENT ON TABLE access.version IS 'Catalogs and configurations that hubs ran with, or were proposed.';
COMMENT ON COLUMN access.version.id IS 'first digits of the SHA-256 of its content';
COMMENT ON COLUMN access.version.kind IS 'catalog or configuration';
COMMENT ON COLUMN access.version.content IS 'files and their texts, or keys and their values, secrets masked';
COMMENT ON COLUMN access.version.seen_at IS 'when it was seen first';
COMMENT ON COLUMN access.version.seen_by IS 'who started a hub with it first, or proposed it';
COMMENT ON COLUMN access.version.instance IS 'the hub that had it first; empty: it was proposed';
COMMENT ON COLUMN access.version.approved_at IS 'when it was approved; null: it was not';
COMMENT ON COLUMN access.version.approved_by IS 'who approved it';
COMMENT ON COLUMN access.version.reason IS 'why it was approved';

CREATE TABLE access.run (
  instance      text PRIMARY KEY,
  software      text NOT NULL,
  roles         text[] NOT NULL,
  catalog       text NOT NULL REFERENCES access.version,
  configuration text NOT NULL REFERENCES access.version,
  started_at    timestamptz NOT NULL,
  started_by    text NOT NULL,
  seen_at       timestamptz NOT NULL
);
COMMENT ON TABLE access.run IS 'Hubs, and what each runs with.';
COMMENT ON COLUMN access.run.instance IS 'name of the hub''s process';
COMMENT ON COLUMN access.run.software IS 'version of Millrace';
COMMENT ON COLUMN access.run.roles IS 'what it does';
COMMENT ON COLUMN access.run.catalog IS 'version of its catalog';
COMMENT ON COLUMN access.run.configuration IS 'version of its configuration';
COMMENT ON COLUMN access.run.started_at IS 'when it was started';
COMMENT ON COLUMN access.run.started_by IS 'the system''s user who started it';
COMMENT ON COLUMN access.run.seen_at IS 'when it said last that it runs, to about half a minute';

CREATE TABLE access.flag (
  name       text PRIMARY KEY,
  value      boolean NOT NULL,
  owner      text NOT NULL,
  reason     text NOT NULL,
  expires_at timestamptz,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_by text NOT NULL
);
COMMENT ON TABLE access.flag IS 'Flags that somebody set: they take effect without a restart.';
COMMENT ON COLUMN access.flag.name IS 'its name';
COMMENT ON COLUMN access.flag.value IS 'what it is set to';
COMMENT ON COLUMN access.flag.owner IS 'who answers for it';
COMMENT ON COLUMN access.flag.reason IS 'why it is set';
COMMENT ON COLUMN access.flag.expires_at IS 'it is as if it were not set from then on; null: never';
COMMENT ON COLUMN access.flag.changed_at IS 'when it was set';
COMMENT ON COLUMN access.flag.changed_by IS 'who set it';
