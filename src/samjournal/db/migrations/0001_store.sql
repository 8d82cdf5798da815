-- The record's raw store: append-only versions, what search needs of the newest, and the change feed.
CREATE SCHEMA store;

-- The bytes of every version, made once. Never updated, never deleted (expunge is another database role's).
CREATE TABLE store.version (
    patient bigint NOT NULL,          -- key of the patient it lives under; 0 = the system's own
    owner   bigint NOT NULL,          -- key of the organisation responsible for the data; 0 = unknown
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    at      timestamptz NOT NULL,
    method  "char" NOT NULL,          -- C(reate), U(pdate), D(elete)
    author  text NOT NULL,            -- login or client
    body    bytea,                    -- NULL when deleted
    PRIMARY KEY (type, id, version)
);
ALTER TABLE store.version ALTER COLUMN body SET STORAGE MAIN;

-- What search needs of the newest version, and a pointer to it.
CREATE TABLE store.current (
    patient bigint NOT NULL,
    owner   bigint NOT NULL,
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    at      timestamptz NOT NULL,
    deleted boolean NOT NULL,
    others  bigint[] NOT NULL,        -- the other patients that it names: a permit for all of them is needed
    tokens  bigint[] NOT NULL,        -- hashes of token, reference and uri values, type and parameter included
    lo      timestamptz,              -- the type's main date, first and last instant
    hi      timestamptz,
    protected boolean NOT NULL,       -- has fields that most readers never see (confidential address)
    PRIMARY KEY (type, id)
);
CREATE INDEX current_of_patient ON store.current (patient, type, lo DESC NULLS LAST, id) WHERE NOT deleted;
CREATE INDEX current_by_time ON store.current (type, at, id) WHERE NOT deleted;
CREATE INDEX current_by_date ON store.current (type, lo DESC NULLS LAST, id) WHERE NOT deleted;
CREATE INDEX current_tokens ON store.current USING gin (tokens) WITH (fastupdate = off);

-- String parameters: folded for search, as written for :exact. `param` is the hash of "Type.parameter".
CREATE TABLE store.string (
    patient bigint NOT NULL,
    param   bigint NOT NULL,
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    folded  text COLLATE "C" NOT NULL,
    written text COLLATE "C" NOT NULL,
    closed  boolean NOT NULL          -- from a protected field
);
CREATE INDEX string_folded ON store.string (param, left(folded, 200), id);
CREATE INDEX string_of ON store.string (type, id);

-- Date parameters other than the type's main one.
CREATE TABLE store.date (
    patient bigint NOT NULL,
    param   bigint NOT NULL,
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    lo      timestamptz NOT NULL,
    hi      timestamptz NOT NULL
);
CREATE INDEX date_range ON store.date (param, lo, hi, id);
CREATE INDEX date_of ON store.date (type, id);

-- A thing that may be done once, such as the load of one file: its key.
CREATE TABLE store.claim (
    key bytea PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT now()
);

-- What changed, in an order that holds per patient. Readers keep (xid, seq) as their cursor and take rows
-- below the oldest running transaction, so that none is passed over.
CREATE TABLE store.feed (
    xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq     bigint GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL,
    patient bigint NOT NULL,
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    method  "char" NOT NULL
) PARTITION BY RANGE (at);
CREATE TABLE store.feed_rest PARTITION OF store.feed DEFAULT;
CREATE INDEX feed_order ON store.feed (xid, seq);
