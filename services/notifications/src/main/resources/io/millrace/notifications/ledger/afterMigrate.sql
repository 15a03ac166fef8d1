-- At each start: the role may have been made since the last one.
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'analyst') THEN
    GRANT USAGE ON SCHEMA analytics TO analyst;
    GRANT SELECT ON analytics.delivery TO analyst;
  END IF;
END $$;
