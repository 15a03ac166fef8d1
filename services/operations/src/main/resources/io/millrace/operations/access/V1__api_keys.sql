-- Who reaches the gateway.
CREATE TABLE access.api_key (
  id             text PRIMARY KEY,
  name           text NOT NULL,
  secret_hash    bytea NOT NULL,
  permissions    text[] NOT NULL,
  created_at     timestamptz NOT NULL,
  created_by     text NOT NULL,
  expires_at     timestamptz,
  revoked_at     timestamptz,
  revoked_by     text,
  last_used_at   timestamptz,
  last_used_from text
);
COMMENT ON TABLE access.api_key IS 'Keys of programs for the gateway. A key is shown once, when it is created; here is the SHA-256 of its secret.';
COMMENT ON COLUMN access.api_key.id IS 'second part of the key, by which people recognise it';
COMMENT ON COLUMN access.api_key.name IS 'what it is for';
COMMENT ON COLUMN access.api_key.secret_hash IS 'SHA-256 of the third part of the key';
COMMENT ON COLUMN access.api_key.permissions IS 'what it may do';
COMMENT ON COLUMN access.api_key.created_at IS 'when it was created';
COMMENT ON COLUMN access.api_key.created_by IS 'who created it';
COMMENT ON COLUMN access.api_key.expires_at IS 'it is refused from then on; null: never';
COMMENT ON COLUMN access.api_key.revoked_at IS 'it is refused since; null if it is in force';
COMMENT ON COLUMN access.api_key.revoked_by IS 'who revoked it';
COMMENT ON COLUMN access.api_key.last_used_at IS 'when it was used last, to about half a minute; null: never';
COMMENT ON COLUMN access.api_key.last_used_from IS 'address from which it was used last';
