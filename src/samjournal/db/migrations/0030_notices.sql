-- Notices to people: that something is new, never what it says. What waits here is found again after a crash: a notice
-- is known by who gets it, of what kind and about which version, so that the same change makes it once.
CREATE SCHEMA letters;

-- How somebody wants to be told. A person is the patient key of the record that stays.
CREATE TABLE letters.wish (
    person   bigint PRIMARY KEY,
    choices  jsonb NOT NULL,               -- by kind, the channels that may be used; a kind that is not here is as usual
    others   boolean NOT NULL,             -- whether he is told what is new for those whom he acts for
    language text COLLATE "C" NOT NULL,    -- nb, nn, en; '' as the contact register says
    changed  timestamptz NOT NULL
);

-- A browser that somebody let show notices. rfc-editor.org/rfc/rfc8030
CREATE TABLE letters.subscription (
    id       uuid PRIMARY KEY DEFAULT uuidv7(),
    person   bigint NOT NULL,
    endpoint text COLLATE "C" NOT NULL UNIQUE, -- the address at the push service
    p256dh   bytea NOT NULL,               -- the browser's public key, uncompressed point
    auth     bytea NOT NULL,               -- its secret, 16 bytes
    device   text NOT NULL,                -- what the browser calls itself, for the list of them
    made     timestamptz NOT NULL
);
CREATE INDEX subscription_person ON letters.subscription (person);

-- One message to one person over one channel, for all that is new since the last. Its id is the idempotency key.
CREATE TABLE letters.sending (
    id        uuid PRIMARY KEY DEFAULT uuidv7(),
    person    bigint NOT NULL,
    person_id text COLLATE "C" NOT NULL,   -- Patient id
    channel   text COLLATE "C" NOT NULL,   -- push, sms, email, letter, hand (a letter printed by a person), person
    allowed   text[] NOT NULL,             -- channels that are left to try when this one fails
    level     text COLLATE "C" NOT NULL,   -- urgent, ordinary, information
    text      text COLLATE "C" NOT NULL,   -- which text: new, reminder
    unit      text COLLATE "C" NOT NULL,   -- Organization id of who sees to it when nothing gets through; '' nobody known
    before    timestamptz,                 -- it means nothing any more after that
    made      timestamptz NOT NULL,
    next      timestamptz NOT NULL,        -- not tried before
    attempts  integer NOT NULL DEFAULT 0,
    state     text COLLATE "C" NOT NULL,   -- waiting, delivered, failed, over
    ended     timestamptz,
    fault     text NOT NULL DEFAULT '',    -- what the channel said last; no name, number or address
    receipt   text NOT NULL DEFAULT '',    -- the gateway's own id of it
    task      text COLLATE "C" NOT NULL DEFAULT '', -- the Task that a person has of it
    instead   uuid                         -- the one that failed, which this one stands in for
);
CREATE INDEX sending_next ON letters.sending (next) WHERE state = 'waiting';
CREATE INDEX sending_person ON letters.sending (person, made);
CREATE INDEX sending_ended ON letters.sending (ended) WHERE state <> 'waiting';
CREATE UNIQUE INDEX sending_task ON letters.sending (task) WHERE task <> '';

CREATE TABLE letters.notice (
    id        uuid PRIMARY KEY DEFAULT uuidv7(),
    person    bigint NOT NULL,             -- who is told
    person_id text COLLATE "C" NOT NULL,
    about     text COLLATE "C" NOT NULL,   -- Patient id of whom it is about: himself, or whom he acts for
    kind      text COLLATE "C" NOT NULL,   -- letters/kinds.py
    level     text COLLATE "C" NOT NULL,
    source    text COLLATE "C" NOT NULL,   -- what is new, `Type/id`; of a look its id
    version   integer NOT NULL,
    unit      text COLLATE "C" NOT NULL,
    before    timestamptz,
    made      timestamptz NOT NULL,
    due       timestamptz NOT NULL,        -- not told before: it is not shown yet, it is night, or more may come
    state     text COLLATE "C" NOT NULL,   -- waiting, told, dropped
    why       text COLLATE "C" NOT NULL DEFAULT '', -- of what was dropped
    sending   uuid REFERENCES letters.sending,
    UNIQUE (person, kind, source, version)
);
CREATE INDEX notice_due ON letters.notice (due) WHERE state = 'waiting';
CREATE INDEX notice_person ON letters.notice (person, made);
CREATE INDEX notice_about ON letters.notice (about, made);
CREATE INDEX notice_sending ON letters.notice (sending);

-- What a unit chose: how many days before an appointment its patients are reminded; none: not at all.
CREATE TABLE letters.reminder (
    unit    text COLLATE "C" PRIMARY KEY,  -- Organization id
    days    integer[] NOT NULL,
    changed timestamptz NOT NULL,
    by      text NOT NULL                  -- login
);
