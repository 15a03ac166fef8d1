-- Income, expenses and the result of each month.
SELECT
  tenant_id,
  period,
  coalesce(sum(amount) FILTER (WHERE account_type = 'income'), 0) AS income,
  coalesce(-sum(amount) FILTER (WHERE account_type = 'expense'), 0) AS expenses,
  sum(amount) AS result
FROM income_statement
GROUP BY tenant_id, period
