-- The history of a type and of everything: every version in the order in which it was stored.
CREATE INDEX version_by_time ON store.version (type, at, id, version);
