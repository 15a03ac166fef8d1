-- Debits and credits of each account by month. Over all accounts of a tenant, the balances add up to nothing.
-- key: tenant_id, period, account_code
-- column balance: debit minus credit
SELECT
  l.tenant_id,
  e.period,
  l.account_code,
  a.name AS account_name,
  a.type AS account_type,
  sum(l.debit) AS debit,
  sum(l.credit) AS credit,
  sum(l.debit - l.credit) AS balance
FROM journal_entry_line l
JOIN journal_entry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
JOIN account a ON a.tenant_id = l.tenant_id AND a.code = l.account_code
GROUP BY l.tenant_id, e.period, l.account_code, a.name, a.type
