-- Signing in by a provider (ID-porten, HelseID): what must be known from its beginning to its end.

-- A sign-in that has begun and is not back yet. It counts once, for ten minutes, in the browser that began it.
CREATE TABLE accounts.attempt (
    state    bytea PRIMARY KEY,          -- sha-256 of what the provider sends back
    browser  bytea NOT NULL,             -- sha-256 of a cookie that this browser alone has
    provider text COLLATE "C" NOT NULL,
    nonce    text NOT NULL,              -- must stand in the ID token
    verifier text NOT NULL,              -- PKCE: only who has it can use the code
    after    text NOT NULL,              -- the page that was asked for
    expires  timestamptz NOT NULL
);
CREATE INDEX attempt_expires ON accounts.attempt (expires);

-- What a provider wants to see again when a session that it opened ends, and by what it ends one itself.
CREATE TABLE accounts.provided (
    session  bytea PRIMARY KEY REFERENCES accounts.session ON DELETE CASCADE,
    provider text COLLATE "C" NOT NULL,
    subject  text COLLATE "C" NOT NULL,  -- the provider's own name for the person; never a key to an account
    id_token text NOT NULL
);
CREATE INDEX provided_to ON accounts.provided (provider, subject);

-- At which units somebody works in this session, where the provider said for which organisation; NULL: at all.
ALTER TABLE accounts.session ADD COLUMN units text[];
CREATE INDEX session_at_provider ON accounts.session (way, provider_session) WHERE provider_session IS NOT NULL;

-- Whoever works here is a citizen too, by the same number and with another login.
ALTER TABLE accounts.identity ADD COLUMN kind text NOT NULL DEFAULT 'staff';
UPDATE accounts.identity i SET kind = a.kind FROM accounts.account a WHERE a.login = i.login;
ALTER TABLE accounts.identity ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE accounts.identity DROP CONSTRAINT identity_pkey;
ALTER TABLE accounts.identity ADD PRIMARY KEY (system, value, kind);
