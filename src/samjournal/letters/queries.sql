-- add: a notice, once for each person, kind and version
INSERT INTO letters.notice (person, person_id, about, kind, level, source, version, unit, before, made, due, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting')
ON CONFLICT (person, kind, source, version) DO NOTHING;

-- due: who has something to be told, the most urgent first
SELECT person, max(person_id) AS person_id, bool_or(level = 'urgent') AS urgent, min(due) AS since FROM letters.notice
WHERE state = 'waiting' AND due <= $1 GROUP BY person ORDER BY urgent DESC, since LIMIT $2;

-- of_person: what somebody is to be told
SELECT id, person_id, about, kind, level, source, version, unit, before FROM letters.notice
WHERE person = $1 AND state = 'waiting' AND due <= $2 ORDER BY made, id LIMIT 500;

-- postpone: some are told later
UPDATE letters.notice SET due = $2 WHERE id = ANY($1::uuid[]) AND state = 'waiting';

-- drop: some are not told, and why
UPDATE letters.notice SET state = 'dropped', why = $2 WHERE id = ANY($1::uuid[]) AND state = 'waiting';

-- take: those of some that wait still, held until the transaction ends
SELECT id FROM letters.notice WHERE id = ANY($1::uuid[]) AND state = 'waiting' FOR UPDATE;

-- add_sending: one message over one channel
INSERT INTO letters.sending (person, person_id, channel, allowed, level, text, unit, before, made, next, state, instead)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11) RETURNING id;

-- told: some notices went with a message
UPDATE letters.notice SET state = 'told', sending = $2 WHERE id = ANY($1::uuid[]);

-- last: when somebody was written to last, of his own accord and not in place of what failed
SELECT max(made) FROM letters.sending WHERE person = $1 AND instead IS NULL AND channel IN ('push', 'sms', 'email');

-- claim: take what is due; when nothing is heard of it, it is due again after the pause
UPDATE letters.sending s SET attempts = s.attempts + 1, next = $1 + least(power(2, s.attempts), 120) * $4::interval
WHERE s.id IN (
    SELECT id FROM letters.sending WHERE state = 'waiting' AND next <= $1 AND channel = ANY($3::text[])
    ORDER BY level <> 'urgent', next LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING s.*;

-- delivered: the channel has it
UPDATE letters.sending SET state = 'delivered', ended = $2, receipt = $3, fault = '' WHERE id = $1 AND state = 'waiting'
RETURNING id;

-- fault: what was said, and not before when it is tried again
UPDATE letters.sending SET fault = $2, next = greatest(next, $3) WHERE id = $1 AND state = 'waiting';

-- end: it goes no further
UPDATE letters.sending SET state = $2, ended = $3, fault = $4 WHERE id = $1 AND state = 'waiting' RETURNING id;

-- retold: its notices go with another
UPDATE letters.notice SET sending = $2 WHERE sending = $1;

-- untold: its notices went with nothing
UPDATE letters.notice SET state = 'dropped', why = $2 WHERE sending = $1;

-- kinds_of: of which kinds a message tells
SELECT DISTINCT kind FROM letters.notice WHERE sending = $1;

-- given: a person has it, as a Task
UPDATE letters.sending SET task = $2, next = 'infinity' WHERE id = $1;

-- by_task: the message that a Task is about
SELECT * FROM letters.sending WHERE task = $1;

-- sending: one message
SELECT * FROM letters.sending WHERE id = $1;

-- wish: how somebody wants to be told
SELECT choices, others, language FROM letters.wish WHERE person = $1;

-- keep_wish: the same, kept
INSERT INTO letters.wish (person, choices, others, language, changed) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person) DO UPDATE SET choices = $2, others = $3, language = $4, changed = $5;

-- subscriptions: browsers that show notices to somebody
SELECT id, endpoint, p256dh, auth, device, made FROM letters.subscription WHERE person = $1 ORDER BY made;

-- subscribe: a browser shows notices; the one who signed in there last gets them
INSERT INTO letters.subscription (person, endpoint, p256dh, auth, device, made) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (endpoint) DO UPDATE SET person = $1, p256dh = $3, auth = $4, device = $5, made = $6;

-- crowded: those of a person beyond the newest so many go
DELETE FROM letters.subscription WHERE person = $1
    AND id NOT IN (SELECT id FROM letters.subscription WHERE person = $1 ORDER BY made DESC LIMIT $2);

-- unsubscribe: a browser shows no more
DELETE FROM letters.subscription WHERE person = $1 AND (id::text = $2 OR endpoint = $2);

-- forget: a push service knows a browser no more
DELETE FROM letters.subscription WHERE id = $1;

-- list: what somebody was told, or is to be, the newest first
SELECT n.kind, n.about, n.made, n.state, n.why, n.due, n.level, s.channel, s.state AS went, s.ended, s.fault, s.attempts
FROM letters.notice n LEFT JOIN letters.sending s ON s.id = n.sending
WHERE n.person = $1 ORDER BY n.made DESC, n.id DESC LIMIT $2;

-- list_about: who was told what about a patient, by any id of his
SELECT n.kind, n.about, n.person_id, n.made, n.state, n.why, n.due, n.level, s.channel, s.state AS went, s.ended,
    s.fault, s.attempts
FROM letters.notice n LEFT JOIN letters.sending s ON s.id = n.sending
WHERE n.about = ANY($1::text[]) ORDER BY n.made DESC, n.id DESC LIMIT $2;

-- by_channel: what waits, what went and what failed, on each channel
SELECT channel, count(*) FILTER (WHERE state = 'waiting') AS waiting,
    min(made) FILTER (WHERE state = 'waiting') AS oldest,
    count(*) FILTER (WHERE state = 'waiting' AND attempts > 1) AS again,
    count(*) FILTER (WHERE state = 'delivered' AND ended > $1) AS delivered,
    count(*) FILTER (WHERE state = 'failed' AND ended > $1) AS failed,
    max(ended) FILTER (WHERE state = 'delivered') AS last,
    (array_agg(fault ORDER BY made DESC) FILTER (WHERE fault <> ''))[1] AS fault
FROM letters.sending WHERE state = 'waiting' OR ended > $1 GROUP BY channel;

-- backlog: notices that wait, and those whose time came, with the oldest of these
SELECT count(*) AS waiting, count(*) FILTER (WHERE due <= $1) AS due, min(due) FILTER (WHERE due <= $1) AS oldest
FROM letters.notice WHERE state = 'waiting';

-- stuck: messages that failed or were tried more than once, the newest first; no word of whom
SELECT id, channel, level, made, attempts, state, fault, next FROM letters.sending
WHERE (state = 'waiting' AND attempts > 1 AND next <> 'infinity') OR (state = 'failed' AND ended > $1)
ORDER BY made DESC LIMIT $2;

-- at_once: one is tried at once
UPDATE letters.sending SET next = $2 WHERE id = $1 AND state = 'waiting' AND next <> 'infinity' RETURNING id;

-- by_hand: letters and calls that wait on people of a unit, the oldest first
SELECT id, person_id, channel, level, made, task FROM letters.sending
WHERE task = ANY($1::text[]) AND state = 'waiting' ORDER BY made;

-- reminders: what some units chose
SELECT unit, days FROM letters.reminder WHERE unit = ANY($1::text[]);

-- all_days: how many days before an appointment any unit reminds
SELECT DISTINCT unnest(days) AS day FROM letters.reminder;

-- keep_reminder: what a unit chose
INSERT INTO letters.reminder (unit, days, changed, by) VALUES ($1, $2, $3, $4)
ON CONFLICT (unit) DO UPDATE SET days = $2, changed = $3, by = $4;

-- forget_source: what was erased is told no more, nor that it was
DELETE FROM letters.notice WHERE source = ANY($1::text[]);

-- forget_told: what somebody who was erased was told, and others of him
DELETE FROM letters.notice WHERE person_id = ANY($1::text[]) OR about = ANY($1::text[]);

-- forget_sent: the messages to him
DELETE FROM letters.sending s WHERE person_id = ANY($1::text[])
    AND NOT EXISTS (SELECT 1 FROM letters.notice n WHERE n.sending = s.id);

-- forget_wish: how he wanted to be told
DELETE FROM letters.wish WHERE person = ANY($1::bigint[]);

-- forget_browsers: and his browsers
DELETE FROM letters.subscription WHERE person = ANY($1::bigint[]);

-- old_notices: what was settled before a day
DELETE FROM letters.notice WHERE made < $1 AND state <> 'waiting';

-- old_sendings: messages of which nothing is kept any more
DELETE FROM letters.sending s WHERE made < $1 AND state <> 'waiting'
    AND NOT EXISTS (SELECT 1 FROM letters.notice n WHERE n.sending = s.id);
