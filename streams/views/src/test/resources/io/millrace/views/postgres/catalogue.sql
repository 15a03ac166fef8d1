-- What resolution needs of Postgres' own catalogues, a line each: of the operators and functions that views know by name, every
-- overload, also of types that views do not have, since which one Postgres chooses depends on all that there are.
WITH operators AS (
  SELECT oprname, oprleft, oprright, oprresult FROM pg_operator
  WHERE oprnamespace = 'pg_catalog'::regnamespace
    AND (oprkind = 'b' AND oprname IN ('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '||', '~~', '!~~', '~~*', '!~~*',
           '~', '!~', '~*', '!~*', '^', '&', '|', '#', '<<', '>>')
      OR oprkind = 'l' AND oprname IN ('+', '-'))
), functions AS (
  SELECT proname, proargtypes::oid[] AS arguments, prorettype, prokind FROM pg_proc
  WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'a')
    AND proname IN ('abs', 'ceil', 'ceiling', 'floor', 'mod', 'round', 'sign', 'trunc', 'date_trunc', 'extract', 'date_part',
      'make_date', 'timezone', 'to_char', 'char_length', 'character_length', 'length', 'left', 'right', 'lower', 'upper', 'lpad',
      'rpad', 'btrim', 'ltrim', 'rtrim', 'position', 'strpos', 'replace', 'split_part', 'substring', 'substr', 'count', 'sum',
      'avg', 'min', 'max')
), types AS (
  SELECT DISTINCT t.oid, t.typname::text AS name, t.typcategory::text AS category, t.typispreferred AS preferred FROM pg_type t
  WHERE t.oid IN (SELECT oprleft FROM operators UNION SELECT oprright FROM operators UNION SELECT oprresult FROM operators
      UNION SELECT unnest(arguments) FROM functions UNION SELECT prorettype FROM functions)
    OR t.typnamespace = 'pg_catalog'::regnamespace
      AND t.typname IN ('json', 'jsonb', 'time', 'timetz', 'bytea', 'money', 'oid', 'unknown', 'xml', 'inet', 'cidr')
), lines AS (
  SELECT 1 AS part, format('type %s %s %s', name, category, preferred) AS line FROM types
  UNION ALL
  SELECT 2, format('cast %s %s %s', s.name, t.name, c.castcontext)
  FROM pg_cast c JOIN types s ON s.oid = c.castsource JOIN types t ON t.oid = c.casttarget
  UNION ALL
  SELECT 3, format('operator %s %s %s %s', oprname, coalesce(l.name, '.'), r.name, t.name)
  FROM operators o LEFT JOIN types l ON l.oid = o.oprleft JOIN types r ON r.oid = o.oprright JOIN types t ON t.oid = o.oprresult
  UNION ALL
  SELECT 4, format('%s %s %s %s', CASE prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END, proname,
    coalesce((SELECT string_agg(t.name, ',' ORDER BY a.n) FROM unnest(arguments) WITH ORDINALITY a (type, n)
      JOIN types t ON t.oid = a.type), '.'), r.name)
  FROM functions f JOIN types r ON r.oid = f.prorettype
  UNION ALL
  SELECT 5, format('keyword %s %s %s', word, catcode, barelabel) FROM pg_get_keywords()
)
SELECT line FROM lines ORDER BY part, line COLLATE "C"
