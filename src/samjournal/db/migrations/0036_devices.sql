-- How long somebody stays signed in, in which browser, and by which phone. docs/reference/sessions.md

-- A browser that is known again by a cookie of its own. A unit's shared PC is one of them.
CREATE TABLE accounts.browser (
    id     bytea PRIMARY KEY,              -- sha-256 of the cookie
    device text NOT NULL,                  -- browser and kind of machine, as it calls itself
    unit   text COLLATE "C",               -- Organization id of the unit whose people share it; NULL: nobody does
    name   text NOT NULL DEFAULT '',       -- what the shared PC is called by those who use it
    made   timestamptz NOT NULL DEFAULT now(),
    by     text COLLATE "C" NOT NULL DEFAULT ''  -- login of who made it shared
);
CREATE INDEX browser_shared ON accounts.browser (unit) WHERE unit IS NOT NULL;

-- Who has signed in by which browser: one that is new to somebody is told to him.
CREATE TABLE accounts.met (
    login   text COLLATE "C" NOT NULL REFERENCES accounts.account,
    browser bytea NOT NULL REFERENCES accounts.browser,
    first   timestamptz NOT NULL DEFAULT now(),
    told    boolean NOT NULL,              -- he has seen that it is new
    PRIMARY KEY (login, browser)
);
CREATE INDEX met_new ON accounts.met (login) WHERE NOT told;

-- A paired phone: a passkey that never leaves it. w3.org/TR/webauthn-3
CREATE TABLE accounts.phone (
    id         uuid PRIMARY KEY DEFAULT uuidv7(),
    login      text COLLATE "C" NOT NULL REFERENCES accounts.account,
    credential bytea NOT NULL UNIQUE,      -- the credential's id
    public_key bytea NOT NULL,             -- COSE
    counter    bigint NOT NULL,            -- of signatures; 0 where the phone does not count
    device     text NOT NULL,
    made       timestamptz NOT NULL DEFAULT now(),
    used       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX phone_of ON accounts.phone (login);

-- A code on the screen of a PC, which a phone redeems once.
CREATE TABLE accounts.pairing (
    code    bytea PRIMARY KEY,             -- sha-256
    login   text COLLATE "C" NOT NULL REFERENCES accounts.account,
    session bytea NOT NULL REFERENCES accounts.session ON DELETE CASCADE,
    expires timestamptz NOT NULL
);

-- What a passkey is to sign: given out once, and gone when it comes back.
CREATE TABLE accounts.challenge (
    id      bytea PRIMARY KEY,
    expires timestamptz NOT NULL
);

-- A form that was sent after the session had ended, or before a new proof: sealed by a key that only the browser has.
CREATE TABLE accounts.kept_form (
    id      bytea PRIMARY KEY,             -- sha-256 of the name that the browser keeps
    login   text COLLATE "C" NOT NULL REFERENCES accounts.account,
    sealed  bytea NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX kept_form_of ON accounts.kept_form (login);

ALTER TABLE accounts.session
    ADD COLUMN cookie   bytea,             -- sha-256 of the cookie, when it is another than the first one
    ADD COLUMN idle     interval NOT NULL DEFAULT '30 minutes',  -- ends, or locks, when it was not used for so long
    ADD COLUMN device   text NOT NULL DEFAULT '',
    ADD COLUMN browser  bytea REFERENCES accounts.browser,
    ADD COLUMN shared   boolean NOT NULL DEFAULT false,          -- on a shared PC: it locks where others end
    ADD COLUMN phone    uuid REFERENCES accounts.phone ON DELETE CASCADE,  -- ends with the phone
    ADD COLUMN locked   timestamptz,
    ADD COLUMN unlocked timestamptz NOT NULL DEFAULT now(),      -- last proof of any kind, a PIN code too
    ADD COLUMN pin      text,              -- argon2id, for this PC until the session ends
    ADD COLUMN tries    integer NOT NULL DEFAULT 0,              -- wrong PIN codes since the last right one
    ADD COLUMN place    text NOT NULL DEFAULT '';                -- the page that was open when it was locked
CREATE UNIQUE INDEX session_cookie ON accounts.session (coalesce(cookie, id));
CREATE INDEX session_browser ON accounts.session (browser) WHERE shared;
CREATE INDEX session_expires ON accounts.session (expires);
