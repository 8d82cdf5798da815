-- Number and quantity parameters, and parts of composites. `param` is a hash of "Type.parameter" and of how the unit is
-- written, `unit` a hash of the unit (0 = a plain number); open ends are infinite.
CREATE TABLE store.number (
    patient bigint NOT NULL,
    param   bigint NOT NULL,
    unit    bigint NOT NULL,
    type    smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    lo      double precision NOT NULL,
    hi      double precision NOT NULL
);
CREATE INDEX number_range ON store.number (param, unit, lo, hi, id);
CREATE INDEX number_of ON store.number (type, id);
