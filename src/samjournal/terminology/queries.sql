-- names: what the codes of some CodeSystems are called, or of all
SELECT source, system, code, display, nb, nn, en FROM terminology.concept
WHERE $1::text[] IS NULL OR source = ANY($1);

-- precedence: the CodeSystems, in the order in which their names are taken, and by which transaction each was written
SELECT source, xmin::text FROM terminology.system ORDER BY retired, supplement, version DESC, source;

-- aliases: the names that mean the same
SELECT one, other FROM terminology.alias;

-- loaded: the CodeSystems with the number of their codes
SELECT s.source, s.system, s.version, s.title, s.supplement, s.retired,
    count(c.code) FILTER (WHERE c.active) AS active, count(c.code) AS codes
FROM terminology.system s LEFT JOIN terminology.concept c USING (source)
GROUP BY s.source ORDER BY s.system, s.source;

-- forget_concepts: before the codes of some CodeSystems are written anew
DELETE FROM terminology.concept WHERE source = ANY($1::text[]);

-- forget_systems: and the CodeSystems
DELETE FROM terminology.system WHERE source = ANY($1::text[]);

-- forget_aliases: before the names of some NamingSystems are written anew
DELETE FROM terminology.alias WHERE source = ANY($1::text[]);

-- add_system: one CodeSystem
INSERT INTO terminology.system (source, system, version, title, supplement, retired) VALUES ($1, $2, $3, $4, $5, $6);

-- add_concepts: the codes of one CodeSystem; lists come as lines
INSERT INTO terminology.concept
    (source, system, code, key, display, nb, nn, en, synonyms, parents, active, folded, words)
SELECT $1, $2, code, key, display, nb, nn, en, string_to_array(synonyms, E'\x1f'), string_to_array(parents, E'\x1f'),
    active, folded, array_to_tsvector(string_to_array(words, E'\x1f'))
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::boolean[], $12::text[], $13::text[])
    AS put(code, key, display, nb, nn, en, synonyms, parents, active, folded, words);

-- add_alias: two names that mean the same
INSERT INTO terminology.alias (source, one, other) VALUES ($1, $2, $3);

-- standing_system: a CodeSystem as it stands in the tables
SELECT source, system, version, title, supplement, retired FROM terminology.system WHERE source = $1;

-- standing_concepts: its codes as they stand
SELECT code, key, display, nb, nn, en, synonyms, parents, active, folded, tsvector_to_array(words) AS words
FROM terminology.concept WHERE source = $1;

-- standing_aliases: the names of a NamingSystem as they stand
SELECT one, other FROM terminology.alias WHERE source = $1;

-- find_words: codes whose names have words that begin so, or that begin so themselves; the closest first
SELECT system, code, display, nb, nn, en FROM terminology.concept
WHERE system = ANY($1::text[]) AND active
  AND (words @@ $2::tsquery OR (key >= $3 AND key < $4))
ORDER BY key = $3 DESC, starts_with(key, $3) DESC, starts_with(folded, $5) DESC,
    length(coalesce(nb, display)), code LIMIT $6;

-- find_parts: codes whose names hold these parts anywhere, for words put together of others
SELECT system, code, display, nb, nn, en FROM terminology.concept
WHERE system = ANY($1::text[]) AND active AND folded LIKE ALL($2::text[]) AND NOT code = ANY($3::text[])
ORDER BY length(coalesce(nb, display)), code LIMIT $4;

-- offered: the codes in use of some systems, with everything that they are called
SELECT system, code, display, nb, nn, en, synonyms FROM terminology.concept
WHERE system = ANY($1::text[]) AND active ORDER BY system, code;

-- below: a code and all that lies under it
WITH RECURSIVE tree AS (
    SELECT $2::text COLLATE "C" AS code
    UNION SELECT c.code FROM tree JOIN terminology.concept c
        ON c.parents @> ARRAY[tree.code] AND c.system = ANY($1::text[])
)
SELECT code FROM tree;

-- above: a code and all that it lies under
WITH RECURSIVE tree AS (
    SELECT $2::text COLLATE "C" AS code
    UNION SELECT unnest(c.parents) FROM tree JOIN terminology.concept c
        ON c.code = tree.code AND c.system = ANY($1::text[])
)
SELECT code FROM tree;

-- editions: the CodeSystems of a system with their versions
SELECT source, version FROM terminology.system WHERE system = ANY($1::text[]) ORDER BY source;

-- listed: all codes of some CodeSystems of a system
SELECT code, bool_or(active) AS active FROM terminology.concept
WHERE system = ANY($1::text[]) AND source = ANY($2::text[]) GROUP BY code;

-- like_code: those whose code fits a regular expression
SELECT DISTINCT code FROM terminology.concept
WHERE system = ANY($1::text[]) AND source = ANY($2::text[]) AND code ~ $3;

-- like_display: those whose display does
SELECT DISTINCT code FROM terminology.concept
WHERE system = ANY($1::text[]) AND source = ANY($2::text[]) AND display ~ $3;

-- called: those whose display is one of some
SELECT DISTINCT code FROM terminology.concept
WHERE system = ANY($1::text[]) AND source = ANY($2::text[]) AND display = ANY($3::text[]);

-- like: which of some texts fit a regular expression
SELECT text FROM unnest($1::text[]) AS asked(text) WHERE text ~ $2;

-- having: the systems that have a code
SELECT DISTINCT system FROM terminology.concept WHERE code = $1;
