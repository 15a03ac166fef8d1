-- Debits and credits of a journal entry differ.
-- title: Journal entry {entry_number} does not balance: debit {debit}, credit {credit}
-- severity: critical
-- owner: accounting
-- remedy: Reverse the entry and post it again; find out how it passed the ERP's own check.
-- key: tenant_id, entry_id
SELECT e.tenant_id, e.id AS entry_id, e.number AS entry_number, e.entry_date, e.posted_by, sum(l.debit) AS debit, sum(l.credit) AS credit
FROM journal_entry e
JOIN journal_entry_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
GROUP BY e.tenant_id, e.id, e.number, e.entry_date, e.posted_by
HAVING sum(l.debit) <> sum(l.credit)
