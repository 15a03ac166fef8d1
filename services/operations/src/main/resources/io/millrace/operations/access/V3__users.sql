-- People, their roles and sessions, and what happens at the gateway's door.
CREATE TABLE access.role (
  name        text PRIMARY KEY,
  description text NOT NULL,
  permissions text[] NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_by  text NOT NULL
);
COMMENT ON TABLE access.role IS 'Roles beside the built-in ones.';
COMMENT ON COLUMN access.role.name IS 'how it is called';
COMMENT ON COLUMN access.role.description IS 'what it is for';
COMMENT ON COLUMN access.role.permissions IS 'what it may do';
COMMENT ON COLUMN access.role.changed_at IS 'when it was changed last';
COMMENT ON COLUMN access.role.changed_by IS 'who changed it last';

CREATE TABLE access.person (
  name            text PRIMARY KEY,
  email           text,
  roles           text[] NOT NULL,
  tenants         text[] NOT NULL DEFAULT '{}',
  password_hash   text,
  totp_secret     bytea,
  totp_pending    bytea,
  totp_step       bigint NOT NULL DEFAULT 0,
  failures        integer NOT NULL DEFAULT 0,
  blocked_until   timestamptz,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by      text NOT NULL,
  disabled_at     timestamptz,
  disabled_by     text,
  last_sign_in_at timestamptz
);
COMMENT ON TABLE access.person IS 'People who sign in at the gateway.';
COMMENT ON COLUMN access.person.name IS 'with which the person signs in';
COMMENT ON COLUMN access.person.email IS 'address of the person; null if it is not known';
COMMENT ON COLUMN access.person.roles IS 'roles that the person has';
COMMENT ON COLUMN access.person.tenants IS 'whose rows the person may see; empty: all';
COMMENT ON COLUMN access.person.password_hash IS 'Argon2id; null until the first link is used';
COMMENT ON COLUMN access.person.totp_secret IS 'of the second factor; null if there is none';
COMMENT ON COLUMN access.person.totp_pending IS 'of a second factor that is not confirmed yet';
COMMENT ON COLUMN access.person.totp_step IS 'of the code that was used last, which is not taken again';
COMMENT ON COLUMN access.person.failures IS 'attempts to sign in since the last one that succeeded';
COMMENT ON COLUMN access.person.blocked_until IS 'no attempt is taken before';
COMMENT ON COLUMN access.person.created_at IS 'when the person was added';
COMMENT ON COLUMN access.person.created_by IS 'who added the person';
COMMENT ON COLUMN access.person.disabled_at IS 'nobody signs in with the name since; null if it is in force';
COMMENT ON COLUMN access.person.disabled_by IS 'who disabled it';
COMMENT ON COLUMN access.person.last_sign_in_at IS 'when the person signed in last; null: never';

CREATE TABLE access.link (
  id          text PRIMARY KEY,
  secret_hash bytea NOT NULL,
  person      text NOT NULL REFERENCES access.person ON DELETE CASCADE,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by  text NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz
);
COMMENT ON TABLE access.link IS 'Links with which people set a password, once each.';
COMMENT ON COLUMN access.link.id IS 'second part of the link''s token';
COMMENT ON COLUMN access.link.secret_hash IS 'SHA-256 of the third part';
COMMENT ON COLUMN access.link.person IS 'whose password it sets';
COMMENT ON COLUMN access.link.created_at IS 'when it was made';
COMMENT ON COLUMN access.link.created_by IS 'who made it';
COMMENT ON COLUMN access.link.expires_at IS 'it is refused from then on';
COMMENT ON COLUMN access.link.used_at IS 'it was used then; null: not yet';

CREATE TABLE access.session (
  id            text PRIMARY KEY,
  secret_hash   bytea NOT NULL,
  person        text NOT NULL REFERENCES access.person ON DELETE CASCADE,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at    timestamptz NOT NULL,
  address       text NOT NULL,
  agent         text NOT NULL,
  second_factor boolean NOT NULL,
  ended_at      timestamptz,
  ended_by      text
);
CREATE INDEX session_of_person ON access.session (person, created_at);
COMMENT ON TABLE access.session IS 'People who are, or were, signed in on a device.';
COMMENT ON COLUMN access.session.id IS 'second part of the cookie';
COMMENT ON COLUMN access.session.secret_hash IS 'SHA-256 of the third part';
COMMENT ON COLUMN access.session.person IS 'who is signed in';
COMMENT ON COLUMN access.session.created_at IS 'when the person signed in';
COMMENT ON COLUMN access.session.last_seen_at IS 'when it was used last, to about a minute';
COMMENT ON COLUMN access.session.expires_at IS 'it ends then at the latest';
COMMENT ON COLUMN access.session.address IS 'address of the device, when it signed in';
COMMENT ON COLUMN access.session.agent IS 'what the browser said that it is';
COMMENT ON COLUMN access.session.second_factor IS 'whether a code was given';
COMMENT ON COLUMN access.session.ended_at IS 'when it was ended; null if nobody did';
COMMENT ON COLUMN access.session.ended_by IS 'who ended it';

CREATE TABLE access.key_address (
  key        text NOT NULL REFERENCES access.api_key ON DELETE CASCADE,
  address    text NOT NULL,
  first_used timestamptz NOT NULL,
  PRIMARY KEY (key, address)
);
COMMENT ON TABLE access.key_address IS 'Addresses from which keys were used.';
COMMENT ON COLUMN access.key_address.key IS 'the key''s id';
COMMENT ON COLUMN access.key_address.address IS 'where it was used';
COMMENT ON COLUMN access.key_address.first_used IS 'when it was used from there first';

CREATE TABLE access.event (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id       uuid NOT NULL DEFAULT gen_random_uuid(),
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind     text NOT NULL,
  actor    text NOT NULL,
  subject  text NOT NULL,
  address  text NOT NULL,
  detail   text NOT NULL,
  times    integer NOT NULL DEFAULT 1,
  told_at  timestamptz
);
CREATE INDEX event_untold ON access.event (sequence) WHERE told_at IS NULL;
CREATE INDEX event_at ON access.event (at);
COMMENT ON TABLE access.event IS 'What happened at the gateway''s door: written with what it tells of, in one transaction, and sent to the audit trail from here.';
COMMENT ON COLUMN access.event.sequence IS 'the order in which they are sent';
COMMENT ON COLUMN access.event.id IS 'by which the audit trail knows one that is sent twice';
COMMENT ON COLUMN access.event.at IS 'when it happened';
COMMENT ON COLUMN access.event.kind IS 'what happened';
COMMENT ON COLUMN access.event.actor IS 'who did it; who tried to, where nobody was known';
COMMENT ON COLUMN access.event.subject IS 'whom or what it is about';
COMMENT ON COLUMN access.event.address IS 'where it came from; empty: the command line';
COMMENT ON COLUMN access.event.detail IS 'in words';
COMMENT ON COLUMN access.event.times IS 'how often it happened, where equal ones are counted together';
COMMENT ON COLUMN access.event.told_at IS 'the audit trail has it since; null: not yet';

CREATE TABLE access.told_alert (
  id       uuid PRIMARY KEY,
  control  text NOT NULL,
  evidence text NOT NULL
);
COMMENT ON TABLE access.told_alert IS 'Security alerts that governance was told of, and that are not over.';
COMMENT ON COLUMN access.told_alert.id IS 'the violation''s id';
COMMENT ON COLUMN access.told_alert.control IS 'whose row it is';
COMMENT ON COLUMN access.told_alert.evidence IS 'what was told';
