-- The log by organisation and by time, and who looked as a reference; both are sealed with the rest of a look.

ALTER TABLE audit.look ADD COLUMN organization_id text COLLATE "C" NOT NULL DEFAULT '';  -- the unit's id, '' for systems
ALTER TABLE audit.look ADD COLUMN agent text COLLATE "C" NOT NULL DEFAULT '';            -- PractitionerRole/7, Patient/7
CREATE INDEX look_at ON audit.look (at, id);
CREATE INDEX look_organization ON audit.look (organization_id, at, id) WHERE organization_id <> '';

-- Which columns a seal covers: 1 is without the two above, as those seals were made; 2 is with them.
ALTER TABLE audit.seal ADD COLUMN form smallint NOT NULL DEFAULT 1;

-- How far a job has read the log: the looks of transactions below `xact`, and in that one up to `look`.
CREATE TABLE audit.follower (
    name text COLLATE "C" PRIMARY KEY,
    xact bigint NOT NULL,
    look uuid NOT NULL
);

-- Looks that ask for a question, by rule (access/anomalies.py). The review list has one line for alike ones that wait.
CREATE TABLE access.finding (
    look         uuid NOT NULL,
    rule         text NOT NULL,
    patient      bigint NOT NULL,              -- 0 where it is about several
    actor        text NOT NULL,
    organization text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,         -- of the look
    PRIMARY KEY (look, rule, patient)
);
CREATE INDEX review_anomaly ON access.review (actor, patient) WHERE kind = 'anomaly' AND reviewed IS NULL;

-- How many different patients somebody opened in each hour: what is usual for him.
CREATE TABLE access.pace (
    actor    text NOT NULL,
    hour     timestamptz NOT NULL,
    patients integer NOT NULL,
    PRIMARY KEY (actor, hour)
);

-- How many records each unit opened on each day (Oslo), by kind of relation; why '' for all kinds, with how many different
-- people. A day is written when it is over.
CREATE TABLE audit.tally (
    day          date NOT NULL,
    organization text COLLATE "C" NOT NULL,    -- '' says that the day was written
    unit         text NOT NULL,                -- its name
    why          text NOT NULL,
    looks        integer NOT NULL,
    people       integer NOT NULL,
    PRIMARY KEY (day, organization, why)
);

-- Seals whose looks were handed over to an archive and are not here any more: which, by which exports (SHA-256 of their
-- manifests), signed with the key that seals.
CREATE TABLE audit.handed (
    first     bigint NOT NULL,                 -- seals from this one
    last      bigint PRIMARY KEY,              -- to this one
    looks     bigint NOT NULL,
    manifests text[] NOT NULL,
    at        timestamptz NOT NULL,
    actor     text NOT NULL,
    signature bytea NOT NULL
);
