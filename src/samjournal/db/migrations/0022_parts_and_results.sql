-- A relation that a service makes which is not health care counts for that service's own part alone, also where a stated
-- reason has opened the rest of the record: only what `kinds` names opens a part of the health service to others, and a
-- part to which nothing is named is that of a separate service (fhir.reserved).
CREATE OR REPLACE FUNCTION access.opens_part(patient bigint, owner bigint, kinds text[], parties bigint[], actor text,
    faces bigint[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT opens_part.patient AS id
            UNION ALL
            SELECT same.patient FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            WHERE mine.patient = opens_part.patient) ids
        JOIN access.relation r ON r.patient = ids.id
        WHERE r.party = ANY(opens_part.parties) AND r.starts <= now() AND r.ends > now()
          AND r.made_by IS DISTINCT FROM opens_part.actor
          AND (r.kind = ANY(opens_part.kinds)
               OR (opens_part.owner = ANY(opens_part.parties) AND r.kind NOT IN ('reason', 'emergency')
                   AND (r.kind <> 'own-part' OR opens_part.kinds = '{}')))
          AND (r.kind = 'emergency' OR NOT access.blocked(opens_part.patient, opens_part.faces)));
END;

-- Where somebody works is asked by person too.
CREATE INDEX post_of ON access.post (practitioner);

-- Which Observations the patient sees with what lists them: a projection of DiagnosticReport.result, where a rule or a
-- decision is about the report, and of Observation.hasMember.
CREATE TABLE access.result (
    patient  bigint NOT NULL,
    id       text COLLATE "C" NOT NULL,     -- of the Observation
    released timestamptz NOT NULL,          -- when the patient sees what lists it, by its own rules; 0002-01-01: at once
    how      text COLLATE "C" NOT NULL,     -- firm, rule or early (access/results.py)
    source   text COLLATE "C" NOT NULL      -- the DiagnosticReport or Observation
);
CREATE INDEX result_of ON access.result (id);
CREATE INDEX result_source ON access.result (source);
CREATE INDEX result_of_patient ON access.result (patient);

-- Whether an Observation that something lists is shown to the patient, who has the ids `own`: `shown` says so by its own
-- rules, `decided` that somebody has held back this one. All that lists it is asked, and what lists that.
CREATE FUNCTION access.shows_result(own bigint[], id text, shown boolean, decided boolean) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE above AS (
        SELECT r.source, r.released, r.how FROM access.result r
        WHERE r.id = shows_result.id COLLATE "C" AND r.patient = ANY(shows_result.own)
        UNION
        SELECT r.source, r.released, r.how FROM above
        JOIN access.result r ON r.id = substr(above.source, 13) COLLATE "C" AND r.patient = ANY(shows_result.own)
        WHERE above.source LIKE 'Observation/%'
    ), told AS (
        SELECT coalesce(bool_or(how = 'early'), false) AS lifted,
            coalesce(bool_or(released > now() AND how = 'rule'), false) AS by_rule,
            coalesce(bool_or(released > now() AND how = 'firm'), false) AS held
        FROM above
    )
    SELECT NOT held AND (NOT by_rule OR lifted) AND (shown OR (lifted AND NOT decided)) FROM told;
END;

-- What reports hold back that are stored already; the rest follows from `samjournal doctor --rebuild`. 40: DiagnosticReport.
INSERT INTO access.result (patient, id, released, how, source)
SELECT DISTINCT c.patient, told.id, c.released, 'firm', 'DiagnosticReport/' || c.id
FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
CROSS JOIN LATERAL json_array_elements(convert_from(v.body, 'UTF8')::json -> 'result') AS one(result)
CROSS JOIN LATERAL (
    SELECT substring(result ->> 'reference' FROM '^Observation/([A-Za-z0-9.-]{1,64})(?:/_history/|$)') AS id) told
WHERE c.type = 40 AND c.released IS NOT NULL AND NOT c.deleted AND c.patient <> 0 AND told.id IS NOT NULL;

-- Whether somebody is dead is told once, by access.person.died.
ALTER TABLE access.civil DROP COLUMN dead;
