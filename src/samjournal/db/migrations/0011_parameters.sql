-- Search parameters that an administrator activated, and which resources are indexed by them already.

-- By which set of parameters of its type a resource was indexed: 0 is R4's own. Resources that are stored get it for
-- nothing, without being written.
ALTER TABLE store.current ADD COLUMN indexed smallint NOT NULL DEFAULT 0;

-- One row for each type that an active parameter is about: what was activated, whatever becomes of its SearchParameter.
CREATE TABLE store.parameter (
    id         text COLLATE "C" NOT NULL,      -- the SearchParameter's
    type       smallint NOT NULL,              -- the type that is searched
    code       text COLLATE "C" NOT NULL,
    kind       text NOT NULL,                  -- token, string, …
    expression text NOT NULL,
    targets    text[] NOT NULL,
    version    integer NOT NULL,               -- the SearchParameter's when it was activated
    since      smallint NOT NULL,              -- resources indexed by this set or a later one are found by it
    at         timestamptz NOT NULL,
    author     text NOT NULL,
    PRIMARY KEY (id, type),
    UNIQUE (type, code)
);

-- One row for each type whose set of parameters ever changed: how far its resources are indexed anew.
CREATE TABLE store.renewal (
    type    smallint PRIMARY KEY,
    wanted  smallint NOT NULL,                 -- the newest set; resources with an older one are indexed anew
    ready   smallint NOT NULL DEFAULT 0,       -- all resources are indexed by this set at least
    asked   timestamptz NOT NULL,              -- when the newest set was made
    walked  text COLLATE "C" DEFAULT '',  -- the id up to which the walk has come; NULL once it is through
    done    bigint NOT NULL DEFAULT 0,         -- resources that the walk has looked at
    total   bigint,                            -- of so many
    begun   timestamptz,
    looked  timestamptz NOT NULL               -- what was stored until then is looked after
);
