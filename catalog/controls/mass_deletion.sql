-- One transaction deleted many rows of one table.
-- title: {actor} deleted {deletes} rows of {table_name} at once
-- severity: high
-- owner: it
-- remedy: Ask who ordered it; if nobody did, restore the rows from the backup and lock the account.
-- key: tenant_id, xid, table_name
SELECT tenant_id, xid, table_name, commit_lsn, committed_at, actor, deletes
FROM source_transaction
WHERE deletes >= 50
