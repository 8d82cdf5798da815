-- Most numbers are points, and an index on `lo` finds all that are greater than something. Ranges that begin below it and
-- reach beyond it are few, and are found by this.
CREATE INDEX number_wide ON store.number (param, unit, hi, lo, id) WHERE lo < hi;
