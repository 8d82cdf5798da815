-- When somebody died: a projection of Patient.deceased[x], its first moment. 0002-01-01 where only that it happened is known.
ALTER TABLE access.person ADD COLUMN died timestamptz;

UPDATE access.person p SET died = CASE
        WHEN told.at IS NULL THEN timestamptz '0002-01-01 00:00+00'
        WHEN length(told.at) > 10 THEN told.at::timestamptz
        ELSE (rpad(told.at, 10, substr('0000-01-01', length(told.at) + 1))::timestamp AT TIME ZONE 'Europe/Oslo')
    END
FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
CROSS JOIN LATERAL (SELECT substring(convert_from(v.body, 'UTF8') from '"deceasedDateTime":"([^"]+)"') AS at) told
WHERE c.id = p.id AND c.patient = p.patient AND NOT c.deleted AND v.body LIKE '%"resourceType":"Patient"%'::bytea
  AND (v.body LIKE '%"deceasedDateTime":"%'::bytea OR v.body LIKE '%"deceasedBoolean":true%'::bytea);

-- The GP's list ends with life.
DELETE FROM access.relation r USING access.person p
WHERE r.kind = 'gp-list' AND r.source = 'Patient/' || p.id AND p.died < timestamptz '0003-01-01 00:00+00';
UPDATE access.relation r SET ends = p.died FROM access.person p
WHERE r.kind = 'gp-list' AND r.source = 'Patient/' || p.id AND p.died IS NOT NULL;

-- When a person died, by any of the ids that he has; NULL while he lives.
CREATE FUNCTION access.died(patient bigint) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT min(same.died) FROM access.person mine JOIN access.person same ON same.person = mine.person
    WHERE mine.patient = died.patient;
END;
