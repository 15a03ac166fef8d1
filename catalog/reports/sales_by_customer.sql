-- What was invoiced to each customer, and its share of the company's revenue.
SELECT
  tenant_id,
  customer_id,
  customer_name,
  sum(revenue) AS revenue,
  round(100 * sum(revenue) / nullif(sum(sum(revenue)) OVER (PARTITION BY tenant_id), 0), 1) AS percent
FROM sales_by_customer_product_month
GROUP BY tenant_id, customer_id, customer_name
