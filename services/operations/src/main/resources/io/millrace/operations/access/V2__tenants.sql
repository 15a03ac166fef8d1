-- Whose rows a key may see.
ALTER TABLE access.api_key ADD COLUMN tenants text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN access.api_key.tenants IS 'whose rows it may see; empty: all';
