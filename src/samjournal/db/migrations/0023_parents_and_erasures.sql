-- Whether a RelatedPerson is a parent, by the number that the register gave, whose own Patient has a confidential address.
CREATE FUNCTION access.hides_parent(id text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1 FROM access.mandate m JOIN access.civil hid ON hid.numbers @> ARRAY[m.holder]
        WHERE hid.hidden AND m.kind = 'parent' AND m.source = ('RelatedPerson/' || hides_parent.id) COLLATE "C");
END;

-- Who confirmed an erasure stands as it was first written, whoever may write.
CREATE FUNCTION access.keep_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.confirmed IS NOT NULL AND (NEW.confirmed, NEW.confirmed_by) IS DISTINCT FROM (OLD.confirmed, OLD.confirmed_by)
    THEN
        RAISE EXCEPTION 'an erasure is confirmed once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER confirmed_once BEFORE UPDATE OF confirmed, confirmed_by ON access.erasure
    FOR EACH ROW EXECUTE FUNCTION access.keep_confirmed();
