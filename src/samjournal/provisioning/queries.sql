-- people: people at work as a directory knows them, by login; NULL: all. Who was not provisioned yet is known by login.
SELECT a.login, a.name, a.active AS gets_in, a.practitioner, a.created AS opened,
    p.login IS NOT NULL AND p.gone IS NULL AS said, p.user_name, p.external_id, p.content, p.version, p.created, p.modified, p.unsettled,
    (SELECT value FROM accounts.identity i WHERE i.login = a.login AND i.system = 'urn:oid:2.16.578.1.12.4.1.4.4'
        LIMIT 1) AS hpr
FROM accounts.account a LEFT JOIN provisioning.person p USING (login)
WHERE a.kind = 'staff' AND ($1::text[] IS NULL OR a.login = ANY($1::text[]))
    AND ($2::text IS NULL OR a.login > $2) AND (p.gone IS NULL OR $5)
ORDER BY a.login LIMIT $3 OFFSET $4;

-- count_people: how many there are
SELECT count(*) FROM accounts.account a LEFT JOIN provisioning.person p USING (login)
WHERE a.kind = 'staff' AND p.gone IS NULL;

-- by_user_name: who has a user name, in lower case
SELECT login FROM provisioning.person WHERE folded = $1 AND gone IS NULL
UNION ALL
SELECT a.login FROM accounts.account a WHERE a.kind = 'staff' AND lower(a.login) = $1
    AND NOT EXISTS (SELECT FROM provisioning.person p WHERE p.login = a.login);

-- by_external_id: whom a directory calls so
SELECT login FROM provisioning.person WHERE external_id = $1 AND gone IS NULL;

-- by_practitioner: whose a Practitioner is
SELECT login FROM accounts.account WHERE practitioner = $1 AND kind = 'staff' ORDER BY login LIMIT 1;

-- roles_of: what roles some people have now
SELECT login, code, organization, practitioner_role, unit, ends FROM accounts.role WHERE login = ANY($1::text[])
ORDER BY login, practitioner_role;

-- given_of: what was given to some people by name
SELECT login, code, organization, starts, ends FROM provisioning.given WHERE login = ANY($1::text[])
ORDER BY login, organization, code;

-- teams_of: of which groups some people are members
SELECT m.login, t.id, t.name, t.code, t.organization FROM provisioning.member m JOIN provisioning.team t ON t.id = m.team
WHERE m.login = ANY($1::text[]) ORDER BY m.login, t.name;

-- lock_person: what stands, until the end of the transaction
SELECT version, unsettled FROM provisioning.person WHERE login = $1 FOR UPDATE;

-- put_person: what a directory says of somebody
INSERT INTO provisioning.person (login, user_name, folded, external_id, content, unsettled)
VALUES ($1, $2, $3, $4, $5::text::jsonb, CASE WHEN $6 THEN now() END)
ON CONFLICT (login) DO UPDATE SET user_name = excluded.user_name, folded = excluded.folded,
    external_id = excluded.external_id, content = excluded.content, version = person.version + 1, modified = now(),
    unsettled = CASE WHEN $6 THEN now() ELSE person.unsettled END, gone = NULL;

-- forget: the directory knows somebody no longer
UPDATE provisioning.person SET gone = now() WHERE login = $1;

-- part_from_all: somebody is in no group any more
DELETE FROM provisioning.member WHERE login = $1;

-- take_given: before it is given anew
DELETE FROM provisioning.given WHERE login = $1;

-- give: a role at a unit
INSERT INTO provisioning.given (login, code, organization, starts, ends)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]);

-- settled: roles are as they were given, and nothing is left behind
UPDATE provisioning.person SET unsettled = NULL WHERE login = $1 AND unsettled IS NOT DISTINCT FROM $2;

-- unsettle: their roles may differ from what was given
UPDATE provisioning.person SET unsettled = now() WHERE login = ANY($1::text[]);

-- to_settle: whose roles may differ from what was given, or began or ended since
SELECT login FROM (
    SELECT p.login FROM provisioning.person p WHERE p.unsettled IS NOT NULL
    UNION
    SELECT r.login FROM accounts.role r JOIN provisioning.person p USING (login) WHERE r.ends <= now()
    UNION
    SELECT g.login FROM provisioning.given g JOIN provisioning.person p USING (login)
    WHERE g.starts <= now() AND g.starts > now() - interval '7 days' AND (g.ends IS NULL OR g.ends > now())
        AND NOT EXISTS (SELECT FROM accounts.role r WHERE r.login = g.login AND r.code = g.code
            AND r.organization = g.organization)
        AND coalesce((p.content->>'active')::boolean, true)
) due ORDER BY login LIMIT $1;

-- teams: groups, by id; NULL: all
SELECT t.*, (SELECT count(*) FROM provisioning.member m WHERE m.team = t.id) AS members
FROM provisioning.team t WHERE ($1::text[] IS NULL OR t.id = ANY($1::text[])) AND ($2::text IS NULL OR t.id > $2)
ORDER BY t.id LIMIT $3 OFFSET $4;

-- count_teams: how many there are
SELECT count(*) FROM provisioning.team;

-- team_named: a group by its name in lower case
SELECT id FROM provisioning.team WHERE folded = $1;

-- members_of: who is in some groups
SELECT m.team, m.login, a.name FROM provisioning.member m JOIN accounts.account a USING (login)
WHERE m.team = ANY($1::text[]) ORDER BY m.team, m.login;

-- lock_team: what stands, until the end of the transaction
SELECT version FROM provisioning.team WHERE id = $1 FOR UPDATE;

-- put_team: a group
INSERT INTO provisioning.team (id, name, folded, external_id, code, organization) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, external_id = excluded.external_id,
    code = excluded.code, organization = excluded.organization, version = team.version + 1, modified = now();

-- remove_team: a group that is no more
DELETE FROM provisioning.team WHERE id = $1;

-- join: people who are members from now on
INSERT INTO provisioning.member (team, login) SELECT $1, a.login FROM accounts.account a
WHERE a.login = ANY($2::text[]) AND a.kind = 'staff' ON CONFLICT DO NOTHING;

-- part: people who are members no longer
DELETE FROM provisioning.member WHERE team = $1 AND login = ANY($2::text[]);

-- known: which of some people there are
SELECT a.login FROM accounts.account a LEFT JOIN provisioning.person p USING (login)
WHERE a.login = ANY($1::text[]) AND a.kind = 'staff' AND p.gone IS NULL;

-- adopt: what the directory has not said yet of people who are here; their roles count as given by name
INSERT INTO provisioning.person (login, user_name, folded, content)
SELECT a.login, a.login, lower(a.login), jsonb_build_object('active', a.active, 'displayName', a.name)
FROM accounts.account a WHERE a.login = ANY($1::text[]) AND a.kind = 'staff' ON CONFLICT DO NOTHING
RETURNING login;

-- adopt_roles: what people have who are provisioned from now on
INSERT INTO provisioning.given (login, code, organization, ends)
SELECT login, code, organization, max(ends) FROM accounts.role WHERE login = ANY($1::text[])
GROUP BY login, code, organization ON CONFLICT DO NOTHING;

-- unmapped: groups with members that stand for no role
SELECT t.id, t.name, count(m.login) AS members FROM provisioning.team t LEFT JOIN provisioning.member m ON m.team = t.id
WHERE t.code IS NULL GROUP BY t.id, t.name ORDER BY t.name LIMIT 200;

-- asking_of: what some units ask for, by id
SELECT organization, what FROM provisioning.asking WHERE organization = ANY($1::text[]);

-- ask: what a unit wants to look at before it holds
INSERT INTO provisioning.asking (organization, what, set_by) VALUES ($1, $2, $3)
ON CONFLICT (organization) DO UPDATE SET what = excluded.what, set_by = excluded.set_by, set_at = now();

-- proposals_of: what waits of somebody, and what was decided lately
SELECT * FROM provisioning.proposal WHERE login = $1
    AND (state = 'open' OR (state IN ('approved', 'overdue') AND decided > now() - interval '1 hour')
        OR (state = 'refused' AND decided > now() - interval '30 days'))
ORDER BY proposed DESC;

-- propose: a change that waits for a unit; nothing when one waits already
INSERT INTO provisioning.proposal (id, login, organization, gains, loses, deadline, task)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (login, organization) WHERE state = 'open' DO NOTHING;

-- withdraw: the directory has changed its mind
UPDATE provisioning.proposal SET state = 'withdrawn', decided = now() WHERE id = $1 AND state = 'open' RETURNING task;

-- decide: once
UPDATE provisioning.proposal SET state = $2, decided = now(), decided_by = $3, reason = $4
WHERE id = $1 AND state = 'open' RETURNING login, organization, task;

-- proposal: one
SELECT p.*, a.name FROM provisioning.proposal p JOIN accounts.account a USING (login) WHERE p.id = $1;

-- proposals_at: of some units: what waits, and what was decided in the last weeks
SELECT p.*, a.name FROM provisioning.proposal p JOIN accounts.account a USING (login)
WHERE p.organization = ANY($1::text[]) AND (p.state = 'open' OR p.decided > now() - interval '28 days')
ORDER BY p.state <> 'open', p.deadline, p.proposed LIMIT 200;

-- overdue: what nobody decided in time
SELECT id FROM provisioning.proposal WHERE state = 'open' AND deadline <= now() ORDER BY deadline LIMIT $1;

-- holders: who has some roles, by name
SELECT r.code, a.login, a.name, r.unit FROM accounts.role r JOIN accounts.account a USING (login)
WHERE a.active AND a.kind = 'staff' AND r.code = ANY($1::text[]) ORDER BY r.code, a.name LIMIT $2;

-- units_under: a unit and all that lies under it
WITH RECURSIVE tree AS (
    SELECT $1::text COLLATE "C" AS id
    UNION SELECT unit.id FROM access.unit JOIN tree ON unit.part_of = tree.id
)
SELECT id FROM tree WHERE id LIKE 'Organization/%';

-- at_units: who has a role at some units, or is given one there
SELECT login FROM accounts.role WHERE organization = ANY($1::text[])
UNION SELECT login FROM provisioning.given WHERE organization = ANY($1::text[]) ORDER BY login;

-- unmap_teams: groups that stood for a role at some units stand for none
UPDATE provisioning.team SET code = NULL, organization = NULL, version = version + 1, modified = now()
WHERE organization = ANY($1::text[]);

-- take_given_at: nothing is given at some units
DELETE FROM provisioning.given WHERE organization = ANY($1::text[]);

-- people_at: how many have which role at which unit
SELECT r.organization, r.code, count(*) AS people FROM accounts.role r JOIN accounts.account a USING (login)
WHERE a.active AND a.kind = 'staff' AND (r.ends IS NULL OR r.ends > now())
    AND r.organization = ANY($1::text[]) GROUP BY r.organization, r.code ORDER BY r.code;
