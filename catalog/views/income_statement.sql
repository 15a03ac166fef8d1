-- Income and expenses of each month. The result of a month is the sum of its amounts.
-- key: tenant_id, period, account_code
-- column amount: income above 0, expense below 0
SELECT
  l.tenant_id,
  e.period,
  l.account_code,
  a.name AS account_name,
  a.type AS account_type,
  sum(l.credit - l.debit) AS amount
FROM journal_entry_line l
JOIN journal_entry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
JOIN account a ON a.tenant_id = l.tenant_id AND a.code = l.account_code
WHERE a.type IN ('income', 'expense')
GROUP BY l.tenant_id, e.period, l.account_code, a.name, a.type
