-- Blocks (sperringer): whom a patient does not let into the record. A projection of Consent, asked wherever a record is opened.
CREATE TABLE access.block (
    patient bigint NOT NULL,
    party   bigint NOT NULL,               -- key of a Practitioner, PractitionerRole or Organization; 0: everybody
    starts  timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    source  text COLLATE "C" NOT NULL      -- the Consent
);
CREATE INDEX block_of_patient ON access.block (patient);
CREATE INDEX block_source ON access.block (source);

-- Whether somebody who is one of `faces` (himself, his role, his unit and those above it) is kept out. A block under any
-- id of a merged person counts.
CREATE FUNCTION access.blocked(patient bigint, faces bigint[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT blocked.patient AS id
            UNION ALL
            SELECT same.patient FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            WHERE mine.patient = blocked.patient) ids
        CROSS JOIN LATERAL (SELECT 1 FROM access.block b
            WHERE b.patient = ids.id AND (b.party = 0 OR b.party = ANY(blocked.faces))
              AND b.starts <= now() AND b.ends > now() OFFSET 0) found
    );
END;

DROP FUNCTION access.opens(bigint, bigint[], text);
DROP FUNCTION access.why(bigint, bigint[], text);

-- The kind of the relation that opens the record of a patient now to somebody who is one of `parties`, NULL when none does.
-- What `actor` made for himself does not count, and against a block, which is asked once, only an emergency does. Every id
-- of a merged person is asked, each by its index: a unit has thousands of relations, a patient few. Of several kinds the
-- one that tells the patient most is named; a stated reason only when there is no other. Blocks are asked here and in
-- `opens` in their own words: a function within a function costs as much as all the rest.
CREATE FUNCTION access.why(patient bigint, parties bigint[], actor text, faces bigint[]) RETURNS text
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
          AND r.made_by IS DISTINCT FROM why.actor OFFSET 0) found
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

-- Whether any does: the first that is found will do. Most were never merged and have blocked nobody.
CREATE FUNCTION access.opens(patient bigint, parties bigint[], actor text, faces bigint[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM access.relation r
                WHERE r.patient = opens.patient AND r.party = ANY(opens.parties)
                  AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM opens.actor)
            AND NOT EXISTS (SELECT 1 FROM access.block b WHERE b.patient = opens.patient)
            AND NOT EXISTS (SELECT 1 FROM access.person mine
                JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
                WHERE mine.patient = opens.patient)
        THEN true
        ELSE access.why(opens.patient, opens.parties, opens.actor, opens.faces) IS NOT NULL
    END;
END;
