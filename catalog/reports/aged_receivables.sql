-- What customers owe by how long it is due, as of today (UTC).
-- column not_due: due today or later
-- column days_1_30: due for 1 to 30 days
SELECT
  tenant_id,
  customer_id,
  customer_name,
  sum(open) AS open,
  coalesce(sum(open) FILTER (WHERE age <= 0), 0) AS not_due,
  coalesce(sum(open) FILTER (WHERE age BETWEEN 1 AND 30), 0) AS days_1_30,
  coalesce(sum(open) FILTER (WHERE age BETWEEN 31 AND 60), 0) AS days_31_60,
  coalesce(sum(open) FILTER (WHERE age BETWEEN 61 AND 90), 0) AS days_61_90,
  coalesce(sum(open) FILTER (WHERE age > 90), 0) AS days_over_90
FROM (SELECT *, (now() AT TIME ZONE 'UTC')::date - due_date AS age FROM open_receivables) r
GROUP BY tenant_id, customer_id, customer_name
