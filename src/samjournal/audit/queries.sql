-- write: looks, all at once; those at several patients are unfolded later. Lists of patients come as PostgreSQL writes them
WITH look AS (
    SELECT coalesce(id, uuidv7()) AS id, request, actor, name, role, organization, action, patient,
        patients::bigint[] AS patients, why, reason, shown, page, organization_id, agent, app
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
        $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::text[], $16::text[], $17::text[])
        AS look(id, request, actor, name, role, organization, action, patient, patients, why, reason, shown, page,
            organization_id, agent, app)
), kept AS (
    INSERT INTO audit.look (id, at, request, actor, name, role, organization, action, patient, patients, why, reason,
        shown, page, organization_id, agent, app)
    SELECT id, $1, request, actor, name, role, organization, action, patient, patients, why, reason, shown, page,
        organization_id, agent, app FROM look
)
INSERT INTO audit.pending (look, at) SELECT id, $1 FROM look WHERE patients IS NOT NULL;

-- of_patient: who has looked at a person; refreshes of an open page count as its first look
WITH mine AS (
    SELECT * FROM (
        SELECT l.* FROM audit.look l
        WHERE l.patient = ANY($1::bigint[]) AND l.page IS NULL AND ($2::timestamptz IS NULL OR l.at < $2)
            AND l.action <> ALL($4::text[])
        ORDER BY l.at DESC LIMIT $3
    ) direct
    UNION ALL
    SELECT * FROM (
        SELECT l.* FROM audit.seen s JOIN audit.look l ON l.id = s.look AND l.at = s.at
        WHERE s.patient = ANY($1::bigint[]) AND ($2::timestamptz IS NULL OR s.at < $2)
            AND l.action <> ALL($4::text[])
            AND (l.page IS NULL OR NOT EXISTS (
                SELECT 1 FROM audit.seen first WHERE first.patient = s.patient AND first.look = l.page))
        ORDER BY s.at DESC LIMIT $3
    ) among_others
)
SELECT at, actor, name, role, organization, organization_id, action, why, reason, shown, app FROM mine
ORDER BY at DESC LIMIT $3;

-- of_resource: who was shown one resource of a person, by a look at it or among others; $2 is how it stands in `shown`
WITH mine AS (
    SELECT l.* FROM audit.look l WHERE l.patient = ANY($1::bigint[]) AND l.shown ~ $2
    UNION ALL
    SELECT l.* FROM audit.seen s JOIN audit.look l ON l.id = s.look AND l.at = s.at
    WHERE s.patient = ANY($1::bigint[]) AND l.shown ~ $2
    UNION ALL
    SELECT l.* FROM audit.pending p JOIN audit.look l ON l.id = p.look AND l.at = p.at
    WHERE l.patients && $1::bigint[] AND l.shown ~ $2
)
SELECT actor, name, role, organization, max(at) AS at FROM mine WHERE why <> 'self'
GROUP BY actor, name, role, organization ORDER BY max(at) DESC;

-- unfold: give each patient of a search a row of his own, a thousand searches at a time
WITH todo AS (
    DELETE FROM audit.pending WHERE (look, at) IN (
        SELECT look, at FROM audit.pending ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING look, at
), put AS (
    INSERT INTO audit.seen (patient, at, look)
    SELECT DISTINCT one.patient, todo.at, todo.look
    FROM todo JOIN audit.look l ON l.id = todo.look AND l.at = todo.at, unnest(l.patients) AS one(patient)
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM todo;

-- last_chart: when somebody last opened a patient's chart, the open page's own look and those just before it left out, or marked what was new there as seen
SELECT max(at) FROM audit.look
WHERE patient = $1 AND actor = $2 AND (action = 'seen' OR (action = 'chart' AND page IS NULL
    AND id IS DISTINCT FROM $3 AND at < now() - interval '5 minutes'));

-- last_seal: the newest seal
SELECT number, upto, hash FROM audit.seal ORDER BY number DESC LIMIT 1;

-- sealing: one at a time, whoever comes first
SELECT pg_try_advisory_xact_lock($1);

-- add_seal: one more seal
INSERT INTO audit.seal (number, at, upto, rows, digest, hash, signature, form) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- unsealed: how many looks no seal covers, and since when
SELECT count(*) AS rows, min(at) AS since FROM audit.look WHERE xact >= $1;

-- begin_following: a job that is new begins with what is logged from now on
INSERT INTO audit.follower (name, xact, look)
SELECT $1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, '00000000-0000-0000-0000-000000000000'
WHERE NOT EXISTS (SELECT 1 FROM audit.follower WHERE name = $1) ON CONFLICT DO NOTHING;

-- place: how far a job has come, held until the transaction ends
SELECT xact, look FROM audit.follower WHERE name = $1 FOR UPDATE SKIP LOCKED;

-- ended: transactions below this have ended; and, where only looks until a time are wanted, were not much later
SELECT least(pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    (SELECT xact FROM audit.look WHERE at >= $1::timestamptz ORDER BY at, id LIMIT 1));

-- follow: what comes after a place, as `Passed`
SELECT id, at, actor, role, organization_id, agent, patient, patients, why, xact
FROM audit.look
WHERE (xact, id) > ($1::bigint, $2::uuid) AND xact < $3 AND agent LIKE 'PractitionerRole/%' AND page IS NULL
    AND action = ANY($4::text[])
ORDER BY xact, id LIMIT $5;

-- keep_place: how far it has come
UPDATE audit.follower SET xact = $2, look = $3 WHERE name = $1;

-- paces: how many different patients each person at work opened in a time
SELECT l.actor, count(DISTINCT one.patient)::int AS patients, (array_agg(l.id ORDER BY l.at DESC, l.id))[1] AS look,
    (array_agg(l.role ORDER BY l.at DESC, l.id))[1] AS role, max(l.at) AS at,
    (array_agg(l.organization_id ORDER BY l.at DESC, l.id))[1] AS organization
FROM audit.look l CROSS JOIN LATERAL unnest(coalesce(l.patients, ARRAY[l.patient])) AS one(patient)
WHERE l.at >= $2 AND l.at < $3 AND l.agent LIKE 'PractitionerRole/%' AND l.action = ANY($1::text[])
    AND one.patient IS NOT NULL
GROUP BY l.actor;

-- tally: how many records each unit opened on some days, by kind of relation, and in all
WITH opened AS (
    SELECT (l.at AT TIME ZONE 'Europe/Oslo')::date AS day, l.organization_id, l.organization AS unit, l.why, l.id,
        one.patient
    FROM audit.look l CROSS JOIN LATERAL unnest(coalesce(l.patients, ARRAY[l.patient])) AS one(patient)
    WHERE l.at >= $1::date::timestamp AT TIME ZONE 'Europe/Oslo'
        AND l.at < $2::date::timestamp AT TIME ZONE 'Europe/Oslo'
        AND l.organization_id <> '' AND ($3::text[] IS NULL OR l.organization_id = ANY($3::text[]))
        AND l.page IS NULL AND l.action = ANY($4::text[]) AND one.patient IS NOT NULL
)
SELECT day, organization_id AS organization, max(unit) AS unit, coalesce(why, '') AS why,
    count(DISTINCT id)::int AS looks, count(DISTINCT patient)::int AS people
FROM opened GROUP BY GROUPING SETS ((day, organization_id), (day, organization_id, why)) ORDER BY 1, 2, 4;

-- next_day: the first day that is over and not written, from the first look of a unit on; NULL when that is none
SELECT d::date FROM generate_series(
    coalesce((SELECT max(day) + 1 FROM audit.tally),
             (SELECT (min(at) AT TIME ZONE 'Europe/Oslo')::date FROM audit.look WHERE organization_id <> '')),
    ((now() - interval '1 hour') AT TIME ZONE 'Europe/Oslo')::date - 1, interval '1 day') AS d
LIMIT 1;

-- add_tally: what a unit opened on a day
INSERT INTO audit.tally (day, organization, unit, why, looks, people)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[]) ON CONFLICT DO NOTHING;

-- tallied: what was written of some days
SELECT day, organization, unit, why, looks, people FROM audit.tally
WHERE day >= $1 AND day < $2 AND organization <> '' AND ($3::text[] IS NULL OR organization = ANY($3::text[]))
ORDER BY day, organization, why;

-- last_tally: the last day that was written
SELECT max(day) FROM audit.tally;

-- seals_between: the numbers of the first and the last seal that were made in a time, from a number on, and how many
-- there are; NULL when none was
SELECT min(number) AS first, max(number) AS last, count(*) AS seals, sum(rows)::bigint AS looks FROM audit.seal
WHERE at >= $1 AND at < $2 AND number > $3;

-- seals: some seals as they stand
SELECT number, at, upto, rows, digest, hash, signature, form FROM audit.seal
WHERE number >= $1 AND number <= $2 ORDER BY number LIMIT $3;

-- upto: below which transaction a seal covers looks
SELECT upto, hash FROM audit.seal WHERE number = $1;

-- handed: what was handed over, in order
SELECT h.first, h.last, h.looks, h.manifests, h.at, h.actor, h.signature, s.hash
FROM audit.handed h LEFT JOIN audit.seal s ON s.number = h.last ORDER BY h.last;

-- retire_note: some seals were handed over
INSERT INTO audit.handed (first, last, looks, manifests, at, actor, signature) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- months: the partitions of the log, by name
SELECT c.oid::regclass::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'audit.look'::regclass ORDER BY 1;

-- retire_looks: looks below a transaction, so many at a time
DELETE FROM audit.look WHERE (id, at) IN (SELECT id, at FROM audit.look WHERE xact < $1 ORDER BY xact LIMIT $2);

-- retire_seen: of the next so many lines of what was unfolded, those whose look is not here any more; the last of them
WITH page AS (
    SELECT patient, at, look FROM audit.seen WHERE (patient, at, look) > ($1::bigint, $2::timestamptz, $3::uuid)
    ORDER BY patient, at, look LIMIT $4
), gone AS (
    DELETE FROM audit.seen s USING page p
    WHERE s.patient = p.patient AND s.at = p.at AND s.look = p.look AND p.at < $5
        AND NOT EXISTS (SELECT 1 FROM audit.look l WHERE l.id = p.look AND l.at = p.at)
)
SELECT patient, at, look FROM page ORDER BY patient DESC, at DESC, look DESC LIMIT 1;
