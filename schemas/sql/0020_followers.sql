-- Which tasks set a task off (docs/decisions/0172): the spec of each says what follows it, and here it can be asked the other way round.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE FUNCTION then_of(spec json) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT array_agg((e->>'project') || '~' || (e->>'task')) FROM json_array_elements(spec->'then') e $$;

CREATE INDEX task_followers ON task USING gin (then_of(spec)) WHERE (spec->'then') IS NOT NULL;
