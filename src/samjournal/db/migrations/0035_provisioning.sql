-- What a directory of people at work (IAM) gives, over SCIM. Who works where is told by the record (Practitioner,
-- PractitionerRole) and by accounts.role, which follow from it; here stands what the directory said, as it said it.
CREATE SCHEMA provisioning;

ALTER TABLE accounts.role ADD COLUMN ends timestamptz;  -- it cannot be used from then on; NULL: nobody has said

CREATE TABLE provisioning.person (
    login       text COLLATE "C" PRIMARY KEY REFERENCES accounts.account,  -- the SCIM id, which nobody else ever gets
    user_name   text NOT NULL,
    folded      text COLLATE "C" NOT NULL,          -- the same in lower case
    external_id text COLLATE "C",
    content     jsonb NOT NULL,                     -- what else was said, without numbers of people
    version     integer NOT NULL DEFAULT 1,
    created     timestamptz NOT NULL DEFAULT now(),
    modified    timestamptz NOT NULL DEFAULT now(),
    unsettled   timestamptz DEFAULT now(),          -- since when roles may differ from what was given; NULL: they do not
    gone        timestamptz                         -- the directory knows him no longer; account and record stay
);
CREATE UNIQUE INDEX person_named ON provisioning.person (folded) WHERE gone IS NULL;
CREATE INDEX person_external ON provisioning.person (external_id);
CREATE INDEX person_unsettled ON provisioning.person (unsettled) WHERE unsettled IS NOT NULL;

-- A group of the directory. It stands for a role at a unit; until somebody says which, it gives nothing.
CREATE TABLE provisioning.team (
    id           text COLLATE "C" PRIMARY KEY,
    name         text NOT NULL,
    folded       text COLLATE "C" NOT NULL UNIQUE,
    external_id  text COLLATE "C",
    code         text,
    organization text COLLATE "C",
    version      integer NOT NULL DEFAULT 1,
    created      timestamptz NOT NULL DEFAULT now(),
    modified     timestamptz NOT NULL DEFAULT now(),
    CHECK ((code IS NULL) = (organization IS NULL))
);
CREATE TABLE provisioning.member (
    team  text COLLATE "C" NOT NULL REFERENCES provisioning.team ON DELETE CASCADE,
    login text COLLATE "C" NOT NULL REFERENCES accounts.account,
    PRIMARY KEY (team, login)
);
CREATE INDEX member_login ON provisioning.member (login);

-- A role at a unit that was given to one person by name.
CREATE TABLE provisioning.given (
    login        text COLLATE "C" NOT NULL REFERENCES accounts.account,
    code         text NOT NULL,
    organization text COLLATE "C" NOT NULL,
    starts       timestamptz,
    ends         timestamptz,
    PRIMARY KEY (login, code, organization)
);
CREATE INDEX given_starts ON provisioning.given (starts) WHERE starts IS NOT NULL;
CREATE INDEX given_ends ON provisioning.given (ends) WHERE ends IS NOT NULL;

-- Units whose leader looks at changes of role before they hold: at losses, or at all changes; units under them too.
CREATE TABLE provisioning.asking (
    organization text COLLATE "C" PRIMARY KEY,
    what         text NOT NULL CHECK (what IN ('never', 'losses', 'changes')),
    set_by       text NOT NULL,
    set_at       timestamptz NOT NULL DEFAULT now()
);

-- A change of somebody's roles that waits for the unit, or that it decided about. `gains` and `loses` as code@unit.
CREATE TABLE provisioning.proposal (
    id           uuid PRIMARY KEY,
    login        text COLLATE "C" NOT NULL REFERENCES accounts.account,
    organization text COLLATE "C" NOT NULL,   -- the unit that decides
    gains        text[] NOT NULL,
    loses        text[] NOT NULL,
    proposed     timestamptz NOT NULL DEFAULT now(),
    deadline     timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused', 'overdue', 'withdrawn')),
    decided      timestamptz,
    decided_by   text,
    reason       text,
    task         text COLLATE "C"             -- the Task that tells of it
);
CREATE UNIQUE INDEX proposal_open ON provisioning.proposal (login, organization) WHERE state = 'open';
CREATE INDEX proposal_of ON provisioning.proposal (login, proposed);
CREATE INDEX proposal_at ON provisioning.proposal (organization, state);
