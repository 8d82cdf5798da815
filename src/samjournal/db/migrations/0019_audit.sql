-- The log by organisation and by time, and who looked as a reference; both are sealed with the rest of a look.

ALTER TABLE audit.look ADD COLUMN organization_id text COLLATE "C" NOT NULL DEFAULT '';  -- the unit's id, '' for systems
ALTER TABLE audit.look ADD COLUMN agent text COLLATE "C" NOT NULL DEFAULT '';            -- PractitionerRole/7, Patient/7
CREATE INDEX look_at ON audit.look (at, id);
CREATE INDEX look_organization ON audit.look (organization_id, at, id) WHERE organization_id <> '';

-- Which columns a seal covers: 1 is without the two above, as those seals were made; 2 is with them.
ALTER TABLE audit.seal ADD COLUMN form smallint NOT NULL DEFAULT 1;
