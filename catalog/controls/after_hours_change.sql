-- Users, roles, accounts or periods were changed while the company was closed (hours in UTC).
-- title: {actor} changed {table_name} at {committed_at}, outside {opens_hour} to {closes_hour} o'clock
-- severity: medium
-- owner: it
-- remedy: Ask the user whether it was them, and who knew of it.
-- key: tenant_id, xid, table_name
SELECT s.tenant_id, s.xid, s.table_name, s.commit_lsn, s.committed_at, s.actor, s.inserts, s.updates, s.deletes, t.opens_hour, t.closes_hour
FROM source_transaction s
JOIN tenant t ON t.tenant_id = s.tenant_id
WHERE s.table_name IN ('public.user_account', 'public.role_assignment', 'public.account', 'public.fiscal_period')
  AND (extract(hour FROM timezone('UTC', s.committed_at)) < t.opens_hour OR extract(hour FROM timezone('UTC', s.committed_at)) >= t.closes_hour)
