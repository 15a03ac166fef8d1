-- An entry carries a date more than five days before it was posted.
-- title: {posted_by} posted entry {entry_number} on {posted_on}, dated {entry_date}
-- severity: medium
-- owner: accounting
-- remedy: Ask for the document that shows the date; otherwise reverse the entry and post it with today's.
-- key: tenant_id, entry_id
SELECT tenant_id, id AS entry_id, number AS entry_number, entry_date, CAST(timezone('UTC', posted_at) AS date) AS posted_on, posted_by, source_type
FROM journal_entry
WHERE entry_date < CAST(timezone('UTC', posted_at) AS date) - 5
