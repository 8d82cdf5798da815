-- What of an open record is not for everybody who may open it: parts with access of their own, parts that the patient has
-- blocked, and what the patient does not see yet.

ALTER TABLE store.current
    ADD COLUMN part smallint NOT NULL DEFAULT 0,   -- by its labels (fhir.reserved); 0: the ordinary record
    ADD COLUMN released timestamptz;               -- when the patient sees it (fhir.release); NULL: at once

CREATE INDEX current_reserved ON store.current (patient) WHERE part <> 0;

-- What a unit writes lies in this part.
ALTER TABLE access.unit ADD COLUMN part smallint NOT NULL DEFAULT 0;

-- Blocks of a part of a record. A row is blocked when it fits all that is said; NULL: that is not said.
CREATE TABLE access.part_block (
    patient bigint NOT NULL,
    party   bigint NOT NULL,               -- as in access.block; 0: everybody
    starts  timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    source  text COLLATE "C" NOT NULL,     -- the Consent
    things  text[] COLLATE "C",            -- resources, as number of the type/id
    types   smallint[],
    codes   bigint[],                      -- tokens of a code, under every parameter that may have it
    labels  bigint[],                      -- tokens of a security label
    since   timestamptz,                   -- what happened within this time
    until   timestamptz
);
CREATE INDEX part_block_of_patient ON access.part_block (patient);
CREATE INDEX part_block_source ON access.part_block (source);

-- Whether a row is blocked for somebody who is one of `faces`. An emergency opens what is blocked to whom states it.
CREATE FUNCTION access.part_blocked(patient bigint, type smallint, id text, tokens bigint[], lo timestamptz,
    hi timestamptz, parties bigint[], faces bigint[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT part_blocked.patient AS id
            UNION ALL
            SELECT same.patient FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            WHERE mine.patient = part_blocked.patient) ids
        CROSS JOIN LATERAL (SELECT 1 FROM access.part_block b
            WHERE b.patient = ids.id AND (b.party = 0 OR b.party = ANY(part_blocked.faces))
              AND b.starts <= now() AND b.ends > now()
              AND (b.things IS NULL OR part_blocked.type || '/' || part_blocked.id = ANY(b.things))
              AND (b.types IS NULL OR part_blocked.type = ANY(b.types))
              AND (b.codes IS NULL OR part_blocked.tokens && b.codes)
              AND (b.labels IS NULL OR part_blocked.tokens && b.labels)
              AND (b.since IS NULL OR (part_blocked.lo < b.until AND part_blocked.hi > b.since))
            OFFSET 0) found
    ) AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT part_blocked.patient AS id
            UNION ALL
            SELECT same.patient FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            WHERE mine.patient = part_blocked.patient) ids
        JOIN access.relation r ON r.patient = ids.id
        WHERE r.party = ANY(part_blocked.parties) AND r.kind = 'emergency' AND r.starts <= now() AND r.ends > now());
END;

-- A relation that a service makes which is not health care opens nothing but that service's own part.
CREATE OR REPLACE FUNCTION access.why(patient bigint, parties bigint[], actor text, faces bigint[]) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT found.kind FROM (
        SELECT why.patient AS id
        UNION ALL
        SELECT same.patient FROM access.person mine
        JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
        WHERE mine.patient = why.patient) ids
    CROSS JOIN LATERAL (SELECT r.kind FROM access.relation r
        WHERE r.patient = ids.id AND r.party = ANY(why.parties) AND r.starts <= now() AND r.ends > now()
          AND r.made_by IS DISTINCT FROM why.actor AND r.kind <> 'own-part' OFFSET 0) found
    WHERE found.kind = 'emergency' OR NOT (
        EXISTS (SELECT 1 FROM access.block b
            WHERE b.patient = why.patient AND (b.party = 0 OR b.party = ANY(why.faces))
              AND b.starts <= now() AND b.ends > now())
        OR EXISTS (SELECT 1 FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            JOIN access.block b ON b.patient = same.patient
            WHERE mine.patient = why.patient AND (b.party = 0 OR b.party = ANY(why.faces))
              AND b.starts <= now() AND b.ends > now()))
    ORDER BY array_position(
        ARRAY['stay', 'home-care', 'gp-list', 'care-team', 'appointment', 'referral', 'task', 'contact', 'reason',
              'emergency'], found.kind)
    LIMIT 1;
END;

CREATE OR REPLACE FUNCTION access.opens(patient bigint, parties bigint[], actor text, faces bigint[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM access.relation r
                WHERE r.patient = opens.patient AND r.party = ANY(opens.parties)
                  AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM opens.actor
                  AND r.kind <> 'own-part')
            AND NOT EXISTS (SELECT 1 FROM access.block b WHERE b.patient = opens.patient)
            AND NOT EXISTS (SELECT 1 FROM access.person mine
                JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
                WHERE mine.patient = opens.patient)
        THEN true
        ELSE access.why(opens.patient, opens.parties, opens.actor, opens.faces) IS NOT NULL
    END;
END;

-- Whether a row of a part is open: to the unit that answers for it, when any relation binds it to the patient; else to
-- whom has stated one of the reasons (kinds of relation) that open such a part. Blocks go before, but for an emergency.
CREATE FUNCTION access.opens_part(patient bigint, owner bigint, kinds text[], parties bigint[], actor text,
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
               OR (opens_part.owner = ANY(opens_part.parties) AND r.kind NOT IN ('reason', 'emergency')))
          AND (r.kind = 'emergency' OR NOT access.blocked(opens_part.patient, opens_part.faces)));
END;
