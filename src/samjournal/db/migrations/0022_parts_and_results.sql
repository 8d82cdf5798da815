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
