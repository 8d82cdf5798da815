-- What codes and references are called, each distinct text once for each parameter: `:text` and `_content` find the texts
-- that fit, and then the resources by the hash of a text among their tokens. Rows are added and never changed; one that
-- nobody uses any more finds nothing.
CREATE TABLE store.display (
    param  bigint NOT NULL,                 -- hash of the parameter's name with ~ behind it, closed ones apart
    hash   bigint NOT NULL,                 -- the token that resources with this text have
    folded text COLLATE "C" NOT NULL,
    begins tsvector NOT NULL,               -- its words as they stand, for `:text`, which asks how words begin
    words  tsvector NOT NULL,               -- its words with stems and parts of compounds, for `_content`
    PRIMARY KEY (param, hash)
);
CREATE INDEX display_begins ON store.display USING gin (begins);
CREATE INDEX display_words ON store.display USING gin (words);
