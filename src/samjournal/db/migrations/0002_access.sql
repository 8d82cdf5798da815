-- Who you are, what you may do, and who has looked.
CREATE SCHEMA accounts;
CREATE SCHEMA access;
CREATE SCHEMA audit;

-- One row: what kind of installation this is. Demo sign-in exists only where it says demo.
CREATE TABLE accounts.installation (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    kind    text NOT NULL CHECK (kind IN ('demo', 'production')),
    secret  bytea NOT NULL,           -- signs what a page hands back (live keys); never leaves the server
    details text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accounts.account (
    login        text COLLATE "C" PRIMARY KEY,
    name         text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('staff', 'citizen')),
    practitioner text COLLATE "C",
    patient      text COLLATE "C",
    active       boolean NOT NULL DEFAULT true,
    created      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accounts.role (
    login             text COLLATE "C" NOT NULL REFERENCES accounts.account,
    practitioner_role text COLLATE "C" NOT NULL,   -- PractitionerRole id; for citizens 'citizen'
    code              text NOT NULL,
    organization      text COLLATE "C" NOT NULL,
    unit              text NOT NULL,               -- the unit's name, for the page
    PRIMARY KEY (login, practitioner_role)
);

CREATE TABLE accounts.session (
    id                bytea PRIMARY KEY,           -- sha-256 of the cookie
    login             text COLLATE "C" NOT NULL REFERENCES accounts.account,
    practitioner_role text COLLATE "C",            -- the one active role
    created           timestamptz NOT NULL DEFAULT now(),
    seen              timestamptz NOT NULL DEFAULT now(),
    expires           timestamptz NOT NULL
);

CREATE TABLE accounts.token (
    id                bytea PRIMARY KEY,           -- sha-256 of the bearer token
    login             text COLLATE "C" REFERENCES accounts.account,
    practitioner_role text COLLATE "C",
    system            text,
    scope             text,
    created           timestamptz NOT NULL DEFAULT now(),
    expires           timestamptz NOT NULL,
    CHECK ((login IS NULL) <> (system IS NULL))
);

-- Projection of Patient: a merged patient points at the person who stays. Undo is one row.
CREATE TABLE access.person (
    patient bigint PRIMARY KEY,
    id      text COLLATE "C" NOT NULL UNIQUE,
    link    bigint NOT NULL,          -- the patient that this one was replaced by, else itself
    person  bigint NOT NULL           -- the end of that chain
);
CREATE INDEX person_merged ON access.person (person);

-- Projection of Encounter, Appointment, ServiceRequest, Patient and EpisodeOfCare: who has a service need.
-- kind 'reason' is not projected: somebody stated why.
CREATE TABLE access.relation (
    patient  bigint NOT NULL,
    party    bigint NOT NULL,         -- key of a Practitioner, PractitionerRole or Organization
    kind     text NOT NULL,
    starts   timestamptz NOT NULL,
    ends     timestamptz NOT NULL,
    made_by  text,                    -- the login that made it for himself; NULL when it counts for all
    source   text COLLATE "C" NOT NULL,
    reason   text
);
CREATE INDEX relation_of_patient ON access.relation (patient, party);
CREATE INDEX relation_of_party ON access.relation (party, ends);
CREATE INDEX relation_source ON access.relation (source);

-- What somebody must look over: reasons stated, relations that people made, labels that systems changed.
CREATE TABLE access.review (
    id       uuid PRIMARY KEY DEFAULT uuidv7(),
    at       timestamptz NOT NULL DEFAULT now(),
    kind     text NOT NULL,
    actor    text NOT NULL,
    role     text NOT NULL,
    patient  bigint,
    source   text NOT NULL,
    reason   text,
    reviewed timestamptz,
    reviewer text
);
CREATE INDEX review_open ON access.review (at) WHERE reviewed IS NULL;

-- Every look and every change: who, in which role, at what, why. Insert only.
CREATE TABLE audit.look (
    id           uuid NOT NULL DEFAULT uuidv7(),
    at           timestamptz NOT NULL,
    request      text NOT NULL,
    actor        text NOT NULL,
    name         text NOT NULL,
    role         text NOT NULL,
    organization text NOT NULL,       -- the unit's name, as it was
    action       text NOT NULL,       -- read, search, history, create, update, delete, find, chart …
    patient      bigint,              -- when it concerns one
    patients     bigint[],            -- when it concerns several: unfolded into audit.seen by a job
    why          text NOT NULL,       -- the kind of relation
    reason       text,
    shown        text NOT NULL,       -- "Type/id,id;Type/id"
    page         uuid                 -- the first look of the open page that this one refreshed
) PARTITION BY RANGE (at);
CREATE TABLE audit.look_rest PARTITION OF audit.look DEFAULT;
CREATE INDEX look_patient ON audit.look (patient, at DESC) WHERE patient IS NOT NULL;
CREATE INDEX look_id ON audit.look (id);

-- Looks at several patients that are not unfolded yet.
CREATE TABLE audit.pending (
    look uuid NOT NULL,
    at   timestamptz NOT NULL,
    PRIMARY KEY (look, at)
);

CREATE TABLE audit.seen (
    patient bigint NOT NULL,
    at      timestamptz NOT NULL,
    look    uuid NOT NULL,
    PRIMARY KEY (patient, at, look)
);

-- Projection of Organization, HealthcareService, Location and PractitionerRole, by reference: what belongs to which
-- unit, so that a role at a department covers its wards and what is booked with them.
CREATE TABLE access.unit (
    id      text COLLATE "C" PRIMARY KEY,
    part_of text COLLATE "C"
);
CREATE INDEX unit_part_of ON access.unit (part_of);
