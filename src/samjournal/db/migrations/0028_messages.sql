-- Which work is about a message: 'in' for one that came and is to be read, 'out' for one of ours that did not arrive;
-- counted for a unit on every page (access/waiting.py).
ALTER TABLE access.task ADD COLUMN message text COLLATE "C";
CREATE INDEX task_message ON access.task (owner) WHERE message IS NOT NULL AND done IS NULL;
CREATE INDEX task_message_done ON access.task (done) WHERE message IS NOT NULL AND done IS NOT NULL;

-- What is stored already. 140: Task
UPDATE access.task t SET message = 'in'
FROM store.current c JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
WHERE c.type = 140 AND c.id = t.id AND NOT c.deleted
    AND convert_from(v.body, 'UTF8')::json -> 'focus' ->> 'reference' LIKE 'Communication/%';
