-- What each company has and owes now. The assets are equal to liabilities and equity at every moment; the result that is not
-- distributed is part of the equity.
-- key: tenant_id, section, account_code
-- column section: asset, liability or equity
-- column amount: of assets debit less credit, of the others credit less debit
SELECT
  l.tenant_id,
  a.type AS section,
  l.account_code,
  a.name AS account_name,
  sum(CASE WHEN a.type = 'asset' THEN l.debit - l.credit ELSE l.credit - l.debit END) AS amount
FROM journal_entry_line l
JOIN account a ON a.tenant_id = l.tenant_id AND a.code = l.account_code
WHERE a.type IN ('asset', 'liability', 'equity')
GROUP BY l.tenant_id, a.type, l.account_code, a.name
UNION ALL
SELECT
  l.tenant_id,
  'equity' AS section,
  'result' AS account_code,
  'Result' AS account_name,
  sum(l.credit - l.debit) AS amount
FROM journal_entry_line l
JOIN account a ON a.tenant_id = l.tenant_id AND a.code = l.account_code
WHERE a.type IN ('income', 'expense')
GROUP BY l.tenant_id
