-- The balance sheet at the end of each month. Assets are equal to liabilities and equity; equity has the result so far.
SELECT
  tenant_id,
  period,
  sum(sum(balance) FILTER (WHERE account_type = 'asset')) OVER months AS assets,
  coalesce(sum(-sum(balance) FILTER (WHERE account_type = 'liability')) OVER months, 0) AS liabilities,
  coalesce(sum(-sum(balance) FILTER (WHERE account_type IN ('equity', 'income', 'expense'))) OVER months, 0) AS equity
FROM trial_balance
GROUP BY tenant_id, period
WINDOW months AS (PARTITION BY tenant_id ORDER BY period)
