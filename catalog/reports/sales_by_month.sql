-- What was invoiced in each month.
SELECT tenant_id, month, sum(revenue) AS revenue, count(DISTINCT customer_id) AS customers, count(DISTINCT product_id) AS products
FROM sales_by_customer_product_month
GROUP BY tenant_id, month
