-- What codes and references are called, each distinct text once: `:text` and `_content` find the texts that fit, and then the
-- resources by the hash of parameter and text among their tokens. Rows are added and never changed; one that nobody uses any
-- more finds nothing.
CREATE TABLE store.display (
    hash   bigint PRIMARY KEY,              -- of kind and text
    kind   smallint NOT NULL,               -- 0: of codes, 1: of references; 2 and 3: the same, in protected fields
    folded text COLLATE "C" NOT NULL,
    words  tsvector NOT NULL                -- its words as they stand, their stems, and the parts of compounds
);
CREATE INDEX display_words ON store.display USING gin (words);
