-- An entry was posted to a period after it was closed.
-- title: {posted_by} posted entry {entry_number} to {period}, closed by {closed_by}
-- severity: high
-- owner: accounting
-- remedy: Reverse the entry and post it to an open period, or have the period opened again by the one who closed it.
-- key: tenant_id, entry_id
SELECT e.tenant_id, e.id AS entry_id, e.number AS entry_number, e.period, e.posted_by, e.posted_at, p.closed_by, p.closed_at
FROM journal_entry e
JOIN fiscal_period p ON p.tenant_id = e.tenant_id AND p.period = e.period
WHERE p.status = 'closed' AND e.posted_at > p.closed_at
