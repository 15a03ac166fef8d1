-- A user who had not logged in for 90 days posts to the ledger.
-- title: {user_name} posted {entries} entries, last login {last_login_at}
-- severity: medium
-- owner: it
-- remedy: Ask the user whether it was them; lock the account otherwise.
-- key: tenant_id, user_name
SELECT u.tenant_id, u.user_name, u.email, u.last_login_at, count(*) AS entries, max(e.posted_at) AS last_posted_at
FROM user_account u
JOIN journal_entry e ON e.tenant_id = u.tenant_id AND e.posted_by = u.user_name
WHERE u.last_login_at < e.posted_at - INTERVAL '90' DAY
GROUP BY u.tenant_id, u.user_name, u.email, u.last_login_at
