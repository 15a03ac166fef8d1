-- The processes that work on the ledger's rows, each until when it is taken to be alive.
CREATE TABLE notifications.worker (
  name        text PRIMARY KEY,
  alive_until timestamptz NOT NULL
);

-- Since when mail is sent from here: alerts of before are no news.
CREATE TABLE notifications.ledger (since timestamptz NOT NULL);
INSERT INTO notifications.ledger SELECT coalesce(min(created_at), clock_timestamp()) FROM notifications.delivery;
