-- Apps by SMART on FHIR: which there are, what people let them do, and what came of it. docs/reference/smart.md

CREATE TABLE accounts.app (
    client_id  text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('public', 'confidential', 'backend')),
    redirects  text[] NOT NULL DEFAULT '{}',         -- compared letter by letter
    jwks       text,                                 -- public keys, as JSON
    jwks_uri   text,                                 -- or where they are
    scope      text NOT NULL,                        -- the most that it may be given
    launch     text,                                 -- where it is opened from a patient's page
    used_by    text[] NOT NULL DEFAULT '{}',         -- citizen, staff, or roles
    owner      text NOT NULL,                        -- who answers for it
    registered timestamptz NOT NULL DEFAULT now(),
    active     boolean NOT NULL DEFAULT true
);

-- What somebody let an app do, once: a code came of it, and tokens of that. It ends for all of them.
CREATE TABLE accounts.granted (
    id                uuid PRIMARY KEY DEFAULT uuidv7(),
    app               text COLLATE "C" NOT NULL REFERENCES accounts.app,
    login             text COLLATE "C" NOT NULL REFERENCES accounts.account,
    practitioner_role text COLLATE "C" NOT NULL,
    acts_for          text COLLATE "C",
    session           bytea,                         -- it ends with this one; NULL: it goes on when nobody is there
    patient           text COLLATE "C",              -- whom the app was opened for
    encounter         text COLLATE "C",
    scope             text NOT NULL,
    redirect          text NOT NULL,
    challenge         text NOT NULL,                 -- PKCE, S256
    nonce             text,
    starts            timestamptz NOT NULL DEFAULT now(),
    expires           timestamptz NOT NULL,
    ended             timestamptz,
    why               text                           -- person, reuse, app
);
CREATE INDEX granted_by ON accounts.granted (login, starts);
CREATE INDEX granted_to ON accounts.granted (app) WHERE ended IS NULL;

-- Codes and refresh tokens lie beside access tokens: who is signed out everywhere loses all of them. One that was used
-- stays, so that a second use is known for what it is.
ALTER TABLE accounts.token
    ADD COLUMN app     text COLLATE "C" REFERENCES accounts.app,
    ADD COLUMN granted uuid REFERENCES accounts.granted,
    ADD COLUMN use     text NOT NULL DEFAULT 'access' CHECK (use IN ('access', 'refresh', 'code')),
    ADD COLUMN used    timestamptz;
CREATE INDEX token_granted ON accounts.token (granted) WHERE granted IS NOT NULL;
CREATE INDEX token_app ON accounts.token (app, expires) WHERE app IS NOT NULL;

-- An app that is opened from a patient's page gets an opaque word, which says to us whom it was opened for.
CREATE TABLE accounts.launch (
    id        bytea PRIMARY KEY,                     -- sha-256 of the word
    app       text COLLATE "C" NOT NULL REFERENCES accounts.app,
    session   bytea NOT NULL,
    patient   text COLLATE "C" NOT NULL,
    encounter text COLLATE "C",
    expires   timestamptz NOT NULL
);

-- Assertions that were used, until they would have run out.
CREATE TABLE accounts.assertion (
    app     text COLLATE "C" NOT NULL REFERENCES accounts.app,
    jti     text COLLATE "C" NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (app, jti)
);

-- Keys that sign ID tokens: the newest signs, those before are published while what they signed is valid.
CREATE TABLE accounts.signing_key (
    id   text COLLATE "C" PRIMARY KEY,
    key  bytea NOT NULL,                             -- PKCS #8
    made timestamptz NOT NULL DEFAULT now()
);

-- By which app somebody looked; sealed with the rest of a look, from form 3 of the seals on.
ALTER TABLE audit.look ADD COLUMN app text COLLATE "C" NOT NULL DEFAULT '';
