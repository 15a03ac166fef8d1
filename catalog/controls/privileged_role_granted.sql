-- A role with power over money or users was granted within the last 30 days.
-- title: {granted_by} made {user_name} {role}
-- severity: high
-- owner: it
-- remedy: Check that the request was approved; take the role away if not.
-- key: tenant_id, user_name, role
SELECT r.tenant_id, r.user_name, r.role, r.granted_by, r.granted_at
FROM role_assignment r
JOIN clock c ON CAST(timezone('UTC', r.granted_at) AS date) > c.today - 30
WHERE r.role IN ('admin', 'treasurer')
