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
INSERT INTO store.current (patient, owner, type, id, version, at, deleted, others, tokens, lo, hi, protected)
VALUES ($1, $2, $3, $4, $5, $6, $7::"char" = 'D', $10, $11, $12, $13, $14)
ON CONFLICT (type, id) DO UPDATE SET owner = excluded.owner, version = excluded.version, at = excluded.at,
    deleted = excluded.deleted, others = excluded.others, tokens = excluded.tokens, lo = excluded.lo,
    hi = excluded.hi, protected = excluded.protected;

-- forget_strings: before a resource's strings are written anew
DELETE FROM store.string WHERE type = $1 AND id = $2;

-- forget_dates: before a resource's dates are written anew
DELETE FROM store.date WHERE type = $1 AND id = $2;

-- add_string: one string value
INSERT INTO store.string (patient, param, type, id, folded, written, closed) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- add_date: one range of a date parameter that is not the main one
INSERT INTO store.date (patient, param, type, id, lo, hi) VALUES ($1, $2, $3, $4, $5, $6);

-- forget_numbers: before a resource's numbers, and the words of its texts, are written anew
WITH words AS (DELETE FROM store.text WHERE patient = $3 AND type = $1 AND id = $2)
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
SELECT gin_clean_pending_list(index::regclass)
FROM unnest(ARRAY['store.current_tokens', 'store.text_words', 'store.display_words']) AS index;

-- look_over: what the planner must know after a large import
ANALYZE store.current, store.string, store.date, store.number, store.display, store.text;

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

-- reindex: what search has of a resource in its own row, anew
UPDATE store.current SET others = $3, tokens = $4, lo = $5, hi = $6, protected = $7 WHERE type = $1 AND id = $2;

-- there: which of some resources are stored and not deleted
SELECT c.type, c.id FROM unnest($1::smallint[], $2::text[]) AS wanted(type, id)
JOIN store.current c USING (type, id) WHERE NOT c.deleted;

-- settled: what is stored from now on is not older: a change has a later time than its beginning, give or take the clocks
SELECT least(now(), min(xact_start)) - interval '1 second' FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND (backend_xid IS NOT NULL OR xact_start > now() - interval '60 seconds');

-- keep_displays: texts of codes and references; those come back that were not there
INSERT INTO store.display (hash, kind, folded, words)
SELECT hash, kind, folded, words::tsvector
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[]) AS put(hash, kind, folded, words)
ON CONFLICT DO NOTHING RETURNING hash;

-- displays: for each full-text query the texts that fit
SELECT asked.place, d.folded FROM unnest($2::text[]) WITH ORDINALITY AS asked(query, place)
JOIN store.display d ON d.kind = ANY($1::smallint[]) AND d.words @@ asked.query::tsquery LIMIT $3;

-- add_texts: the words of some resources
INSERT INTO store.text (patient, type, id, kind, digest, words)
SELECT patient, type, id, kind, digest, words::tsvector
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::smallint[], $5::bigint[], $6::text[])
    AS put(patient, type, id, kind, digest, words);

-- texts_of: what the words of some resources were made from
SELECT t.id, t.kind, t.digest FROM unnest($1::bigint[], $3::text[]) AS asked(patient, id)
JOIN store.text t ON t.patient = asked.patient AND t.type = $2 AND t.id = asked.id;
