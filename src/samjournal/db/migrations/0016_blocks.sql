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
        SELECT 1 FROM access.block b
        WHERE b.patient IN (
                SELECT blocked.patient
                UNION ALL
                SELECT same.patient FROM access.person mine
                JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
                WHERE mine.patient = blocked.patient)
          AND (b.party = 0 OR b.party = ANY(blocked.faces)) AND b.starts <= now() AND b.ends > now()
    );
END;

DROP FUNCTION access.opens(bigint, bigint[], text);
DROP FUNCTION access.why(bigint, bigint[], text);

-- The kind of the relation that opens the record of a patient now to somebody who is one of `parties`, NULL when none does.
-- What `actor` made for himself does not count, and against a block only an emergency does. Every id of a merged person is
-- asked. Of several kinds the one that tells the patient most is named; a stated reason only when there is no other.
CREATE FUNCTION access.why(patient bigint, parties bigint[], actor text, faces bigint[]) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.kind FROM access.relation r
    WHERE r.patient IN (
            SELECT why.patient
            UNION ALL
            SELECT same.patient FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            WHERE mine.patient = why.patient)
      AND r.party = ANY(why.parties) AND r.starts <= now() AND r.ends > now()
      AND r.made_by IS DISTINCT FROM why.actor
      AND (r.kind = 'emergency' OR NOT access.blocked(why.patient, why.faces))
    ORDER BY array_position(
        ARRAY['stay', 'home-care', 'gp-list', 'care-team', 'appointment', 'referral', 'task', 'contact', 'reason',
              'emergency'], r.kind)
    LIMIT 1;
END;

-- Whether any does: the first that is found will do. The many who were never merged are asked of first.
CREATE FUNCTION access.opens(patient bigint, parties bigint[], actor text, faces bigint[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN access.blocked(opens.patient, opens.faces)
        THEN access.why(opens.patient, opens.parties, opens.actor, opens.faces) IS NOT NULL
        ELSE EXISTS (
            SELECT 1 FROM access.relation r
            WHERE r.patient = opens.patient AND r.party = ANY(opens.parties)
              AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM opens.actor
        ) OR EXISTS (
            SELECT 1 FROM access.person mine
            JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
            JOIN access.relation r ON r.patient = same.patient
            WHERE mine.patient = opens.patient AND r.party = ANY(opens.parties)
              AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM opens.actor
        )
    END;
END;
