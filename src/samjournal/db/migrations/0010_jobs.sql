-- What somebody asked to have answered later, and the answer for as long as it is kept. Deleted when its time is over.
CREATE TABLE store.job (
    id        uuid PRIMARY KEY,
    actor     text COLLATE "C" NOT NULL,
    rights    text NOT NULL,              -- kind, role, unit and scopes of who asked: nobody with others may fetch
    token     bytea NOT NULL,             -- sha-256 of the token: it is worked on only while that is valid
    request   bytea NOT NULL,
    body      bytea NOT NULL,
    changes   boolean NOT NULL,           -- writes something, so it is not begun twice
    state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'cancelled')),
    asked     timestamptz NOT NULL DEFAULT now(),
    begun     timestamptz,
    beat      timestamptz,                -- when its worker was last known to be alive
    ended     timestamptz,
    tries     smallint NOT NULL DEFAULT 0,
    answer    bytea,
    types     smallint[],                 -- the resources that the answer shows: asked of the permit anew at each fetch
    ids       text[] COLLATE "C",
    protected integer                     -- how many of them had protected fields then
);
CREATE INDEX job_open ON store.job (asked) WHERE state IN ('waiting', 'running');
CREATE INDEX job_actor ON store.job (actor);
