-- Who and what is taken, from when until when: a projection of Appointment (record/occupying.py) that the database itself
-- holds to. Of one lane nobody has a time twice, by whatever way an appointment comes; what may be several at once
-- (places of a group, deliberate overbooking, what came double from elsewhere) has a lane each. PostgreSQL has equality
-- for ranges of keys in this kind of index, and for keys themselves only with an extension that not everybody has.
CREATE TABLE store.occupied (
    id     text COLLATE "C" NOT NULL,   -- of the Appointment
    key    bigint NOT NULL,             -- of the person (patient or practitioner), room, bed, device or session that it takes
    lane   bigint NOT NULL,             -- 0, but for what may be several at once
    asked  bigint NOT NULL,             -- the lane that the Appointment says
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)),
    actor  int8range GENERATED ALWAYS AS (int8range(key, key, '[]')) STORED,
    lanes  int8range GENERATED ALWAYS AS (int8range(lane, lane, '[]')) STORED,
    CONSTRAINT occupied_once EXCLUDE USING gist (actor WITH =, lanes WITH =, period WITH &&)
);
CREATE INDEX occupied_id ON store.occupied (id);
CREATE INDEX occupied_key ON store.occupied (key, upper(period));
