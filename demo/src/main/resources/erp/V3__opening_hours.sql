-- When a company works, in hours of the day (UTC): from opens_hour to before closes_hour.
ALTER TABLE tenant
  ADD COLUMN opens_hour  integer NOT NULL DEFAULT 0 CHECK (opens_hour BETWEEN 0 AND 24),
  ADD COLUMN closes_hour integer NOT NULL DEFAULT 24 CHECK (closes_hour BETWEEN 0 AND 24);
