-- Who answers for what stands on the review list: the organisation of whoever did it, '' for systems.
ALTER TABLE access.review ADD COLUMN organization text COLLATE "C" NOT NULL DEFAULT '';
