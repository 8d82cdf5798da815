-- Work for people: on whom each thing waits, since when and until when, and when it was done: a projection of Task
-- (access/waiting.py). It says nothing of what the work is about, so that it can be counted on every page.
CREATE TABLE access.task (
    id      text COLLATE "C" PRIMARY KEY,
    patient bigint NOT NULL,            -- 0: about nobody
    owner   bigint NOT NULL,            -- key of the post or the team that it waits on; 0: nobody
    also bigint,                     -- key of another post that it waits on: who stands in, or the team, when the deadline passed
    since   timestamptz NOT NULL,
    due     timestamptz,                -- NULL: no deadline
    done    timestamptz,                -- NULL: it waits
    late    boolean NOT NULL            -- the deadline passed, and it waits on the team too
);
CREATE INDEX task_owner ON access.task (owner, done);
CREATE INDEX task_also ON access.task (also) WHERE also IS NOT NULL AND done IS NULL;
CREATE INDEX task_due ON access.task (due) WHERE done IS NULL AND NOT late;
CREATE INDEX task_patient ON access.task (patient);

-- How far each reader of the feed has come that must pass nothing over: once a change was seen, its work was written.
CREATE TABLE store.follower (
    name text COLLATE "C" PRIMARY KEY,
    xid  xid8 NOT NULL,
    seq  bigint NOT NULL
);
