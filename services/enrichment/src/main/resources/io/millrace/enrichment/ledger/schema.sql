-- The ledger of questions to an LLM. Run at each start: every statement may find its work done.
CREATE SCHEMA IF NOT EXISTS enrichment;
CREATE SCHEMA IF NOT EXISTS analytics;

CREATE TABLE IF NOT EXISTS enrichment.question (
  recipe     text NOT NULL,
  subject    text NOT NULL,
  key        text NOT NULL,
  input      json NOT NULL,
  state      text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'asking', 'done', 'refused', 'rejected', 'deferred', 'over_budget', 'failed')),
  fields     json NOT NULL DEFAULT '{}',
  model      text,
  cost       numeric NOT NULL DEFAULT 0,
  cached     boolean NOT NULL DEFAULT false,
  detail     text,
  attempts   integer NOT NULL DEFAULT 0,
  owner      text,
  not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  version    bigint NOT NULL DEFAULT 1,
  published  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (recipe, subject)
);
ALTER TABLE enrichment.question ADD COLUMN IF NOT EXISTS trace text NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS question_due ON enrichment.question (not_before) WHERE state IN ('pending', 'asking', 'deferred');
CREATE INDEX IF NOT EXISTS question_unpublished ON enrichment.question (recipe, subject) WHERE published < version;

-- What was answered to which question: it is not paid for again. Tokens stand for names here too.
CREATE TABLE IF NOT EXISTS enrichment.answer (
  key        text PRIMARY KEY,
  json       text NOT NULL,
  model      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS enrichment.spend (
  recipe   text NOT NULL,
  month    date NOT NULL,
  spent    numeric NOT NULL DEFAULT 0,
  reserved numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (recipe, month)
);

ALTER TABLE enrichment.spend ADD COLUMN IF NOT EXISTS tenant text NOT NULL DEFAULT '';
ALTER TABLE enrichment.spend DROP CONSTRAINT IF EXISTS spend_pkey;
CREATE UNIQUE INDEX IF NOT EXISTS spend_of ON enrichment.spend (recipe, month, tenant);
ALTER TABLE enrichment.question ADD COLUMN IF NOT EXISTS tenant text NOT NULL DEFAULT '';
ALTER TABLE enrichment.question ADD COLUMN IF NOT EXISTS due_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX IF NOT EXISTS question_settled ON enrichment.question (changed_at)
  WHERE state NOT IN ('pending', 'asking', 'deferred');
ALTER TABLE enrichment.question ADD COLUMN IF NOT EXISTS reserved numeric NOT NULL DEFAULT 0;

ALTER TABLE enrichment.question DROP CONSTRAINT IF EXISTS question_state_check;
DO $$ BEGIN
  ALTER TABLE enrichment.question ADD CONSTRAINT question_states CHECK (state IN
    ('pending', 'asking', 'done', 'refused', 'rejected', 'deferred', 'over_budget', 'failed', 'withdrawn')) NOT VALID;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;

-- Topics that were read from their beginning for a recipe about their view.
CREATE TABLE IF NOT EXISTS enrichment.begun (
  recipe    text NOT NULL,
  topic     text NOT NULL,
  partition integer NOT NULL,
  PRIMARY KEY (recipe, topic, partition)
);

DO $$ BEGIN
  ALTER VIEW analytics.enrichment RENAME COLUMN alert TO subject;
EXCEPTION WHEN undefined_table OR undefined_column THEN NULL;
END $$;
CREATE OR REPLACE VIEW analytics.enrichment AS
  SELECT recipe, subject, state, fields, model, cost, cached, detail, attempts, created_at, changed_at, tenant FROM enrichment.question;
COMMENT ON VIEW analytics.enrichment IS 'What an LLM said about alerts and rows of views, one row a recipe and subject (an alert''s id, or the row''s key). State: pending, asking, done, refused (the model does not answer), rejected (the answer was not what was asked for), deferred (no answer now, it is asked again), over_budget, failed, withdrawn (what it was about is gone).';
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'analyst') THEN
    GRANT USAGE ON SCHEMA analytics TO analyst;
    GRANT SELECT ON analytics.enrichment TO analyst;
  END IF;
END $$;
