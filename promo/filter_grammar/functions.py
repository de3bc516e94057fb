"""What PostgreSQL needs to answer filters as ``promo.filter_grammar.matching`` does.

A fact is the JSON at a path, an element one value of it. Each function reads an
element as ``promo.comparison`` reads a value and answers NULL where that answers None.
None of them fails, whatever the JSON holds. Installed by a migration; a change takes
a new one.
"""

_ELEMENTS = r"""
CREATE OR REPLACE FUNCTION promo_filter_elements(fact jsonb) RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT e FROM jsonb_array_elements(
    CASE jsonb_typeof(fact) WHEN 'array' THEN fact ELSE jsonb_build_array(fact) END) e
  WHERE fact IS NOT NULL AND jsonb_typeof(e) <> 'null'
$$
"""
_NUMBER = r"""
CREATE OR REPLACE FUNCTION promo_filter_number(element jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE jsonb_typeof(element)
    WHEN 'number' THEN (element #>> '{}')::numeric
    WHEN 'string' THEN CASE
      WHEN element #>> '{}' ~ '^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?$'
      THEN (element #>> '{}')::numeric END
  END
$$
"""
_BOOLEAN = r"""
CREATE OR REPLACE FUNCTION promo_filter_boolean(element jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE element
    WHEN 'true'::jsonb THEN true WHEN '"true"'::jsonb THEN true
    WHEN 'false'::jsonb THEN false WHEN '"false"'::jsonb THEN false END
$$
"""
_STRING = r"""
CREATE OR REPLACE FUNCTION promo_filter_string(element jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(element) = 'string' THEN element #>> '{}' END
$$
"""
_TEXT = r"""
CREATE OR REPLACE FUNCTION promo_filter_text(element jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(element) IN ('string', 'number', 'boolean')
    THEN element #>> '{}' END
$$
"""
# A time that the clock shows twice is the first of both, as in Python.
_MOMENT = r"""
CREATE OR REPLACE FUNCTION promo_filter_moment(element jsonb, zone text)
RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  p text[]; shift interval; wall timestamp; found timestamptz; last_day int;
BEGIN
  IF element IS NULL OR jsonb_typeof(element) <> 'string' THEN RETURN NULL; END IF;
  p := regexp_match(element #>> '{}',
    '^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2})'
    '(?:[.,](\d{1,9}))?)?)?(Z|([+-])(\d{2})(?::?(\d{2}))?)?)?$');
  IF p IS NULL OR p[1] = '0000' OR p[2]::int NOT BETWEEN 1 AND 12
    OR p[3]::int = 0 OR coalesce(p[4], '0')::int > 23
    OR coalesce(p[5], '0')::int > 59 OR coalesce(p[6], '0')::int > 59
    OR coalesce(p[10], '0')::int > 23 OR coalesce(p[11], '0')::int > 59
  THEN RETURN NULL; END IF;
  last_day := CASE p[2] WHEN '02' THEN
      28 + (p[1]::int % 4 = 0 AND (p[1]::int % 100 <> 0 OR p[1]::int % 400 = 0))::int
    WHEN '04' THEN 30 WHEN '06' THEN 30 WHEN '09' THEN 30 WHEN '11' THEN 30 ELSE 31 END;
  IF p[3]::int > last_day THEN RETURN NULL; END IF;
  wall := make_timestamp(p[1]::int, p[2]::int, p[3]::int, coalesce(p[4], '0')::int,
      coalesce(p[5], '0')::int, coalesce(p[6], '0')::int)
    + make_interval(secs =>
      rpad(left(coalesce(p[7], '0'), 6), 6, '0')::double precision / 1000000);
  IF p[8] = 'Z' THEN RETURN wall AT TIME ZONE 'UTC'; END IF;
  IF p[9] IS NOT NULL THEN
    shift := make_interval(hours => p[10]::int, mins => coalesce(p[11], '0')::int);
    IF p[9] = '-' THEN shift := -shift; END IF;
    RETURN (wall - shift) AT TIME ZONE 'UTC';
  END IF;
  found := wall AT TIME ZONE zone;
  IF (found - interval '1 hour') AT TIME ZONE zone = wall THEN
    RETURN found - interval '1 hour';
  END IF;
  RETURN found;
END $$
"""
_DAY = r"""
CREATE OR REPLACE FUNCTION promo_filter_day(element jsonb, zone text) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE seen date := (promo_filter_moment(element, zone) AT TIME ZONE zone)::date;
BEGIN
  RETURN CASE WHEN seen BETWEEN date '0001-01-01' AND date '9999-12-31' THEN seen END;
END $$
"""
# The 29th of February falls on the 28th in other years.
_ANNIVERSARY = r"""
CREATE OR REPLACE FUNCTION promo_filter_anniversary(day date, in_year int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN extract(month FROM day) = 2 AND extract(day FROM day) = 29
      AND NOT (in_year % 4 = 0 AND (in_year % 100 <> 0 OR in_year % 400 = 0))
    THEN make_date(in_year, 2, 28)
    ELSE make_date(in_year, extract(month FROM day)::int, extract(day FROM day)::int)
  END
$$
"""
_SINCE = r"""
CREATE OR REPLACE FUNCTION promo_filter_since_anniversary(day date, today date)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT today - CASE WHEN this_year <= today THEN this_year
    ELSE promo_filter_anniversary(day, extract(year FROM today)::int - 1) END
  FROM (SELECT promo_filter_anniversary(day, extract(year FROM today)::int)
    AS this_year) a
$$
"""
_UNTIL = r"""
CREATE OR REPLACE FUNCTION promo_filter_until_anniversary(day date, today date)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN this_year >= today THEN this_year
    ELSE promo_filter_anniversary(day, extract(year FROM today)::int + 1) END - today
  FROM (SELECT promo_filter_anniversary(day, extract(year FROM today)::int)
    AS this_year) a
$$
"""
# ``promo.metadata.metadata_value``: a literal key with dots goes first, arrays of
# objects yield the array of their members' values.
_METADATA = r"""
CREATE OR REPLACE FUNCTION promo_filter_metadata(held jsonb, path text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  parts text[] := string_to_array(path, '.'); head text; rest text; found jsonb;
BEGIN
  IF jsonb_typeof(held) <> 'object' THEN RETURN NULL; END IF;
  IF held ? path THEN RETURN nullif(held -> path, 'null'); END IF;
  FOR n IN 1 .. cardinality(parts) - 1 LOOP
    head := array_to_string(parts[:n], '.');
    IF NOT held ? head THEN CONTINUE; END IF;
    rest := array_to_string(parts[n + 1:], '.');
    IF jsonb_typeof(held -> head) = 'object' THEN
      RETURN promo_filter_metadata(held -> head, rest);
    ELSIF jsonb_typeof(held -> head) = 'array' THEN
      SELECT jsonb_agg(v) INTO found FROM jsonb_array_elements(held -> head) e,
        LATERAL promo_filter_metadata(e, rest) v
      WHERE jsonb_typeof(e) = 'object' AND v IS NOT NULL;
      RETURN found;
    END IF;
    RETURN NULL;
  END LOOP;
  RETURN NULL;
END $$
"""
_INSIDE = r"""
CREATE OR REPLACE FUNCTION promo_filter_on_edge(ring jsonb, x float8, y float8)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(bool_or(
    (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) = 0
    AND x BETWEEN least(x1, x2) AND greatest(x1, x2)
    AND y BETWEEN least(y1, y2) AND greatest(y1, y2)), false)
  FROM promo_filter_edges(ring)
$$;
CREATE OR REPLACE FUNCTION promo_filter_in_ring(ring jsonb, x float8, y float8)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT promo_filter_on_edge(ring, x, y) OR (
    SELECT count(*) % 2 = 1 FROM promo_filter_edges(ring)
    WHERE (y1 > y) <> (y2 > y)
      AND x < x1 + (y - y1) / nullif(y2 - y1, 0) * (x2 - x1))
$$;
CREATE OR REPLACE FUNCTION promo_filter_inside(element jsonb, shapes jsonb)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  p text[]; x float8; y float8; shape jsonb; area jsonb; hole jsonb; outside boolean;
  chord float8;
BEGIN
  IF element IS NULL OR jsonb_typeof(element) <> 'string' THEN RETURN NULL; END IF;
  p := regexp_match(regexp_replace(element #>> '{}', '^\s+|\s+$', '', 'g'),
    '^(?:geo:)?\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,20})?)$');
  IF p IS NULL THEN RETURN NULL; END IF;
  y := p[1]::float8; x := p[2]::float8;
  IF abs(y) > 90 OR abs(x) > 180 THEN RETURN NULL; END IF;
  FOR shape IN SELECT jsonb_array_elements(shapes) LOOP
    IF shape ? 'radius' THEN
      chord := sin((radians(y) - radians((shape ->> 'latitude')::float8)) / 2) ^ 2
        + cos(radians((shape ->> 'latitude')::float8)) * cos(radians(y))
        * sin(radians(x - (shape ->> 'longitude')::float8) / 2) ^ 2;
      IF 2 * 6371008.8 * asin(sqrt(least(1.0, chord))) <= (shape ->> 'radius')::float8
      THEN RETURN true; END IF;
      CONTINUE;
    END IF;
    FOR area IN SELECT jsonb_array_elements(shape -> 'areas') LOOP
      IF NOT promo_filter_in_ring(area -> 0, x, y) THEN CONTINUE; END IF;
      outside := false;
      FOR hole IN SELECT e FROM jsonb_array_elements(area) WITH ORDINALITY r (e, n)
        WHERE n > 1 LOOP
        outside := outside OR (promo_filter_in_ring(hole, x, y)
          AND NOT promo_filter_on_edge(hole, x, y));
      END LOOP;
      IF NOT outside THEN RETURN true; END IF;
    END LOOP;
  END LOOP;
  RETURN false;
END $$
"""
_EDGES = r"""
CREATE OR REPLACE FUNCTION promo_filter_edges(ring jsonb)
RETURNS TABLE (x1 float8, y1 float8, x2 float8, y2 float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (e ->> 0)::float8, (e ->> 1)::float8, (o ->> 0)::float8, (o ->> 1)::float8
  FROM jsonb_array_elements(ring) WITH ORDINALITY r (e, n),
    LATERAL (SELECT ring -> (n % jsonb_array_length(ring))::int) t (o)
$$
"""


def _same(name: str, of: str, gives: str, body: str, more: str = "") -> str:
    """Return the function ``name`` for elements that are a column of type ``of``."""
    return f"""
CREATE OR REPLACE FUNCTION promo_filter_{name}(element {of}{more}) RETURNS {gives}
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {body} $$
"""


_ISO = "to_char(element AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
_ZONE, _SHAPES = ", zone text", ", shapes jsonb"
# Columns are asked as they are: their JSON would be read again for every row.
_OF_COLUMNS = (
    _same("string", "text", "text", "element"),
    _same("text", "text", "text", "element"),
    _same("number", "text", "numeric", "promo_filter_number(to_jsonb(element))"),
    _same("boolean", "text", "boolean", "promo_filter_boolean(to_jsonb(element))"),
    _same(
        "moment",
        "text",
        "timestamptz",
        "promo_filter_moment(to_jsonb(element), zone)",
        _ZONE,
    ),
    _same("day", "text", "date", "promo_filter_day(to_jsonb(element), zone)", _ZONE),
    _same(
        "inside",
        "text",
        "boolean",
        "promo_filter_inside(to_jsonb(element), shapes)",
        _SHAPES,
    ),
    _same("string", "date", "text", "to_char(element, 'YYYY-MM-DD')"),
    _same("text", "date", "text", "to_char(element, 'YYYY-MM-DD')"),
    _same("number", "date", "numeric", "NULL::numeric"),
    _same("boolean", "date", "boolean", "NULL::boolean"),
    _same(
        "moment",
        "date",
        "timestamptz",
        "promo_filter_moment(to_jsonb(element), zone)",
        _ZONE,
    ),
    _same("day", "date", "date", "element", _ZONE),
    _same("inside", "date", "boolean", "NULL::boolean", _SHAPES),
    _same("string", "timestamptz", "text", _ISO),
    _same("text", "timestamptz", "text", _ISO),
    _same("number", "timestamptz", "numeric", "NULL::numeric"),
    _same("boolean", "timestamptz", "boolean", "NULL::boolean"),
    _same("moment", "timestamptz", "timestamptz", "element", _ZONE),
    _same("day", "timestamptz", "date", "(element AT TIME ZONE zone)::date", _ZONE),
    _same("inside", "timestamptz", "boolean", "NULL::boolean", _SHAPES),
)
#: In the order in which one needs the other.
CREATE = (
    _ELEMENTS,
    _NUMBER,
    _BOOLEAN,
    _STRING,
    _TEXT,
    _MOMENT,
    _DAY,
    _ANNIVERSARY,
    _SINCE,
    _UNTIL,
    _METADATA,
    _EDGES,
    _INSIDE,
    *_OF_COLUMNS,
)
#: What takes all of them away again.
DROP = r"""
DO $$ DECLARE each regprocedure; BEGIN
  FOR each IN SELECT oid FROM pg_proc WHERE starts_with(proname, 'promo_filter_') LOOP
    EXECUTE 'DROP FUNCTION ' || each || ' CASCADE';
  END LOOP;
END $$
"""
