-- Whether, and by what, a record is open: asked beside so many rows of so many statements that to plan it anew in each of
-- them cost more than to answer it. As functions they are planned once for each connection.

-- Whether any relation opens the record of a patient now, to somebody who is one of `parties`. What `actor` made for
-- himself does not count. Every id of a merged person is asked; the many who were never merged are asked of first.
CREATE FUNCTION access.opens(patient bigint, parties bigint[], actor text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1 FROM access.relation r
        WHERE r.patient = opens.patient AND r.party = ANY(opens.parties)
          AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM opens.actor
    ) OR EXISTS (
        SELECT 1 FROM access.person mine
        JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
        JOIN access.relation r ON r.patient = same.patient
        WHERE mine.patient = opens.patient AND r.party = ANY(opens.parties)
          AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM opens.actor
    );
END;

-- The kind of the relation that opens it, NULL when none does. Of several the one that tells the patient most is named;
-- a stated reason only when there is no other.
CREATE FUNCTION access.why(patient bigint, parties bigint[], actor text) RETURNS text
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
    ORDER BY array_position(
        ARRAY['stay', 'home-care', 'gp-list', 'appointment', 'referral', 'contact', 'reason'], r.kind)
    LIMIT 1;
END;
