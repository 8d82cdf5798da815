-- Representation: who may act for somebody else in the portal. Projections of Patient, RelatedPerson and Consent; whether
-- one of them holds now follows from age, home, labels and the day, and is judged at each request (access/representing.py).

-- Who somebody is by the population register. What people write here counts for nothing until the register writes it.
CREATE TABLE access.civil (
    patient   bigint PRIMARY KEY,
    numbers   bigint[] NOT NULL,      -- keys of the official numbers
    born      date,
    home      bigint,                 -- key of the registered address; NULL: none is known
    dead      boolean NOT NULL,
    protected boolean NOT NULL,       -- confidential address
    hidden    boolean NOT NULL DEFAULT false, -- so has any of the ids of the same person
    made_by   text                    -- who wrote it without the right to; NULL when it counts
);
CREATE INDEX civil_numbers ON access.civil USING gin (numbers);

-- One person's right to act for another, and from when until when.
CREATE TABLE access.mandate (
    patient bigint NOT NULL,          -- who is represented
    holder  bigint NOT NULL,          -- the patient key of who represents; of a parent the key of the official number
    kind    text NOT NULL,
    level   text NOT NULL,            -- '' for parents: the child's age decides
    types   text[] NOT NULL,          -- the parts of the record, where they were chosen
    starts  timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    made_by text,                     -- who wrote it without the right to; NULL when it counts
    source  text COLLATE "C" NOT NULL -- the RelatedPerson or Consent
);
CREATE INDEX mandate_patient ON access.mandate (patient);
CREATE INDEX mandate_holder ON access.mandate (holder);
CREATE INDEX mandate_source ON access.mandate (source);

-- Whom a citizen acts for just now: one at a time, as staff have one active role.
ALTER TABLE accounts.session ADD COLUMN acts_for text COLLATE "C";
ALTER TABLE accounts.token ADD COLUMN acts_for text COLLATE "C";

-- Confidential addresses: what is kept of somebody who has one names units, offices and people that tell where he lives.
-- The label stands on the Patient and may come and go, so it is looked up when a row is read.
CREATE INDEX civil_hidden ON access.civil (patient) WHERE hidden;
INSERT INTO access.civil (patient, numbers, born, home, dead, protected, hidden, made_by)
SELECT same.patient, '{}', NULL, NULL, false, bool_or(same.patient = p.patient), true, 'migration'
FROM access.person p JOIN store.current c ON c.patient = p.patient AND c.id = p.id AND c.protected AND NOT c.deleted
JOIN access.person same ON same.person = p.person GROUP BY same.patient
ON CONFLICT DO NOTHING;

-- Projection of PractitionerRole: who works in which post, so that an organisation's own people are known to it.
CREATE TABLE access.post (
    role         text COLLATE "C" PRIMARY KEY,
    practitioner text COLLATE "C" NOT NULL
);
