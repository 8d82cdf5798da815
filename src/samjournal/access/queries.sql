-- same_person: the other ids of the person whose patient key is $1
SELECT same.patient FROM access.person mine
JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
WHERE mine.patient = $1;

-- ids_of: the ids of some patient keys
SELECT patient, id FROM access.person WHERE patient = ANY($1::bigint[]);

-- person_keys: the person behind some patient keys
SELECT patient, person FROM access.person WHERE patient = ANY($1::bigint[]);

-- persons_of: every id of those persons, behind some patient keys, who have several
SELECT mine.person, same.id, count(*) OVER (PARTITION BY mine.person) AS ids
FROM (SELECT DISTINCT person FROM access.person WHERE patient = ANY($1::bigint[])) mine
JOIN access.person same ON same.person = mine.person ORDER BY same.id;

-- units_under: a unit and all that lies under it
WITH RECURSIVE tree AS (
    SELECT $1::text COLLATE "C" AS id
    UNION SELECT unit.id FROM access.unit JOIN tree ON unit.part_of = tree.id
)
SELECT id FROM tree;

-- state_reason: a relation by stated reason, and a line on the review list
WITH opened AS (
    INSERT INTO access.relation (patient, party, kind, starts, ends, source, reason)
    VALUES ($1, $2, $8, now(), $3, 'reason', $4)
)
INSERT INTO access.review (kind, actor, role, patient, source, reason, organization)
VALUES ($8, $5, $6, $1, 'reason', $4, $7);

-- relations_from: the relations that some resources make, for the projection
SELECT source, patient, party, kind, starts, ends, made_by FROM access.relation WHERE source = ANY($1::text[]);

-- forget_relations: those relations, before they are made anew
DELETE FROM access.relation WHERE source = ANY($1::text[]);

-- add_relation: one projected relation
INSERT INTO access.relation (patient, party, kind, starts, ends, made_by, source) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- self_made: what a person made for himself goes on the review list
INSERT INTO access.review (kind, actor, role, patient, source, organization) VALUES ('self-made', $1, $2, $3, $4, $5);

-- access_changed: what a system changed of labels, consents and links goes on the review list
INSERT INTO access.review (kind, actor, role, patient, source) VALUES ('access-changed', $1, $2, $3, $4);

-- decision: what a person decided about a patient goes on the review list, with the reason
INSERT INTO access.review (kind, actor, role, patient, source, reason, organization) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- circle: one of some patients whose links lead back to itself
WITH RECURSIVE up AS (
    SELECT patient AS start, link AS at FROM access.person WHERE patient = ANY($1::bigint[]) AND link <> patient
    UNION ALL
    SELECT up.start, p.link FROM up JOIN access.person p ON p.patient = up.at WHERE p.link <> p.patient
) CYCLE at SET is_circle USING path
SELECT p.id FROM up JOIN access.person p ON p.patient = up.start WHERE up.at = up.start LIMIT 1;

-- deaths: when those of some patients died who did
SELECT asked.patient, access.died(asked.patient) AS died FROM unnest($1::bigint[]) AS asked(patient)
WHERE access.died(asked.patient) IS NOT NULL;

-- put_persons: patients, the patient each was replaced by, and when he died
INSERT INTO access.person (patient, id, link, person, died)
SELECT patient, id, link, patient, died
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::timestamptz[]) AS put(patient, id, link, died)
ON CONFLICT (patient) DO UPDATE SET link = excluded.link, died = excluded.died WHERE access.person.id = excluded.id
RETURNING patient, link <> patient OR person <> patient AS merged;

-- resolve_persons: the end of each chain of merged patients
WITH RECURSIVE up(start, at, depth) AS (
    SELECT patient, link, 1 FROM access.person WHERE link <> patient OR person <> patient
    UNION ALL
    SELECT up.start, p.link, up.depth + 1 FROM up JOIN access.person p ON p.patient = up.at
    WHERE p.link <> p.patient AND up.depth < 100
)
UPDATE access.person p SET person = root.at
FROM (SELECT DISTINCT ON (start) start, at FROM up ORDER BY start, depth DESC) root
WHERE p.patient = root.start AND p.person <> root.at;

-- merged_persons: every id of each person who has more than one
SELECT p.patient, p.id, p.person FROM access.person p
WHERE p.person IN (SELECT person FROM access.person WHERE person <> patient);

-- mine: patients whom somebody in this role has in care now, by kind of relation
SELECT p.id, max(r.kind) AS kind FROM access.relation r JOIN access.person p ON p.patient = r.patient
WHERE r.party = ANY($1::bigint[]) AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM $2
GROUP BY p.id ORDER BY max(r.starts) DESC LIMIT $3;

-- put_unit: a unit and what it is part of
INSERT INTO access.unit (id, part_of, part, key) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET part_of = excluded.part_of, part = excluded.part, key = excluded.key;

-- keyless_units: units that were stored before they had keys
SELECT id FROM access.unit WHERE key IS NULL LIMIT 10000;

-- put_keys: their keys
UPDATE access.unit SET key = put.key FROM unnest($1::text[], $2::bigint[]) AS put(id, key) WHERE unit.id = put.id;

-- known_patient: whether a patient key is somebody's
SELECT true FROM access.person WHERE patient = $1;

-- units: what some units belong to, and in which part they write
SELECT id, part_of, part FROM access.unit WHERE id = ANY($1::text[]);

-- links: the patient that each of some was replaced by, or itself, and when he died
SELECT id, link, died FROM access.person WHERE id = ANY($1::text[]);

-- patients_after: ids of all patients, from one on
SELECT id FROM access.person WHERE id > $1 ORDER BY id LIMIT $2;

-- own_after: ids of a citizen's own records, from one on
SELECT id FROM access.person WHERE patient = ANY($1::bigint[]) AND id > $2 ORDER BY id LIMIT $3;

-- related_after: ids of the patients to whom somebody in this role has a relation now, from one on; all ids of each
SELECT DISTINCT same.id FROM access.relation r JOIN access.person p ON p.patient = r.patient
JOIN access.person same ON same.person = p.person
WHERE r.party = ANY($1::bigint[]) AND r.starts <= now() AND r.ends > now() AND r.made_by IS DISTINCT FROM $2
    AND r.kind <> 'own-part' AND same.id > $3
ORDER BY same.id LIMIT $4;

-- bonds: the relations between some parties and a person, and whether each opens the record now
SELECT kind, source, starts, ends, reason,
    CASE WHEN ends <= now() THEN 'over' WHEN starts > now() THEN 'later' WHEN made_by = $3 THEN 'self-made'
         WHEN kind = 'own-part' THEN 'elsewhere' ELSE 'open' END AS state
FROM access.relation WHERE patient = ANY($1::bigint[]) AND party = ANY($2::bigint[])
ORDER BY ends <= now(), starts DESC, source LIMIT $4;

-- to_review: what nobody has looked over yet, of some organisations and of systems, the oldest first
SELECT r.id, r.at, r.kind, r.actor, r.role, r.source, r.reason, p.id AS patient, count(*) OVER () AS total
FROM access.review r LEFT JOIN access.person p ON p.patient = r.patient
WHERE r.reviewed IS NULL AND (r.organization = '' OR r.organization = ANY($1::text[]))
ORDER BY r.at, r.id LIMIT $2;

-- asked_of: what a matter came from that waits for whom it may be looked over by
SELECT kind, source FROM access.review
WHERE id = $1 AND reviewed IS NULL AND actor <> $2 AND (organization = '' OR organization = ANY($3::text[]));

-- unreviewed: how much waits since before a moment, by the organisation that answers for it
SELECT organization, count(*) AS matters, min(at) AS oldest FROM access.review
WHERE reviewed IS NULL AND at < $1 GROUP BY organization ORDER BY organization;

-- reviewed: somebody has looked it over, who did not do it himself
UPDATE access.review SET reviewed = now(), reviewer = $2
WHERE id = $1 AND reviewed IS NULL AND actor <> $2 AND (organization = '' OR organization = ANY($3::text[]))
RETURNING patient, kind, source;

-- forget_blocks: what a Consent blocked
DELETE FROM access.block WHERE source = $1;

-- add_block: whom it keeps out now
INSERT INTO access.block (patient, party, starts, ends, source) VALUES ($1, $2, $3, $4, $5);

-- blocks_from: what some Consents block
SELECT source, patient, party, starts, ends FROM access.block WHERE source = ANY($1::text[]);

-- forget_part_blocks: what part of a record a Consent blocked
DELETE FROM access.part_block WHERE source = $1;

-- add_part_block: whom it keeps out of what
INSERT INTO access.part_block (patient, party, starts, ends, things, types, codes, labels, since, until, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- part_blocks_from: what parts some Consents block
SELECT source, patient, party, starts, ends, things, types, codes, labels, since, until FROM access.part_block
WHERE source = ANY($1::text[]);

-- blocks_some: whether a person keeps somebody out of a part, who has stated no emergency; $3 are his own keys
SELECT EXISTS (SELECT 1 FROM access.part_block b
    WHERE b.patient = ANY($1::bigint[]) AND (b.party = 0 OR b.party = ANY($2::bigint[]))
      AND b.starts <= now() AND b.ends > now())
AND NOT EXISTS (SELECT 1 FROM access.relation r
    WHERE r.patient = ANY($1::bigint[]) AND r.party = ANY($3::bigint[]) AND r.kind = 'emergency' AND r.ends > now());

-- is_blocked: whether the record of a patient is blocked for somebody
SELECT access.blocked($1, $2::bigint[]);

-- units_above: a unit and all that it lies under
WITH RECURSIVE up AS (
    SELECT $1::text COLLATE "C" AS id
    UNION SELECT unit.part_of FROM access.unit JOIN up ON unit.id = up.id WHERE unit.part_of IS NOT NULL
)
SELECT up.id, coalesce(unit.part, 0) AS part FROM up LEFT JOIN access.unit USING (id);

-- serves: those of some patients for whom one of some parties has a service to do that is not health care
SELECT DISTINCT wanted.patient FROM unnest($1::bigint[]) AS wanted(patient)
JOIN access.person mine ON mine.patient = wanted.patient JOIN access.person same ON same.person = mine.person
JOIN access.relation r ON r.patient = same.patient
WHERE r.kind = 'own-part' AND r.party = ANY($2::bigint[]) AND r.starts <= now() AND r.ends > now()
    AND r.made_by IS DISTINCT FROM $3 AND NOT access.blocked(wanted.patient, $4::bigint[]);

-- forget_results: what some resources listed
DELETE FROM access.result WHERE source = ANY($1::text[]);

-- add_result: one Observation that a resource lists now
INSERT INTO access.result (patient, id, released, how, source) VALUES ($1, $2, $3, $4, $5);

-- results_from: what some resources list
SELECT source, patient, id, released, how FROM access.result WHERE source = ANY($1::text[]);

-- unenforced: a block that cannot be enforced goes on the review list, once until it is looked over
INSERT INTO access.review (kind, actor, role, patient, source)
SELECT 'unenforced', $1::text, $2::text, $3::bigint, $4::text
WHERE NOT EXISTS (SELECT 1 FROM access.review WHERE kind = 'unenforced' AND source = $4::text AND reviewed IS NULL);

-- erasure: a decision to erase
SELECT * FROM access.erasure WHERE id = $1;

-- erasures: those that are not carried out, the oldest first
SELECT * FROM access.erasure WHERE done IS NULL ORDER BY proposed;

-- erase_propose: somebody proposes one; it goes on the review list
WITH made AS (
    INSERT INTO access.erasure (type, resource, version, everything, patient, decision, proposed_by, role, organization,
        deadline)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *
), listed AS (
    INSERT INTO access.review (kind, actor, role, patient, source, reason, organization)
    SELECT 'erasure', $7, $8, $5, $1 || '/' || $2, $6, $9
)
SELECT * FROM made;

-- erase_confirm: another person confirms it: another login, and another practitioner behind it
UPDATE access.erasure e SET confirmed = now(), confirmed_by = $2
WHERE e.id = $1 AND e.confirmed IS NULL AND e.deadline > now() AND e.proposed_by <> $2
    AND NOT EXISTS (SELECT 1 FROM accounts.account one JOIN accounts.account other USING (practitioner)
        WHERE one.login = e.proposed_by AND other.login = $2)
RETURNING *;

-- erase_looked_over: and so it was looked over
UPDATE access.review SET reviewed = now(), reviewer = $2 WHERE kind = 'erasure' AND source = $1 AND reviewed IS NULL;

-- erase_done: it was carried out
UPDATE access.erasure SET done = now() WHERE id = $1 AND done IS NULL;

-- erase_again: a decision that the database was restored from before
INSERT INTO access.erasure AS e (id, type, resource, version, everything, patient, decision, proposed, proposed_by, role,
    organization, deadline, confirmed, confirmed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET confirmed = excluded.confirmed, confirmed_by = excluded.confirmed_by
WHERE e.confirmed IS NULL;

-- erase_person: what access keeps of a patient who is erased
WITH relations AS (DELETE FROM access.relation WHERE patient = $1),
    blocks AS (DELETE FROM access.block WHERE patient = $1),
    part_blocks AS (DELETE FROM access.part_block WHERE patient = $1),
    civil AS (DELETE FROM access.civil WHERE patient = $1),
    results AS (DELETE FROM access.result WHERE patient = $1),
    tasks AS (DELETE FROM access.task WHERE patient = $1),
    mandates AS (DELETE FROM access.mandate WHERE patient = $1 OR holder = $1)
DELETE FROM access.person WHERE patient = $1;

-- erase_unit: what access keeps of a unit that is erased
DELETE FROM access.unit WHERE id = $1;

-- put_civil: who a patient is by the register; what people change of that counts for nothing from then on
INSERT INTO access.civil (patient, numbers, born, home, protected, made_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (patient) DO UPDATE SET numbers = excluded.numbers, born = excluded.born, home = excluded.home,
    protected = excluded.protected,
    made_by = CASE WHEN excluded.made_by IS NULL THEN NULL
        WHEN (civil.numbers, civil.born, civil.home) IS NOT DISTINCT FROM
             (excluded.numbers, excluded.born, excluded.home) THEN civil.made_by
        ELSE excluded.made_by END;

-- forget_civil: of a patient who was deleted; what is left of the record stays hidden
UPDATE access.civil SET numbers = '{}', born = NULL, home = NULL WHERE patient = $1;

-- spread_protection: all ids of a person are hidden when one of them is protected
UPDATE access.civil c SET hidden = found.hidden FROM (
    SELECT same.patient, bool_or(one.protected) AS hidden
    FROM access.person mine JOIN access.person same ON same.person = mine.person
    JOIN access.person other ON other.person = mine.person JOIN access.civil one ON one.patient = other.patient
    WHERE mine.patient = ANY($1::bigint[]) GROUP BY same.patient) found
WHERE c.patient = found.patient AND c.hidden <> found.hidden;

-- unspread: those of some patients who are protected and not hidden
SELECT patient FROM access.civil WHERE patient = ANY($1::bigint[]) AND protected AND NOT hidden;

-- civils: who some patients are, and whether each is dead by his own id
SELECT c.patient, c.numbers, c.born, c.home, coalesce(p.died IS NOT NULL, false) AS dead, c.protected, c.made_by
FROM access.civil c LEFT JOIN access.person p USING (patient) WHERE c.patient = ANY($1::bigint[]);

-- forget_mandates: what a resource let others do
DELETE FROM access.mandate WHERE source = $1;

-- add_mandate: what it lets them do now
INSERT INTO access.mandate (patient, holder, kind, level, types, starts, ends, made_by, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- mandates_from: what some resources let others do
SELECT source, patient, holder, kind, level, types, starts, ends, made_by FROM access.mandate
WHERE source = ANY($1::text[]);

-- mandates_for: who may act for a person, each with the patient that the holder is
SELECT m.source, m.patient, m.holder, m.kind, m.level, m.types, m.starts, m.ends, m.made_by, h.patient AS who, p.id
FROM access.mandate m
LEFT JOIN LATERAL (
    SELECT c.patient FROM access.civil c WHERE c.patient = m.holder
    UNION
    SELECT c.patient FROM access.civil c WHERE m.kind = 'parent' AND c.numbers @> ARRAY[m.holder] AND c.made_by IS NULL
) h ON true
LEFT JOIN access.person p ON p.patient = h.patient
WHERE m.patient = ANY($1::bigint[]) ORDER BY m.starts DESC, m.source;

-- represented_by: the patients for whom somebody of these keys and numbers has any mandate
SELECT DISTINCT stays.patient, stays.id FROM access.mandate m
JOIN access.person p ON p.patient = m.patient JOIN access.person stays ON stays.patient = p.person
WHERE m.holder = ANY($1::bigint[]) ORDER BY stays.id;

-- registered_power: whom somebody without capacity is represented by goes on the review list
INSERT INTO access.review (kind, actor, role, patient, source, reason, organization)
VALUES ('without-capacity', $1, $2, $3, $4, $5, $6);

-- with_number: the patients who have one of some official numbers
SELECT DISTINCT stays.id FROM access.civil c JOIN access.person p ON p.patient = c.patient
JOIN access.person stays ON stays.patient = p.person WHERE c.numbers && $1::bigint[] AND c.made_by IS NULL;

-- note_findings: looks that ask for a question, once each; alike ones that wait already are one line on the review list
WITH found AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
        $8::text[]) AS f(look, rule, patient, actor, organization, at, role, told)
), kept AS (
    INSERT INTO access.finding (look, rule, patient, actor, organization, at)
    SELECT look, rule, patient, actor, organization, at FROM found
    ON CONFLICT DO NOTHING RETURNING look, rule, patient
), matter AS (
    SELECT look, patient, actor, role, organization, at, string_agg(trim(rule || ' ' || told), ',' ORDER BY rule) AS source
    FROM found JOIN kept USING (look, rule, patient)
    GROUP BY look, patient, actor, role, organization, at
), put AS (
    INSERT INTO access.review (at, kind, actor, role, patient, source, organization)
    SELECT DISTINCT ON (actor, patient, source) at, 'anomaly', actor, role, nullif(patient, 0), source, organization
    FROM matter m
    WHERE NOT EXISTS (SELECT 1 FROM access.review r
        WHERE r.kind = 'anomaly' AND r.reviewed IS NULL AND r.actor = m.actor
          AND r.patient IS NOT DISTINCT FROM nullif(m.patient, 0) AND r.source = m.source)
    ORDER BY actor, patient, source, at
)
SELECT count(*) FROM kept;

-- withdrawn: looks at which no relation of the reader's stands that held then, under any id of the person
SELECT l.look FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[]) WITH ORDINALITY
    AS l(look, patient, at, actor, place)
WHERE NOT EXISTS (
    SELECT 1 FROM (
        SELECT l.patient AS id
        UNION ALL
        SELECT same.patient FROM access.person mine
        JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
        WHERE mine.patient = l.patient) ids
    JOIN access.relation r ON r.patient = ids.id
    JOIN unnest($5::int[], $6::bigint[]) AS p(place, party) ON p.party = r.party AND p.place = l.place - 1
    WHERE r.starts <= l.at AND r.ends > l.at AND r.made_by IS DISTINCT FROM l.actor);

-- roots: what each of some units belongs to in the end
WITH RECURSIVE up AS (
    SELECT asked.id AS unit, asked.id COLLATE "C" AS id, 0 AS depth FROM unnest($1::text[]) AS asked(id)
    UNION ALL
    SELECT up.unit, u.part_of, up.depth + 1 FROM up JOIN access.unit u ON u.id = up.id
    WHERE u.part_of IS NOT NULL AND up.depth < 20
)
SELECT DISTINCT ON (unit) unit, id AS root FROM up ORDER BY unit, depth DESC;

-- under_each: some units, each with all that lies under it
WITH RECURSIVE tree AS (
    SELECT asked.id AS unit, asked.id COLLATE "C" AS id FROM unnest($1::text[]) AS asked(id)
    UNION SELECT tree.unit, u.id FROM access.unit u JOIN tree ON u.part_of = tree.id
)
SELECT unit, id FROM tree;

-- usual: how many patients some readers opened in an hour, of the hours in which they opened any
SELECT actor, avg(patients) AS usual FROM access.pace
WHERE actor = ANY($1::text[]) AND hour >= $2 AND hour < $3 GROUP BY actor;

-- note_pace: how many they opened in this one; what is too old to count goes
WITH old AS (DELETE FROM access.pace WHERE hour < $4)
INSERT INTO access.pace (actor, hour, patients)
SELECT actor, $2, patients FROM unnest($1::text[], $3::int[]) AS p(actor, patients) ON CONFLICT DO NOTHING;

-- last_pace: the last hour that was reckoned
SELECT max(hour) FROM access.pace;

-- last_rights: what was kept of each role last
SELECT DISTINCT ON (role) role, digest FROM access.rights ORDER BY role, since DESC;

-- keep_rights: what a role may do from now on; of two servers that start at once, one keeps it
INSERT INTO access.rights (role, since, digest, rights) SELECT $1::text, clock_timestamp(), $2::bytea, $3::text::jsonb
WHERE $2::bytea IS DISTINCT FROM (SELECT digest FROM access.rights WHERE role = $1::text ORDER BY since DESC LIMIT 1);

-- rights_at: what each role could do at a moment
SELECT DISTINCT ON (role) role, rights::text AS rights FROM access.rights WHERE since <= $1 ORDER BY role, since DESC;

-- rights_since: each set of rights that a role was given since a moment, with the one before, the latest first
SELECT role, since, rights, before FROM (
    SELECT role, since, rights::text AS rights,
        lag(rights::text) OVER (PARTITION BY role ORDER BY since) AS before,
        row_number() OVER (PARTITION BY role ORDER BY since) AS n
    FROM access.rights
) kept WHERE n > 1 AND since > $1 ORDER BY since DESC, role;

-- surroundings: all of the organisation that a unit belongs to, and who works there
WITH RECURSIVE up AS (
    SELECT $1::text COLLATE "C" AS id, 1 AS depth
    UNION ALL SELECT unit.part_of, depth + 1 FROM access.unit JOIN up ON unit.id = up.id
    WHERE unit.part_of IS NOT NULL AND depth < 20
), tree AS (
    SELECT id FROM (SELECT id FROM up ORDER BY depth DESC LIMIT 1) top
    UNION SELECT unit.id FROM access.unit JOIN tree ON unit.part_of = tree.id
)
SELECT id FROM tree UNION SELECT post.practitioner FROM access.post JOIN tree ON post.role = tree.id;

-- put_post: who works in a post
INSERT INTO access.post (role, practitioner) VALUES ($1, $2)
ON CONFLICT (role) DO UPDATE SET practitioner = excluded.practitioner;

-- workplaces: the units at which some practitioners have posts by the register
SELECT post.practitioner, unit.part_of AS unit FROM access.post JOIN access.unit ON unit.id = post.role
WHERE post.practitioner = ANY($1::text[]) AND unit.part_of IS NOT NULL;

-- forget_post: nobody does
DELETE FROM access.post WHERE role = $1;

-- posts: who works in some posts
SELECT role, practitioner FROM access.post WHERE role = ANY($1::text[]);

-- forget_waits: Tasks that nobody has to do any longer
DELETE FROM access.task WHERE id = ANY($1::text[]);

-- put_waits: on whom a Task waits
INSERT INTO access.task (id, patient, owner, also, since, due, done, late, apart, message)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, owner = excluded.owner, also = excluded.also,
    since = excluded.since, due = excluded.due, done = excluded.done, late = excluded.late, apart = excluded.apart,
    message = excluded.message;

-- waits_of: what is kept of some Tasks
SELECT id, patient, owner, also, since, due, done, late, apart, message FROM access.task WHERE id = ANY($1::text[]);

-- heard_of: whom some Tasks wait on, and the units of those
SELECT DISTINCT told.key FROM access.task t LEFT JOIN access.unit post ON post.key = t.owner
LEFT JOIN access.unit unit ON unit.id = post.part_of
CROSS JOIN LATERAL (VALUES (t.owner), (t.also), (unit.key)) told(key)
WHERE t.id = ANY($1::text[]) AND told.key IS NOT NULL AND told.key <> 0;

-- count_waiting: how much waits on some posts
SELECT count(*)::int FROM access.task
WHERE done IS NULL AND (owner = ANY($1::bigint[]) OR also = ANY($1::bigint[]));

-- count_for_page: how much waits on some posts; how many messages wait in a unit, and how many past their deadline
SELECT mine.waiting, unit.messages, unit.late FROM (
    SELECT count(*)::int AS waiting FROM access.task
    WHERE done IS NULL AND (owner = ANY($1::bigint[]) OR also = ANY($1::bigint[]))
) mine, (
    SELECT count(*)::int AS messages, (count(*) FILTER (WHERE due <= now()))::int AS late FROM access.task
    WHERE done IS NULL AND message IS NOT NULL AND (also = $2 OR owner = $2 OR owner IN (
        SELECT key FROM access.unit WHERE part_of = $3::text COLLATE "C" AND id LIKE 'PractitionerRole/%'))
) unit;

-- messages_waiting: what waits on a unit and its people of messages that came, what is due first
SELECT id, patient, owner, also FROM access.task
WHERE done IS NULL AND message = 'in' AND (also = $1 OR owner = $1 OR owner IN (
    SELECT key FROM access.unit WHERE part_of = $2::text COLLATE "C" AND id LIKE 'PractitionerRole/%'))
ORDER BY due NULLS LAST, since, id LIMIT $3;

-- message_times: for each unit, how many messages wait, since when, how many of them past their deadline; and those
-- that were handled since a moment
SELECT told.unit, count(*) FILTER (WHERE t.done IS NULL)::int AS waiting,
    min(t.since) FILTER (WHERE t.done IS NULL) AS oldest, count(*) FILTER (WHERE t.done IS NOT NULL)::int AS done,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.done - t.since)::float8)
        FILTER (WHERE t.done IS NOT NULL) AS median,
    (count(*) FILTER (WHERE t.done IS NULL AND t.due <= now()))::int AS late
FROM access.task t JOIN access.unit u ON u.key = t.owner
CROSS JOIN LATERAL (SELECT CASE WHEN u.id LIKE 'Organization/%' THEN u.id ELSE u.part_of END AS unit) told
WHERE t.message = 'in' AND told.unit IS NOT NULL AND (t.done IS NULL OR t.done >= $1::timestamptz)
GROUP BY told.unit ORDER BY min(t.since) FILTER (WHERE t.done IS NULL) NULLS LAST, told.unit LIMIT 500;

-- messages_failed: how many of its own messages that did not arrive wait on a unit and its people
SELECT count(*)::int FROM access.task
WHERE done IS NULL AND message = 'out' AND (also = $1 OR owner = $1 OR owner IN (
    SELECT key FROM access.unit WHERE part_of = $2::text COLLATE "C" AND id LIKE 'PractitionerRole/%'));

-- messages_done: those that were handled there since a moment, the newest first
SELECT id FROM access.task WHERE message = 'in' AND done >= $3::timestamptz AND (owner = $1 OR owner IN (
    SELECT key FROM access.unit WHERE part_of = $2::text COLLATE "C" AND id LIKE 'PractitionerRole/%'))
ORDER BY done DESC, id LIMIT 50;

-- message_figures: how many messages wait on a unit and its people, and those that were handled since a moment
SELECT count(*) FILTER (WHERE done IS NULL)::int AS waiting, min(since) FILTER (WHERE done IS NULL) AS oldest,
    count(*) FILTER (WHERE done IS NOT NULL)::int AS done,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM done - since)::float8)
        FILTER (WHERE done IS NOT NULL) AS median
FROM access.task WHERE message = 'in' AND (done IS NULL OR done >= $3::timestamptz) AND (also = $1 OR owner = $1
    OR owner IN (SELECT key FROM access.unit WHERE part_of = $2::text COLLATE "C" AND id LIKE 'PractitionerRole/%'));

-- waiting_on: what waits on some owners, and on some posts too, the oldest first
SELECT id, patient, owner, also FROM access.task
WHERE done IS NULL AND (owner = ANY($1::bigint[]) OR also = ANY($2::bigint[])) ORDER BY since, id LIMIT $3;

-- waiting_figures: how much waits on some owners, and what they did since a moment
SELECT count(*) FILTER (WHERE done IS NULL)::int AS waiting, min(since) FILTER (WHERE done IS NULL) AS oldest,
    count(*) FILTER (WHERE done IS NOT NULL)::int AS done,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM done - since)::float8)
        FILTER (WHERE done IS NOT NULL) AS median
FROM access.task WHERE owner = ANY($1::bigint[]) AND (done IS NULL OR done >= $2::timestamptz);

-- posts_at: the posts at a unit, by the register
SELECT key FROM access.unit WHERE part_of = $1::text COLLATE "C" AND id LIKE 'PractitionerRole/%' AND key IS NOT NULL;

-- rising: a unit and what it lies under, itself first
WITH RECURSIVE up AS (
    SELECT $1::text COLLATE "C" AS id, 0 AS height
    UNION SELECT unit.part_of, up.height + 1 FROM access.unit JOIN up ON unit.id = up.id
    WHERE unit.part_of IS NOT NULL AND up.height < 20
)
SELECT id FROM up ORDER BY height;

-- overdue: what waits though its deadline is over and nobody was told, the longest over first; of a kind that is seen to
-- apart, or of all else
SELECT id FROM access.task
WHERE done IS NULL AND NOT late AND due <= $1 AND apart IS NOT DISTINCT FROM $3::text ORDER BY due, id LIMIT $2;

-- units_waited_on: the units that work of a kind waits on which is seen to apart
SELECT DISTINCT u.id FROM access.task t JOIN access.unit u ON u.key = t.owner
WHERE t.done IS NULL AND t.apart = $1 AND u.id LIKE 'Organization/%';

-- waiting_by_owner: how much waits on each of some owners
SELECT owner, count(*)::int AS waiting FROM access.task
WHERE done IS NULL AND owner = ANY($1::bigint[]) GROUP BY owner;

-- posts_waited_on: the posts that anything waits on, by the register, each with its unit
SELECT DISTINCT u.id, u.part_of FROM access.task t JOIN access.unit u ON u.key = t.owner
WHERE t.done IS NULL AND u.id LIKE 'PractitionerRole/%';

-- in_charge: the units that have a person in care now, a stay before the rest, the newest first
SELECT u.id FROM access.person mine JOIN access.person same ON same.person = mine.person
JOIN access.relation r ON r.patient = same.patient JOIN access.unit u ON u.key = r.party
WHERE mine.patient = $1 AND r.starts <= now() AND r.ends > now() AND r.kind NOT IN ('own-part', 'reason', 'emergency')
    AND u.id LIKE 'Organization/%' ORDER BY r.kind <> 'stay', r.starts DESC, u.id LIMIT 3;

-- bound: what a person has to do with by which relation, the nearest unit of each first, what it lies under after it
WITH RECURSIVE bound AS (
    SELECT DISTINCT ON (r.party, r.kind, r.source) r.party, r.kind, r.source, r.starts
    FROM access.person mine JOIN access.person same ON same.person = mine.person
    JOIN access.relation r ON r.patient = same.patient
    WHERE mine.patient = $1 AND r.ends > now() AND r.kind NOT IN ('own-part', 'reason', 'emergency', 'task')
        AND (r.starts <= now() OR r.kind IN ('appointment', 'referral'))
), up AS (
    SELECT u.id, u.part_of, b.kind, b.source, b.starts, 0 AS height FROM bound b JOIN access.unit u ON u.key = b.party
    UNION ALL
    SELECT o.id, o.part_of, up.kind, up.source, up.starts, up.height + 1 FROM up
    JOIN access.unit o ON o.id = up.part_of WHERE up.id NOT LIKE 'Organization/%' AND up.height < 4
)
SELECT id, kind, source, starts FROM up WHERE id LIKE 'Organization/%' ORDER BY starts DESC, id, source;
