-- What was invoiced of each product.
SELECT tenant_id, product_id, sku, sum(quantity) AS quantity, sum(revenue) AS revenue, count(DISTINCT customer_id) AS customers
FROM sales_by_customer_product_month
GROUP BY tenant_id, product_id, sku
