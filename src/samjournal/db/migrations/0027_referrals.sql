-- Work whose deadline a capability of its own sees to, such as that of referrals, is no matter of the team's.
ALTER TABLE access.task ADD COLUMN apart text;  -- its kind ('assess'); NULL: what is late goes to the team
CREATE INDEX task_apart ON access.task (owner) WHERE done IS NULL AND apart IS NOT NULL;
