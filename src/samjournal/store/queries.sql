-- lock: the newest version of some resources, held until the transaction ends; of a deleted one the last content
SELECT c.type, c.id, c.version, c.at, c.deleted, c.patient, c.owner, c.others, c.protected,
    CASE WHEN c.deleted THEN (SELECT before.body FROM store.version before WHERE before.type = c.type
        AND before.id = c.id AND before.body IS NOT NULL ORDER BY before.version DESC LIMIT 1)
    ELSE v.body END AS body
FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id)
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
ORDER BY c.type, c.id
FOR UPDATE OF c;

-- standing: the newest version of some resources
SELECT c.type, c.id, c.version, c.at, c.deleted, v.body
FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id)
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version;

-- put: one new version, what search needs of it, and its line in the feed
WITH version AS (
    INSERT INTO store.version (patient, owner, type, id, version, at, method, author, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7::"char", $8, $9)
), feed AS (
    INSERT INTO store.feed (at, patient, type, id, version, method) VALUES ($6, $1, $3, $4, $5, $7::"char")
)
INSERT INTO store.current (patient, owner, type, id, version, at, deleted, others, tokens, lo, hi, protected, indexed)
VALUES ($1, $2, $3, $4, $5, $6, $7::"char" = 'D', $10, $11, $12, $13, $14, $15)
ON CONFLICT (type, id) DO UPDATE SET owner = excluded.owner, version = excluded.version, at = excluded.at,
    deleted = excluded.deleted, others = excluded.others, tokens = excluded.tokens, lo = excluded.lo,
    hi = excluded.hi, protected = excluded.protected, indexed = excluded.indexed;

-- forget_strings: before a resource's strings are written anew
DELETE FROM store.string WHERE type = $1 AND id = $2;

-- forget_dates: before a resource's dates are written anew
DELETE FROM store.date WHERE type = $1 AND id = $2;

-- add_string: one string value
INSERT INTO store.string (patient, param, type, id, folded, written, closed) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- add_date: one range of a date parameter that is not the main one
INSERT INTO store.date (patient, param, type, id, lo, hi) VALUES ($1, $2, $3, $4, $5, $6);

-- forget_numbers: before a resource's numbers are written anew
DELETE FROM store.number WHERE type = $1 AND id = $2;

-- add_number: one number, or one range of numbers, in one unit
INSERT INTO store.number (patient, param, unit, type, id, lo, hi) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- hold: others who want one of these keys wait until the transaction ends
SELECT pg_advisory_xact_lock(wanted) FROM unnest($1::bigint[]) AS wanted;

-- claim: a thing to be done once; nothing comes back when it was done before
INSERT INTO store.claim (key) VALUES ($1) ON CONFLICT DO NOTHING RETURNING key;

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

-- is_gathering: whether the token index gathers entries
SELECT coalesce('fastupdate=on' = ANY(reloptions), false) FROM pg_class WHERE oid = 'store.current_tokens'::regclass;

-- gather: from now on the token index gathers entries
ALTER INDEX store.current_tokens SET (fastupdate = on);

-- gather_no_more: from now on each entry goes where it belongs
ALTER INDEX store.current_tokens SET (fastupdate = off);

-- merge: put gathered entries where they belong
SELECT gin_clean_pending_list('store.current_tokens'::regclass);

-- look_over: what the planner must know after a large import
ANALYZE store.current, store.string, store.date, store.number;

-- searched: resources of one type after one, with what search has of them in their own row
SELECT c.id, v.body, c.patient, c.others, c.tokens, c.lo, c.hi, c.protected FROM store.current c
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
UPDATE store.current SET others = $3, tokens = $4, lo = $5, hi = $6, protected = $7, indexed = $8
WHERE type = $1 AND id = $2;

-- there: which of some resources are stored and not deleted
SELECT c.type, c.id FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id) WHERE NOT c.deleted;

-- settled: what is stored from now on is not older: a change has a later time than its beginning, give or take the clocks
SELECT least(now(), min(xact_start)) - interval '1 second' FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND (backend_xid IS NOT NULL OR xact_start > now() - interval '60 seconds');

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
SELECT c.id, pg_column_size(v.body) AS size FROM store.current c
JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE c.type = $1 AND NOT c.deleted AND c.at >= $2 AND c.indexed < $3 ORDER BY c.at, c.id LIMIT $4;

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
SELECT id, patient, others, tokens, lo, hi, protected, indexed FROM store.current WHERE type = $1 AND id = ANY($2::text[]);
