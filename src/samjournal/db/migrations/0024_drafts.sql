-- What somebody is writing and has not signed. It is no version of the record: nobody reads its text but who writes it,
-- and it stays until he signs or discards it. When it ends, the words go and the row stays, so that a form that is sent
-- twice is known again.
CREATE TABLE store.draft (
    id         uuid PRIMARY KEY,           -- chosen by the page that it was begun on
    patient    bigint NOT NULL,            -- key
    patient_id text COLLATE "C" NOT NULL,
    actor      text COLLATE "C" NOT NULL,  -- login of who writes
    agent      bigint NOT NULL,            -- key of his PractitionerRole, as others may know him by
    name       text NOT NULL,              -- who writes, as colleagues see it
    role       text NOT NULL,
    unit       text NOT NULL,
    part       smallint NOT NULL,          -- of a service that is not health care: read in that service alone
    about      text COLLATE "C" NOT NULL,  -- a type when it will be new, `Type/id` when it changes what stands
    base       integer NOT NULL,           -- the version that it was begun from; 0 when it will be new
    title      text NOT NULL,
    quiet      boolean NOT NULL,           -- colleagues are not told that it is being written
    version    integer NOT NULL,           -- counts each save, so that two devices do not overwrite each other
    page       text NOT NULL,              -- the open page that saved last: it follows on itself, also when an answer was lost
    body       bytea,                      -- what was written, NULL when ended
    begun      timestamptz NOT NULL,
    saved      timestamptz NOT NULL,
    ended      timestamptz,
    became     text COLLATE "C"            -- what it was signed as; NULL when it was discarded
);
CREATE INDEX draft_mine ON store.draft (actor, saved) WHERE ended IS NULL;
CREATE INDEX draft_patient ON store.draft (patient) WHERE ended IS NULL;
