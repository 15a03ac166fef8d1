-- One user has two roles that nobody may have together.
-- title: {user_name} is {role} and {conflicting_role}
-- severity: medium
-- owner: finance
-- remedy: Take one of the roles away, or document who watches this user's work.
-- key: tenant_id, user_name, role, conflicting_role
SELECT a.tenant_id, a.user_name, a.role, b.role AS conflicting_role, b.granted_by, b.granted_at
FROM role_assignment a
JOIN role_assignment b ON b.tenant_id = a.tenant_id AND b.user_name = a.user_name
JOIN user_account u ON u.tenant_id = a.tenant_id AND u.user_name = a.user_name
WHERE u.active
  AND (a.role = 'buyer' AND b.role IN ('approver', 'treasurer', 'warehouse')
    OR a.role = 'accountant' AND b.role IN ('treasurer', 'approver')
    OR a.role = 'sales' AND b.role = 'accountant')
