-- The log of looks is sealed: each seal covers the looks of the transactions that ended since the one before, is chained to
-- it by its hash, and signed with a key that the database does not hold (docs/explanation/sealed-log.md).

-- The transaction that wrote a look. Those from before have 0, and are covered by the first seal.
ALTER TABLE audit.look ADD COLUMN xact bigint NOT NULL DEFAULT 0;
ALTER TABLE audit.look ALTER COLUMN xact SET DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX look_xact ON audit.look (xact);

CREATE TABLE audit.seal (
    number    bigint PRIMARY KEY,              -- 1, 2, 3 … without gaps
    at        timestamptz NOT NULL,
    upto      bigint NOT NULL,                 -- it covers looks of transactions below this, from the seal before on
    rows      bigint NOT NULL,                 -- how many
    digest    bytea NOT NULL,                  -- of these looks
    hash      bytea NOT NULL,                  -- of all of this and of the seal before
    signature bytea NOT NULL                   -- of the hash, Ed25519
);
