-- lock: the newest version of some resources, held until the transaction ends; of a deleted one the last content. What
-- was changed while it was waited for comes without its new version, which this statement does not see yet (`is_whole`)
SELECT c.type, c.id, c.version, c.at, c.deleted, c.patient, c.owner, c.others, c.protected, c.part, c.released,
    EXISTS (SELECT 1 FROM access.civil hid WHERE hid.hidden AND hid.patient = ANY(c.others || c.patient))
        OR CASE WHEN c.type = 114 THEN access.hides_parent(c.id) ELSE false END AS hidden, -- as store/hiding.py
    CASE WHEN c.deleted THEN (SELECT before.body FROM store.version before WHERE before.type = c.type
        AND before.id = c.id AND before.body IS NOT NULL ORDER BY before.version DESC LIMIT 1)
    ELSE v.body END AS body, v.method::text AS method, v.version IS NOT NULL AS is_whole
FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id)
LEFT JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
ORDER BY c.type, c.id
FOR UPDATE OF c;

-- standing: the newest version of some resources
SELECT c.type, c.id, c.version, c.at, c.deleted, c.patient, v.body, v.method::text AS method
FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id)
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version;

-- put: one new version, what search needs of it in the place of what was there, and its line in the feed. What is deleted
-- stays blocked and withheld in its history by what it said; searches pass over it
WITH version AS (
    INSERT INTO store.version (patient, owner, type, id, version, at, method, author, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7::"char", $8, $9)
), feed AS (
    INSERT INTO store.feed (at, patient, type, id, version, method) VALUES ($6, $1, $3, $4, $5, $7::"char")
), old_strings AS (
    DELETE FROM store.string WHERE $5 > 1 AND type = $3 AND id = $4
), old_dates AS (
    DELETE FROM store.date WHERE $5 > 1 AND type = $3 AND id = $4
), old_numbers AS (
    DELETE FROM store.number WHERE $5 > 1 AND type = $3 AND id = $4
), old_texts AS (
    DELETE FROM store.text WHERE $5 > 1 AND patient = $1 AND type = $3 AND id = $4
), strings AS (
    INSERT INTO store.string (patient, param, type, id, folded, written, closed)
    SELECT $1, param, $3, $4, folded, written, closed
    FROM unnest($18::bigint[], $19::text[], $20::text[], $21::boolean[]) AS new(param, folded, written, closed)
), dates AS (
    INSERT INTO store.date (patient, param, type, id, lo, hi)
    SELECT $1, param, $3, $4, lo, hi
    FROM unnest($22::bigint[], $23::timestamptz[], $24::timestamptz[]) AS new(param, lo, hi)
), numbers AS (
    INSERT INTO store.number (patient, param, unit, type, id, lo, hi)
    SELECT $1, param, unit, $3, $4, lo, hi
    FROM unnest($25::bigint[], $26::bigint[], $27::float8[], $28::float8[]) AS new(param, unit, lo, hi)
)
INSERT INTO store.current (patient, owner, type, id, version, at, deleted, others, tokens, lo, hi, protected, indexed,
    part, released)
VALUES ($1, $2, $3, $4, $5, $6, $7::"char" IN ('D', 'X'), $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (type, id) DO UPDATE SET owner = excluded.owner, version = excluded.version, at = excluded.at,
    deleted = excluded.deleted, others = excluded.others,
    tokens = CASE WHEN $7::"char" = 'D' THEN store.current.tokens ELSE excluded.tokens END,
    lo = CASE WHEN $7::"char" = 'D' THEN store.current.lo ELSE excluded.lo END,
    hi = CASE WHEN $7::"char" = 'D' THEN store.current.hi ELSE excluded.hi END, protected = excluded.protected, indexed = excluded.indexed, part = excluded.part,
    released = excluded.released;

-- add_string: one string value
INSERT INTO store.string (patient, param, type, id, folded, written, closed) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- add_date: one range of a date parameter that is not the main one
INSERT INTO store.date (patient, param, type, id, lo, hi) VALUES ($1, $2, $3, $4, $5, $6);

-- add_number: one number, or one range of numbers, in one unit
INSERT INTO store.number (patient, param, unit, type, id, lo, hi) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- hold: others who want one of these keys wait until the transaction ends
SELECT pg_advisory_xact_lock(wanted) FROM unnest($1::bigint[]) AS wanted;

-- claim: a thing to be done once; nothing comes back when it was done before
INSERT INTO store.claim (key) VALUES ($1) ON CONFLICT DO NOTHING RETURNING key;

-- claim_new: some things to be done once; those come back that were not done before
INSERT INTO store.claim (key) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING RETURNING key;

-- claim_all: some things that are done
INSERT INTO store.claim (key) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING;

-- claimed_of: which of some things were done
SELECT key FROM store.claim WHERE key = ANY($1::bytea[]);

-- feed: what changed since a cursor, up to the oldest transaction that still runs
SELECT xid::text AS xid, seq, at, patient, type, id, version, method::text AS method FROM store.feed
WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, seq LIMIT $3;

-- feed_end: the cursor of a reader that wants only what comes from now on
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid, 0::bigint AS seq;

-- follower: how far a reader of the feed has come
SELECT xid::text AS xid, seq FROM store.follower WHERE name = $1;

-- keep_follower: it has come so far; never back
INSERT INTO store.follower (name, xid, seq) VALUES ($1, $2::text::xid8, $3)
ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, seq = excluded.seq
WHERE (follower.xid, follower.seq) < (excluded.xid, excluded.seq);

-- recent: those of some resources that are there and whose main date is not before a day, and who wrote what stands
SELECT c.type, c.id, v.author FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id) JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE NOT c.deleted AND (c.hi IS NULL OR c.hi >= $3);

-- versions: some versions as they were written, and by whom
SELECT v.type, v.id, v.version, v.author, v.body, v.patient
FROM unnest($1::smallint[], $2::text[], $3::integer[]) AS wanted(type, id, version)
JOIN store.version v USING (type, id, version);

-- ids_of_type: ids of one type after one, for jobs that walk through all
SELECT c.id, v.body FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE c.type = $1 AND NOT c.deleted AND c.id > $2 ORDER BY c.id LIMIT $3;

-- stored_among: which of some resources are stored
SELECT c.type, c.id FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id) JOIN store.current c USING (type, id);

-- hold_bulk: say that this session writes in bulk
SELECT pg_advisory_lock_shared($1);

-- release_bulk: say that it no longer does
SELECT pg_advisory_unlock_shared($1);

-- no_bulk: whether nobody writes in bulk; nobody begins until the transaction ends
SELECT pg_try_advisory_xact_lock($1);

-- is_bulk: whether somebody writes in bulk now
SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = ($1::bigint >> 32)::oid AND objid = ($1::bigint & 4294967295)::oid AND objsubid = 1);

-- is_gathering: whether the token index gathers entries
SELECT coalesce('fastupdate=on' = ANY(reloptions), false) FROM pg_class WHERE oid = 'store.current_tokens'::regclass;

-- gather: from now on the token index gathers entries
SELECT store.gather(true);

-- gather_no_more: from now on each entry goes where it belongs
SELECT store.gather(false);

-- merge: put gathered entries where they belong
SELECT store.merge_gathered();

-- look_over: what the planner must know after a large import
ANALYZE store.current, store.string, store.date, store.number, store.display, store.text;

-- searched: resources of one type after one, with what search has of them in their own row
SELECT c.id, v.body, c.patient, c.others, c.tokens, c.lo, c.hi, c.protected, c.part, c.released FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE c.type = $1 AND NOT c.deleted AND c.id > $2 ORDER BY c.id LIMIT $3;

-- strings_of: the string rows of some resources
SELECT id, param, folded, written, closed FROM store.string WHERE type = $1 AND id = ANY($2::text[]);

-- dates_of: the date rows of some resources
SELECT id, param, lo, hi FROM store.date WHERE type = $1 AND id = ANY($2::text[]);

-- numbers_of: the number rows of some resources
SELECT id, param, unit, lo, hi FROM store.number WHERE type = $1 AND id = ANY($2::text[]);

-- forget_all_strings: before the strings of some resources are written anew
DELETE FROM store.string WHERE type = $1 AND id = ANY($2::text[]);

-- forget_all_dates: before the dates of some resources are written anew
DELETE FROM store.date WHERE type = $1 AND id = ANY($2::text[]);

-- forget_all_numbers: before the numbers of some resources are written anew
DELETE FROM store.number WHERE type = $1 AND id = ANY($2::text[]);

-- reindex: what search has of a resource in its own row, anew
UPDATE store.current SET others = $3, tokens = $4, lo = $5, hi = $6, protected = $7, indexed = $8,
    part = $9, released = $10
WHERE type = $1 AND id = $2;

-- there: which of some resources are stored and not deleted
SELECT c.type, c.id FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id) WHERE NOT c.deleted;

-- settled: what is stored from now on is not older: a change has a later time than its beginning, give or take the clocks
SELECT least(now(), min(xact_start)) - interval '1 second' FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND (backend_xid IS NOT NULL OR xact_start > now() - interval '60 seconds');

-- jobs_of: how many jobs of somebody are not ended, and how many there are
SELECT count(*) FILTER (WHERE state IN ('waiting', 'running')) AS open, count(*) AS all FROM store.job
WHERE actor = $1 AND state <> 'cancelled';

-- add_job: something to be answered later
INSERT INTO store.job (id, actor, rights, token, request, body, changes) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- take_job: the next job to work on; one that its worker left is taken up again, unless it writes
UPDATE store.job SET state = 'running', begun = coalesce(begun, now()), beat = now(), tries = tries + 1
WHERE id = (
    SELECT id FROM store.job
    WHERE state = 'waiting' OR (state = 'running' AND beat < now() - $1::interval AND NOT changes AND tries < $2)
    ORDER BY asked LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, token, request, body, changes;

-- lost_jobs: jobs that their worker left and that are not begun again
SELECT id FROM store.job WHERE state = 'running' AND beat < now() - $1::interval AND (changes OR tries >= $2);

-- beat_job: its worker is alive; nothing comes back when nobody wants the job any more
UPDATE store.job SET beat = now() WHERE id = $1 AND state = 'running' RETURNING id;

-- put_job_back: a job that its worker leaves for the next
UPDATE store.job SET state = 'waiting', tries = tries - 1 WHERE id = $1 AND state = 'running';

-- end_job: the answer; the request is not kept any longer
UPDATE store.job SET state = 'done', ended = now(), answer = $2, types = $3, ids = $4, protected = $5, request = '',
    body = ''
WHERE id = $1 AND state = 'running';

-- job: a job as who asked for it sees it, and how many come before it
SELECT actor, rights, state, asked, begun, ended, answer, types, ids, protected,
    (SELECT count(*) FROM store.job b WHERE b.state = 'waiting' AND b.asked < j.asked) AS before
FROM store.job j WHERE id = $1 AND state <> 'cancelled';

-- cancel_job: nobody wants it any more; what is running is told by its next beat
WITH gone AS (DELETE FROM store.job WHERE id = $1 AND state <> 'running')
UPDATE store.job SET state = 'cancelled', ended = now() WHERE id = $1 AND state = 'running';

-- tidy_jobs: jobs whose time is over
DELETE FROM store.job WHERE ended < now() - $1::interval OR (state = 'cancelled' AND beat < now() - interval '1 minute');
-- keep_displays: texts of codes and references; those come back that were not there
INSERT INTO store.display (hash, kind, folded, words)
SELECT hash, kind, folded, words::tsvector
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[]) AS put(hash, kind, folded, words)
ON CONFLICT DO NOTHING RETURNING hash;

-- displays: for each full-text query the texts that fit
SELECT asked.place, d.folded FROM unnest($2::text[]) WITH ORDINALITY AS asked(query, place)
JOIN store.display d ON d.kind = ANY($1::smallint[]) AND d.words @@ asked.query::tsquery LIMIT $3;

-- forget_texts: before the words of some resources are written anew
DELETE FROM store.text t USING unnest($1::bigint[], $2::smallint[], $3::text[]) AS gone(patient, type, id)
WHERE t.patient = gone.patient AND t.type = gone.type AND t.id = gone.id;

-- add_texts: the words of some resources
INSERT INTO store.text (patient, type, id, kind, digest, words)
SELECT patient, type, id, kind, digest, words::tsvector
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::smallint[], $5::bigint[], $6::text[])
    AS put(patient, type, id, kind, digest, words);

-- texts_of: what the words of some resources were made from
SELECT t.id, t.kind, t.digest FROM unnest($1::bigint[], $3::text[]) AS asked(patient, id)
JOIN store.text t ON t.patient = asked.patient AND t.type = $2 AND t.id = asked.id;

-- parameters: the active search parameters of administrators
SELECT id, type, code, kind, expression, targets, version, since, at, author FROM store.parameter ORDER BY type, code;

-- renewals: how far the resources of each type are indexed by them
SELECT type, wanted, ready, asked, walked, done, total, begun, looked FROM store.renewal ORDER BY type;

-- parameters_mark: what is another once anything of them changed: what is active, what is stored, how far it is
SELECT concat_ws(' ', (SELECT sum(wanted::bigint) FROM store.renewal), (SELECT sum(ready::bigint) FROM store.renewal)) AS active,
    concat_ws(' ', (SELECT count(*) FROM store.current WHERE type = $1 AND NOT deleted),
        (SELECT max(at) FROM store.current WHERE type = $1 AND NOT deleted)) AS stored,
    coalesce((SELECT sum(done) FROM store.renewal WHERE ready < wanted), 0)::bigint AS done;

-- hold_parameters: others who change them wait until the transaction ends
SELECT pg_advisory_xact_lock($1);

-- drop_parameter: a parameter is active no more
DELETE FROM store.parameter WHERE id = $1 RETURNING type;

-- confirm_parameter: of which version of its SearchParameter an active one is
UPDATE store.parameter SET version = $2 WHERE id = $1;

-- add_parameter: a parameter is active for a type, from the set that the type wants now
INSERT INTO store.parameter (id, type, code, kind, expression, targets, version, since, at, author)
SELECT $1, $2, $3, $4, $5, $6, $7, wanted, $8, $9 FROM store.renewal WHERE type = $2;

-- ask_renewal: a type has another set of parameters from now on
INSERT INTO store.renewal (type, wanted, asked, looked) SELECT wanted, 1, now(), now() FROM unnest($1::smallint[]) wanted
ON CONFLICT (type) DO UPDATE SET wanted = renewal.wanted + 1, asked = now(), walked = '', done = 0, total = NULL,
    begun = NULL, looked = now();

-- own_renewal: nobody else goes on with the same until the transaction ends
SELECT pg_try_advisory_xact_lock($1, $2);

-- next_renewal: a type that is not indexed by its newest set
SELECT type, wanted, asked, walked, done, total, looked FROM store.renewal WHERE ready < wanted
ORDER BY asked, type LIMIT 1;

-- outdated_total: how many resources of a type were indexed by an older set, counted up to a limit
SELECT count(*) FROM (SELECT 1 FROM store.current WHERE type = $1 AND NOT deleted AND indexed < $2 LIMIT $3) counted;

-- outdated_plan: how many resources a type has, as the planner thinks
EXPLAIN (FORMAT JSON) SELECT 1 FROM store.current WHERE type = $1 AND NOT deleted;

-- set_total: of how many the walk is
UPDATE store.renewal SET total = $3, begun = now() WHERE type = $1 AND wanted = $2 AND total IS NULL;

-- outdated: the next resources of a type after an id that were indexed by an older set
SELECT c.id, pg_column_size(v.body) AS size FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE c.type = $1 AND NOT c.deleted AND c.id > $2 AND c.indexed < $3 ORDER BY c.id LIMIT $4;

-- outdated_lately: resources stored since a moment by somebody who knew an older set
SELECT c.id, pg_column_size(v.body) AS size FROM store.version v
JOIN store.current c ON c.type = v.type AND c.id = v.id AND c.version = v.version
WHERE v.type = $1 AND v.at >= $2 AND NOT c.deleted AND c.indexed < $3 ORDER BY v.at, v.id LIMIT $4;

-- mark_indexed: resources that the newest set finds nothing else in
UPDATE store.current SET indexed = $3 WHERE type = $1 AND id = ANY($2::text[]);

-- walk_on: how far the walk has come; NULL is through
UPDATE store.renewal SET walked = $3, done = done + $4 WHERE type = $1 AND wanted = $2;

-- is_quiet: whether nobody writes any more who began before a moment
SELECT now() > $1 AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start <= $1
    AND (backend_xid IS NOT NULL OR xact_start > now() - interval '60 seconds'));

-- set_ready: all resources of a type are indexed by a set
UPDATE store.renewal SET ready = $2, looked = now() WHERE type = $1 AND wanted = $2;

-- looked_after: what was stored until now is looked after
UPDATE store.renewal SET looked = now() WHERE type = $1;

-- search_parameters: every SearchParameter that is stored
SELECT c.id, c.version, v.body FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE c.type = $1 AND NOT c.deleted ORDER BY c.id;

-- indexed_of: the rows in store.current of some resources
SELECT id, patient, others, tokens, lo, hi, protected, indexed, part, released FROM store.current
WHERE type = $1 AND id = ANY($2::text[]);

-- erase_bodies: what still stands of some resources, or of one version of them
SELECT v.type, v.id, v.version, v.body FROM unnest($1::smallint[], $2::text[]) AS gone(type, id)
JOIN store.version v USING (type, id) WHERE v.body IS NOT NULL AND ($3::integer IS NULL OR v.version = $3);

-- erase_mark: a tombstone for each of them
INSERT INTO store.tombstone (type, id, version, digest, erasure, decision, proposed_by, confirmed_by)
SELECT v.type, v.id, v.version, sha256(v.body), $4, $5, $6, $7 FROM unnest($1::smallint[], $2::text[]) AS gone(type, id)
JOIN store.version v USING (type, id) WHERE v.body IS NOT NULL AND ($3::integer IS NULL OR v.version = $3);

-- erase_clear: the tombstone takes the place of what stood there
UPDATE store.version v SET body = NULL, method = 'X' FROM unnest($1::smallint[], $2::text[]) AS gone(type, id)
WHERE v.type = gone.type AND v.id = gone.id AND v.body IS NOT NULL AND ($3::integer IS NULL OR v.version = $3);

-- erase_tell: one version is erased, for the readers of the feed
INSERT INTO store.feed (at, patient, type, id, version, method) VALUES (now(), $1, $2, $3, $4, 'X');

-- erase_next: the next resources under a patient that are not erased, one left out
SELECT type, id FROM (
    (SELECT c.type, c.id, c.version FROM store.current c WHERE c.patient = $1 AND NOT c.deleted)
    UNION ALL
    (SELECT c.type, c.id, c.version FROM store.current c WHERE c.patient = $1 AND c.deleted)
) c JOIN store.version v USING (type, id, version)
WHERE v.method <> 'X' AND NOT (type = $2 AND id = $3) ORDER BY type, id LIMIT $4;

-- erase_counted: how many resources lie under a patient that are not erased, and whose they are
SELECT c.owner, count(*) AS resources FROM (
    (SELECT c.type, c.id, c.version, c.owner FROM store.current c WHERE c.patient = $1 AND NOT c.deleted)
    UNION ALL
    (SELECT c.type, c.id, c.version, c.owner FROM store.current c WHERE c.patient = $1 AND c.deleted)
) c JOIN store.version v USING (type, id, version) WHERE v.method <> 'X' GROUP BY c.owner;

-- erase_stands: the versions of a resource that still say something
SELECT c.patient, c.owner, c.version AS newest, count(v.version) AS versions, min(v.at) AS first, max(v.at) AS last,
    coalesce(bool_or(v.version = $3), false) AS has
FROM store.current c LEFT JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.body IS NOT NULL
WHERE c.type = $1 AND c.id = $2 GROUP BY c.type, c.id;

-- erase_referrers: what refers to a resource, and does not lie under a patient who is erased whole
SELECT type, id FROM store.current WHERE tokens @> ARRAY[$1::bigint] AND NOT deleted AND patient IS DISTINCT FROM $2
ORDER BY type, id LIMIT $3;

-- erase_by_index: what follows is asked of the token index alone, which is looked through in part where much is found. The
-- planner hopes to find the first soon in any order, and what is asked here mostly is nowhere
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
    set_config('enable_indexonlyscan', 'off', true), set_config('gin_fuzzy_search_limit', '10000', true);

-- erase_used: which of some texts a resource has, by the tokens of each
SELECT asked.hash FROM unnest($1::bigint[], $2::bigint[]) AS asked(hash, token)
WHERE EXISTS (SELECT 1 FROM store.current c WHERE c.tokens @> ARRAY[asked.token]);

-- erase_used_anywhere: whether any resource has one of some tokens
SELECT EXISTS (SELECT 1 FROM store.current c WHERE c.tokens && $1::bigint[]);

-- erase_displays: texts that nobody has any more
DELETE FROM store.display WHERE hash = ANY($1::bigint[]);

-- erase_hold_jobs: answers that are about to be kept wait until this transaction ends
LOCK TABLE store.job IN SHARE ROW EXCLUSIVE MODE;

-- erase_jobs: answers that show what is erased
DELETE FROM store.job j WHERE EXISTS (SELECT 1 FROM unnest(j.types, j.ids) AS shown(type, id)
    JOIN unnest($1::smallint[], $2::text[]) AS gone(type, id) USING (type, id));

-- erased_meanwhile: whether anything that an answer shows was erased since it was begun
SELECT EXISTS (SELECT 1 FROM unnest($2::smallint[], $3::text[]) AS shown(type, id)
    JOIN store.tombstone t USING (type, id) JOIN store.job j ON j.id = $1 WHERE t.at > j.begun - interval '1 minute');

-- drop_job: an answer that is not to be had
DELETE FROM store.job WHERE id = $1;

-- tombstone: by which decision a version was erased, the newest of its resource or an earlier one
SELECT t.version, t.at, t.decision, t.digest FROM store.version v JOIN store.tombstone t
    ON t.type = v.type AND t.id = v.id AND t.version <= v.version
WHERE v.type = $1 AND v.id = $2 AND v.version = $3 AND v.method = 'X' ORDER BY t.version DESC LIMIT 1;

-- begin_draft: the first save of a draft; nothing when its id is taken
INSERT INTO store.draft (id, patient, patient_id, actor, agent, name, role, unit, part, about, base, title, quiet,
    version, body, page, begun, saved)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $16, $16)
ON CONFLICT DO NOTHING RETURNING id;

-- save_draft: what is written now, when no other page saved since version $4
UPDATE store.draft SET title = $5, quiet = $6, body = $7, base = $8, saved = $9, page = $10, version = version + 1
WHERE id = $1 AND actor = $2 AND patient = ANY($3::bigint[]) AND (version = $4 OR page = $10) AND ended IS NULL
RETURNING id;

-- draft: one, ended ones too
SELECT * FROM store.draft WHERE id = $1 AND actor = $2 AND part = $3;

-- end_draft: it was signed or discarded; the words go
UPDATE store.draft SET ended = $4, became = $5, body = NULL, title = '', version = version + 1
WHERE id = $1 AND actor = $2 AND patient = ANY($7::bigint[]) AND (version = $3 OR page = $6)
    AND ended IS NULL RETURNING id;

-- end_unsaved: a draft that was signed before it was ever saved, so that it is not signed twice
INSERT INTO store.draft (id, patient, patient_id, actor, agent, name, role, unit, part, about, base, title, quiet,
    version, page, begun, saved, ended, became)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', true, 1, '', $12, $12, $12, $13)
ON CONFLICT DO NOTHING RETURNING id;

-- drafts_of: what somebody has begun and not ended, the oldest first
SELECT * FROM store.draft WHERE actor = $1 AND part = $2 AND ended IS NULL AND ($3::bigint[] IS NULL OR patient = ANY($3))
ORDER BY saved LIMIT $4;

-- others_writing: who else has written on something of a patient lately; of one whose address is confidential those whom
-- the reader knows
SELECT name, role, unit, about, begun, saved FROM store.draft d
WHERE patient = ANY($1::bigint[]) AND actor <> $2 AND ended IS NULL AND NOT quiet AND part = 0 AND saved > $3
    AND (agent = ANY($4::bigint[])
        OR NOT EXISTS (SELECT 1 FROM access.civil hid WHERE hid.hidden AND hid.patient = d.patient))
ORDER BY saved DESC LIMIT 20;

-- author: who stored a version, and whether the address of its patient is confidential
SELECT author, EXISTS (SELECT 1 FROM access.civil hid WHERE hid.hidden AND hid.patient = v.patient) AS hidden
FROM store.version v WHERE type = $1 AND id = $2 AND version = $3;

-- drafts_left: what somebody has begun and not ended, in whatever part
SELECT * FROM store.draft WHERE actor = $1 AND ended IS NULL ORDER BY saved, id LIMIT $2;

-- erase_drafts: of somebody whose record is erased, and what changes something that is
DELETE FROM store.draft WHERE patient = ANY($1::bigint[]) OR about = ANY($2::text[]);

-- used: how many resources of a type that an organisation answers for have a token, counted as far as a limit
SELECT count(*) FROM (SELECT 1 FROM store.current WHERE type = $1 AND tokens @> ARRAY[$2::bigint] AND NOT deleted
    AND owner = ANY($3::bigint[]) LIMIT $4) AS found;

-- occupied_by: what some Appointments take
SELECT id, key, lane, asked, lower(period) AS lo, upper(period) AS hi FROM store.occupied WHERE id = ANY($1::text[]);

-- leave: what some Appointments take is free again
DELETE FROM store.occupied WHERE id = ANY($1::text[]);

-- occupy: take times, those of one after those of another, so that nobody waits for one who waits for him
INSERT INTO store.occupied (id, key, lane, asked, period)
SELECT id, key, lane, asked, tstzrange(lo, hi)
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
    AS taken(id, key, lane, asked, lo, hi)
ORDER BY key, lo, lane, id
ON CONFLICT DO NOTHING RETURNING id, key, asked, lower(period) AS lo, upper(period) AS hi;

-- occupied: when some are taken, times that touch as one; nobody is told by what. Not by `&&`: the index that keeps times
-- apart would be taken for it once the plan looks at no values any longer, and that is twenty times slower
SELECT wanted.key, extract(epoch FROM lower(taken.period))::bigint AS lo, extract(epoch FROM upper(taken.period))::bigint AS hi
FROM unnest($1::bigint[]) AS wanted(key) CROSS JOIN LATERAL (
    SELECT range_agg(o.period) AS all_of_it FROM store.occupied o
    WHERE o.key = wanted.key AND upper(o.period) > $2 AND lower(o.period) < $3 AND NOT o.id = ANY($4::text[])
) together CROSS JOIN LATERAL unnest(together.all_of_it) AS taken(period);

-- lanes_of: which lanes of some are taken at any time
SELECT DISTINCT key, lane FROM store.occupied WHERE key = ANY($1::bigint[]);

-- appointments_to_come: Appointments that begin after a moment, some at a time
SELECT id FROM store.current WHERE type = $1 AND lo > $2 AND id > $3 AND NOT deleted ORDER BY id LIMIT $4;

-- lanes_taken: which lanes of one are taken at a time
SELECT DISTINCT lane FROM store.occupied WHERE key = $1 AND upper(period) > $2 AND lower(period) < $3 AND NOT id = ANY($4::text[]);

-- over: times that were over before a moment, which nobody asks for any longer
DELETE FROM store.occupied WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM store.occupied WHERE upper(period) < $1 LIMIT $2));

-- appointments_naming: Appointments that name one of some references (as tokens)
SELECT id FROM store.current WHERE type = $1 AND tokens && $2::bigint[] AND NOT deleted ORDER BY id;
