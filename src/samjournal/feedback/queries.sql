-- say: somebody said something about a page
INSERT INTO feedback.remark (id, at, due, page, version, language, words, asked_by, wants, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open');

-- forget: what was handled before a day is kept no longer
DELETE FROM feedback.remark WHERE state <> 'open' AND handled < $1;

-- open: what waits, what is due first on top
SELECT * FROM feedback.remark WHERE state = 'open' ORDER BY due, id LIMIT $1;

-- handled: what was answered or closed, the last first
SELECT * FROM feedback.remark WHERE state <> 'open' ORDER BY handled DESC, id LIMIT $1;

-- one: one that waits
SELECT * FROM feedback.remark WHERE id = $1 AND state = 'open';

-- counted: by page and version, with what waits and what is late at $1
SELECT page, version, count(*) AS said, count(*) FILTER (WHERE state = 'open') AS waiting,
    count(*) FILTER (WHERE state = 'open' AND due < $1) AS late, max(at) AS last
FROM feedback.remark GROUP BY page, version ORDER BY waiting DESC, page, version LIMIT 500;

-- late: how many wait past their deadline at $1
SELECT count(*) FROM feedback.remark WHERE state = 'open' AND due < $1;

-- handle: answered or closed, once; who wanted an answer is forgotten, and the words when $5 says so
UPDATE feedback.remark SET state = $2, handled = $3, handled_by = $4, asked_by = NULL,
    words = CASE WHEN $5 THEN '' ELSE words END, said = $6
WHERE id = $1 AND state = 'open' RETURNING id;
