-- The ledger of mails.
-- Others make the schema analytics too, perhaps now.
SELECT pg_advisory_xact_lock(hashtext('millrace.analytics'));
CREATE SCHEMA IF NOT EXISTS analytics;

CREATE TABLE notifications.delivery (
  id               text PRIMARY KEY,
  event            text NOT NULL,
  alert            uuid NOT NULL,
  route            text NOT NULL,
  recipient        text NOT NULL,
  template         text NOT NULL,
  importance       text NOT NULL,
  state            text NOT NULL
    CHECK (state IN ('pending', 'attempting', 'accepted', 'failed', 'suppressed', 'unknown', 'gathering', 'digested')),
  not_before       timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,
  subject          text NOT NULL,
  html             text NOT NULL,
  body             text NOT NULL,
  committed_at     timestamptz NOT NULL,
  attempts         integer NOT NULL DEFAULT 0,
  refusals         integer NOT NULL DEFAULT 0,
  provider         text,
  pinned           text,
  tried            text[] NOT NULL DEFAULT '{}',
  maybe_again      boolean NOT NULL DEFAULT false,
  owner            text,
  provider_id      text,
  detail           text,
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  version          bigint NOT NULL DEFAULT 1,
  published        bigint NOT NULL DEFAULT 0,
  digest           text REFERENCES notifications.delivery,
  unsubscribe      text NOT NULL DEFAULT '',
  news             text,
  trace            text NOT NULL DEFAULT ''
);
CREATE INDEX delivery_gathering ON notifications.delivery (not_before) WHERE state = 'gathering';
CREATE INDEX delivery_due ON notifications.delivery (not_before) WHERE state IN ('pending', 'unknown');
CREATE INDEX delivery_attempting ON notifications.delivery (owner) WHERE state = 'attempting';
CREATE INDEX delivery_unpublished ON notifications.delivery (id) WHERE published < version;
CREATE INDEX delivery_accepted ON notifications.delivery (changed_at) WHERE state = 'accepted';
CREATE INDEX delivery_alert ON notifications.delivery (alert);

CREATE TABLE notifications.attempt (
  delivery   text NOT NULL REFERENCES notifications.delivery,
  number     integer NOT NULL,
  provider   text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz,
  outcome    text,
  detail     text,
  PRIMARY KEY (delivery, number)
);

-- Who is not mailed to, by any route ('') or by one. What ended is kept.
CREATE TABLE notifications.suppression (
  recipient      text NOT NULL,
  route          text NOT NULL DEFAULT '',
  reason         text NOT NULL,
  created_by     text NOT NULL DEFAULT 'millrace',
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  until          timestamptz,
  released_at    timestamptz,
  released_by    text,
  release_reason text
);
CREATE UNIQUE INDEX suppression_in_force ON notifications.suppression (recipient, route) WHERE released_at IS NULL;

-- When a recipient wants mail; what is null, the route decides.
CREATE TABLE notifications.preference (
  recipient  text PRIMARY KEY,
  digest     text,
  quiet      text,
  zone       text,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What providers told of mails, each once.
CREATE TABLE notifications.news (
  provider text NOT NULL,
  id       text NOT NULL,
  delivery text NOT NULL REFERENCES notifications.delivery,
  fate     text NOT NULL,
  detail   text NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (provider, id)
);

-- Of this ledger's hubs; no role but theirs may read it.
CREATE TABLE notifications.secret (
  name  text PRIMARY KEY,
  value bytea NOT NULL
);

CREATE TABLE notifications.provider_switch (
  at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  "from" text NOT NULL,
  "to"   text NOT NULL,
  reason text NOT NULL
);

CREATE VIEW analytics.delivery AS
  SELECT id, alert, event, route, recipient, template, importance, state, attempts, provider, provider_id, maybe_again, detail,
    subject, not_before, committed_at, created_at, changed_at, digest, news
  FROM notifications.delivery;
COMMENT ON VIEW analytics.delivery IS 'Mails about alerts, one row a mail. State: pending, attempting, accepted (a provider took it), failed, suppressed, unknown (nobody knows whether it was sent), gathering (waits for its digest), digested (part of the mail in column digest). News: what the provider told of it later.';
