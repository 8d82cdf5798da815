-- How somebody proved who he is, kept with the session that it opened: what is asked of him later depends on it.
ALTER TABLE accounts.session
    ADD COLUMN way              text NOT NULL DEFAULT 'demo',    -- demo, or what proved it: idporten, helseid, device …
    ADD COLUMN level            text NOT NULL DEFAULT '',        -- as the provider calls it (acr)
    ADD COLUMN proven           timestamptz NOT NULL DEFAULT now(),  -- a proof in the middle of a session renews it
    ADD COLUMN provider_session text COLLATE "C";                -- sid: the provider ends it by that name

CREATE INDEX session_of ON accounts.session (login);
CREATE INDEX token_of ON accounts.token (login);

-- Under which official numbers people are known to those who prove who they are (fødselsnummer, HPR-nummer …).
CREATE TABLE accounts.identity (
    system text COLLATE "C" NOT NULL,
    value  text COLLATE "C" NOT NULL,
    login  text COLLATE "C" NOT NULL REFERENCES accounts.account,
    PRIMARY KEY (system, value)
);
CREATE INDEX identity_of ON accounts.identity (login);
