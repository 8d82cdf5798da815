-- Two kinds of relation more: somebody is in the patient's care team, or has a task for the patient.
CREATE OR REPLACE FUNCTION access.why(patient bigint, parties bigint[], actor text) RETURNS text
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
        ARRAY['stay', 'home-care', 'gp-list', 'care-team', 'appointment', 'referral', 'task', 'contact', 'reason'],
        r.kind)
    LIMIT 1;
END;
