-- Customers by how long they take to pay, over all months.
-- column days_to_pay: from the invoice's date, on average over posted payments
SELECT
  tenant_id,
  customer_id,
  customer_name,
  sum(payments) AS payments,
  sum(collected) AS collected,
  round(sum(days_to_pay * payments) / nullif(sum(payments), 0), 1) AS days_to_pay
FROM payment_collection
GROUP BY tenant_id, customer_id, customer_name
