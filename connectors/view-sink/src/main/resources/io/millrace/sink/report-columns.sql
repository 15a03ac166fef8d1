-- Columns of reports that nobody described: as the column of that name which they read is, or else told to be computed.
DO $$
DECLARE
  column_of record;
BEGIN
  FOR column_of IN
    SELECT a.attrelid::regclass AS relation, a.attname, coalesce((
        SELECT min(col_description(read.attrelid, read.attnum))
        FROM pg_rewrite rule
        JOIN pg_depend on_it ON on_it.classid = 'pg_rewrite'::regclass AND on_it.objid = rule.oid AND on_it.refobjsubid > 0
        JOIN pg_attribute read ON read.attrelid = on_it.refobjid AND read.attnum = on_it.refobjsubid
        WHERE rule.ev_class = a.attrelid AND read.attrelid <> a.attrelid AND read.attname = a.attname
        HAVING count(DISTINCT col_description(read.attrelid, read.attnum)) = 1), 'computed by the report') AS text
    FROM analytics.report r
    JOIN pg_attribute a ON a.attrelid = to_regclass('analytics.' || quote_ident(r.report))
    WHERE a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL
  LOOP
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', column_of.relation, column_of.attname, column_of.text);
  END LOOP;
END $$;
