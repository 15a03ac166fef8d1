-- The aggregate of views for inventory valuation, as Postgres runs it. Incoming stock (positive quantity) mixes with what is
-- there; outgoing stock leaves the average as it is; stock that starts again from nothing costs what it comes in at.

CREATE TYPE weighted_average_cost_state AS (quantity numeric, average numeric);

CREATE FUNCTION weighted_average_cost_step(state weighted_average_cost_state, quantity numeric, unit_cost numeric)
RETURNS weighted_average_cost_state LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN quantity IS NULL OR unit_cost IS NULL THEN state
    WHEN quantity <= 0 THEN ROW((state).quantity + quantity, (state).average)::weighted_average_cost_state
    WHEN (state).average IS NULL OR (state).quantity <= 0
      THEN ROW((state).quantity + quantity, round(unit_cost, 6))::weighted_average_cost_state
    ELSE ROW((state).quantity + quantity,
             round(((state).quantity * (state).average + quantity * unit_cost) / ((state).quantity + quantity), 6)
         )::weighted_average_cost_state
  END
$$;

CREATE FUNCTION weighted_average_cost_result(state weighted_average_cost_state) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT (state).average $$;

CREATE AGGREGATE weighted_average_cost(numeric, numeric) (
  SFUNC = weighted_average_cost_step,
  STYPE = weighted_average_cost_state,
  FINALFUNC = weighted_average_cost_result,
  INITCOND = '(0,)'
);
