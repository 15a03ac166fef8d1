-- The ledger of questions to an LLM.
-- Others make the schema analytics too, perhaps now.
SELECT pg_advisory_xact_lock(hashtext('millrace.analytics'));
CREATE SCHEMA IF NOT EXISTS analytics;

CREATE TABLE enrichment.question (
  recipe     text NOT NULL,
  subject    text NOT NULL,
  tenant     text NOT NULL DEFAULT '',
  key        text NOT NULL,
  input      json NOT NULL,
  state      text NOT NULL DEFAULT 'pending' CHECK (state IN
    ('pending', 'asking', 'done', 'refused', 'rejected', 'deferred', 'over_budget', 'failed', 'withdrawn')),
  fields     json NOT NULL DEFAULT '{}',
  model      text,
  cost       numeric NOT NULL DEFAULT 0,
  reserved   numeric NOT NULL DEFAULT 0,
  cached     boolean NOT NULL DEFAULT false,
  detail     text,
  attempts   integer NOT NULL DEFAULT 0,
  owner      text,
  not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
  due_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  version    bigint NOT NULL DEFAULT 1,
  published  bigint NOT NULL DEFAULT 0,
  trace      text NOT NULL DEFAULT '',
  PRIMARY KEY (recipe, subject)
);
CREATE INDEX question_due ON enrichment.question (not_before) WHERE state IN ('pending', 'asking', 'deferred');
CREATE INDEX question_asking ON enrichment.question (key) WHERE state = 'asking';
CREATE INDEX question_unpublished ON enrichment.question (recipe, subject) WHERE published < version;
CREATE INDEX question_settled ON enrichment.question (changed_at) WHERE state NOT IN ('pending', 'asking', 'deferred');

-- What was answered to which question: it is not paid for again. Tokens stand for names here too.
CREATE TABLE enrichment.answer (
  key        text PRIMARY KEY,
  json       text NOT NULL,
  model      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- By month; tenant '' is the recipe in all.
CREATE TABLE enrichment.spend (
  recipe   text NOT NULL,
  month    date NOT NULL,
  tenant   text NOT NULL DEFAULT '',
  spent    numeric NOT NULL DEFAULT 0,
  reserved numeric NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX spend_of ON enrichment.spend (recipe, month, tenant);

-- Topics that were read from their beginning for a recipe about their view.
CREATE TABLE enrichment.begun (
  recipe    text NOT NULL,
  topic     text NOT NULL,
  partition integer NOT NULL,
  PRIMARY KEY (recipe, topic, partition)
);

CREATE VIEW analytics.enrichment AS
  SELECT recipe, subject, state, fields, model, cost, cached, detail, attempts, created_at, changed_at, tenant FROM enrichment.question;
COMMENT ON VIEW analytics.enrichment IS 'What an LLM said about alerts and rows of views, one row a recipe and subject (an alert''s id, or the row''s key). State: pending, asking, done, refused (the model does not answer), rejected (the answer was not what was asked for), deferred (no answer now, it is asked again), over_budget, failed, withdrawn (what it was about is gone).';
