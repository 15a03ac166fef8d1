-- For people and tools that show them.
COMMENT ON COLUMN analytics.enrichment.recipe IS 'of the catalog';
COMMENT ON COLUMN analytics.enrichment.subject IS 'the alert''s id, or the row''s key';
COMMENT ON COLUMN analytics.enrichment.state IS 'pending, asking, done, refused, rejected, deferred, over_budget, failed or withdrawn';
COMMENT ON COLUMN analytics.enrichment.fields IS 'of the recipe''s output; empty unless done';
COMMENT ON COLUMN analytics.enrichment.model IS 'that answered';
COMMENT ON COLUMN analytics.enrichment.cost IS 'of all tries, in the currency of the recipe''s budget';
COMMENT ON COLUMN analytics.enrichment.cached IS 'whether the answer was there already, so that it cost nothing';
COMMENT ON COLUMN analytics.enrichment.detail IS 'why there is no answer';
COMMENT ON COLUMN analytics.enrichment.attempts IS 'how often it was asked';
COMMENT ON COLUMN analytics.enrichment.created_at IS 'when the hub wrote the question down';
COMMENT ON COLUMN analytics.enrichment.changed_at IS 'when its state changed last';
COMMENT ON COLUMN analytics.enrichment.tenant IS 'whose budget pays';
