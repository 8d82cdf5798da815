-- Projections of CodeSystem and NamingSystem: what codes are called, how they are found, what they lie under.
CREATE SCHEMA terminology;

-- One row for each CodeSystem that has codes.
CREATE TABLE terminology.system (
    source     text COLLATE "C" PRIMARY KEY,   -- the CodeSystem's id
    system     text COLLATE "C" NOT NULL,      -- the name that the system goes by here
    version    text NOT NULL,                  -- '' when it does not say
    title      text NOT NULL,
    supplement boolean NOT NULL,               -- adds names to another's codes
    retired    boolean NOT NULL                -- the CodeSystem as a whole
);
CREATE INDEX system_named ON terminology.system (system);

-- One row for each code of each CodeSystem.
CREATE TABLE terminology.concept (
    source   text COLLATE "C" NOT NULL,
    system   text COLLATE "C" NOT NULL,
    code     text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,        -- the code in small letters and digits only: what somebody types
    display  text,                             -- as the system itself calls it, in whatever language
    nb       text,
    nn       text,
    en       text,
    synonyms text[] NOT NULL,
    parents  text[] COLLATE "C" NOT NULL,      -- codes that it lies under
    active   boolean NOT NULL,                 -- false: stands in old records, is not chosen for new ones
    folded   text COLLATE "C" NOT NULL,        -- all names as search folds them, one on a line
    words    tsvector NOT NULL,                -- the words of them
    PRIMARY KEY (source, code)
);
CREATE INDEX concept_key ON terminology.concept (system, key);
CREATE INDEX concept_code ON terminology.concept (system, code);
CREATE INDEX concept_words ON terminology.concept USING gin (words);  -- with its pending list: systems come whole
CREATE INDEX concept_parents ON terminology.concept USING gin (parents) WITH (fastupdate = off);

-- Names of code systems that mean the same.
CREATE TABLE terminology.alias (
    source text COLLATE "C" NOT NULL,          -- the NamingSystem's id
    one    text COLLATE "C" NOT NULL,
    other  text COLLATE "C" NOT NULL,
    PRIMARY KEY (source, one, other)
);
