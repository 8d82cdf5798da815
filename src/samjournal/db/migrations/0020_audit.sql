-- The log by organisation, by reader and by time, and who looked as a reference; that is sealed with the rest of a look.

ALTER TABLE audit.look ADD COLUMN organization_id text COLLATE "C" NOT NULL DEFAULT '';  -- the unit's id, '' for systems
ALTER TABLE audit.look ADD COLUMN agent text COLLATE "C" NOT NULL DEFAULT '';            -- PractitionerRole/7, Patient/7
CREATE INDEX look_at ON audit.look (at, id);
CREATE INDEX look_actor ON audit.look (actor, at, id);
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

-- What each role could do, and since when: a line when a server starts whose roles are others than before. NULL where a role
-- is not there any more.
CREATE TABLE access.rights (
    role   text NOT NULL,
    since  timestamptz NOT NULL,
    digest bytea NOT NULL,
    rights jsonb,
    PRIMARY KEY (role, since)
);

-- Who held which role from when until when (NULL: still). Kept by the database, whoever changes the roles.
CREATE TABLE accounts.role_held (
    login             text COLLATE "C" NOT NULL,
    practitioner_role text COLLATE "C" NOT NULL,
    code              text NOT NULL,
    organization      text COLLATE "C" NOT NULL,
    unit              text NOT NULL,
    starts            timestamptz NOT NULL,
    ends              timestamptz
);
CREATE INDEX role_held_by ON accounts.role_held (login, starts);
CREATE INDEX role_held_as ON accounts.role_held (practitioner_role);

-- Roles are stored anew all at once: one that comes back in the same transaction never ended.
CREATE FUNCTION accounts.hold_role() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        UPDATE accounts.role_held SET ends = now()
        WHERE login = OLD.login AND practitioner_role = OLD.practitioner_role AND ends IS NULL;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        UPDATE accounts.role_held SET ends = NULL
        WHERE login = NEW.login AND practitioner_role = NEW.practitioner_role AND code = NEW.code
            AND organization = NEW.organization AND unit = NEW.unit AND ends = now();
        IF NOT FOUND THEN
            INSERT INTO accounts.role_held (login, practitioner_role, code, organization, unit, starts)
            VALUES (NEW.login, NEW.practitioner_role, NEW.code, NEW.organization, NEW.unit, now());
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER held AFTER INSERT OR UPDATE OR DELETE ON accounts.role
    FOR EACH ROW EXECUTE FUNCTION accounts.hold_role();

-- An account that is closed holds no role, until it is opened again.
CREATE FUNCTION accounts.hold_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.active THEN
        INSERT INTO accounts.role_held (login, practitioner_role, code, organization, unit, starts)
        SELECT login, practitioner_role, code, organization, unit, now() FROM accounts.role r WHERE login = NEW.login
            AND NOT EXISTS (SELECT 1 FROM accounts.role_held h WHERE h.login = r.login
                AND h.practitioner_role = r.practitioner_role AND h.ends IS NULL);
    ELSE
        UPDATE accounts.role_held SET ends = now() WHERE login = NEW.login AND ends IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER held AFTER UPDATE OF active ON accounts.account
    FOR EACH ROW WHEN (OLD.active <> NEW.active) EXECUTE FUNCTION accounts.hold_roles();

-- Of the time before this it is known only since when there is an account.
INSERT INTO accounts.role_held (login, practitioner_role, code, organization, unit, starts)
SELECT r.login, r.practitioner_role, r.code, r.organization, r.unit, a.created
FROM accounts.role r JOIN accounts.account a USING (login) WHERE a.active;
