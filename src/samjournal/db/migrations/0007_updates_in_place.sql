-- A new version with the same values takes the place of the old one without being written into every index of
-- store.current anew (a HOT update), when no indexed column differs and the page has room. So the time of storing, which
-- always differs, is found by store.version_by_time, and pages are not filled to the rim.
DROP INDEX store.current_by_time;
ALTER TABLE store.current SET (fillfactor = 85);
