-- The words of resources that have free text: narrative (weight A), strings, notes, text attachments, and what their codes
-- are called. Resources without have no row.
CREATE TABLE store.text (
    patient bigint NOT NULL,
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    kind    smallint NOT NULL,              -- 0: for all; of a protected one 1: all of it, 2: the rendition for most readers
    digest  bigint NOT NULL,                -- hash of what `words` was made from, to compare with
    words   tsvector NOT NULL,              -- stems, and stems of the parts of compounds
    PRIMARY KEY (patient, type, id, kind)
);
CREATE INDEX text_words ON store.text USING gin (words);
