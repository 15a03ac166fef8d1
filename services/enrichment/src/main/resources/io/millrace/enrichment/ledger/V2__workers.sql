-- The processes that work on the ledger's rows, each until when it is taken to be alive.
CREATE TABLE enrichment.worker (
  name        text PRIMARY KEY,
  alive_until timestamptz NOT NULL
);
