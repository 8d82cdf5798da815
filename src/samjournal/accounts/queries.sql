-- installation: what this installation is
SELECT kind, secret, details FROM accounts.installation;

-- kind: demo or production
SELECT kind FROM accounts.installation;

-- create_installation: said once
INSERT INTO accounts.installation (kind, secret, details) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- put_account: a person who can sign in
INSERT INTO accounts.account (login, name, kind, practitioner, patient) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (login) DO UPDATE SET name = excluded.name, kind = excluded.kind, practitioner = excluded.practitioner,
    patient = excluded.patient, active = true;

-- forget_roles: before they are stored anew
DELETE FROM accounts.role WHERE login = ANY($1::text[]);

-- add_role: a role that a person may choose
INSERT INTO accounts.role (login, practitioner_role, code, organization, unit) VALUES ($1, $2, $3, $4, $5);

-- accounts: active accounts with their roles, one or all
SELECT a.login, a.name, a.kind, a.practitioner, a.patient, r.code, r.organization, r.practitioner_role, r.unit
FROM accounts.account a LEFT JOIN accounts.role r USING (login)
WHERE a.active AND ($1::text IS NULL OR a.login = $1)
ORDER BY a.login, r.practitioner_role;

-- staff_named: active staff by login, or else by a part of the name; $2 is that part for LIKE
SELECT a.login FROM accounts.account a
WHERE a.active AND a.kind = 'staff' AND (a.login = $1 OR lower(a.name) LIKE $2)
ORDER BY a.login <> $1, a.name, a.login LIMIT $3;

-- practitioners_of: the Practitioner behind some logins
SELECT login, practitioner FROM accounts.account WHERE login = ANY($1::text[]) AND practitioner IS NOT NULL;

-- logins_in: who has held some roles
SELECT DISTINCT login FROM accounts.role_held WHERE practitioner_role = ANY($1::text[]);

-- codes_of: what those are who hold some roles
SELECT practitioner_role, code FROM accounts.role WHERE practitioner_role = ANY($1::text[]);

-- units_of: where some Practitioners work
SELECT a.practitioner, r.organization FROM accounts.account a JOIN accounts.role r USING (login)
WHERE a.active AND a.practitioner = ANY($1::text[]);

-- open_session: somebody signed in
INSERT INTO accounts.session (id, login, practitioner_role, expires, way, level, provider_session)
VALUES ($1, $2, $3, now() + make_interval(hours => $4), $5, $6, $7) RETURNING proven;

-- session: a session that has not ended
SELECT login, practitioner_role, acts_for, way, level, provider_session, proven FROM accounts.session WHERE id = $1 AND expires > now();

-- choose_role: the one active role
UPDATE accounts.session SET practitioner_role = $2 WHERE id = $1;

-- act_for: whom a citizen acts for; NULL: himself
UPDATE accounts.session SET acts_for = $2 WHERE id = $1;

-- close_session: signed out
DELETE FROM accounts.session WHERE id = $1;

-- close_sessions: all of somebody's
DELETE FROM accounts.session WHERE login = $1;

-- revoke_tokens: all that stand for somebody
DELETE FROM accounts.token WHERE login = $1;

-- know_as: under which official number a login is known
INSERT INTO accounts.identity (system, value, login) VALUES ($1, $2, $3)
ON CONFLICT (system, value) DO UPDATE SET login = excluded.login;

-- known_as: the active login behind an official number
SELECT i.login FROM accounts.identity i JOIN accounts.account a USING (login)
WHERE i.system = $1 AND i.value = $2 AND a.active;

-- issue_token: a token's hash, and whom it stands for
INSERT INTO accounts.token (id, login, practitioner_role, system, scope, acts_for, expires)
VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(hours => $7));

-- token: whom a token stands for
SELECT login, practitioner_role, system, scope, acts_for FROM accounts.token WHERE id = $1 AND expires > now();

-- roles_held: the roles of a login that were held at some time of a stretch, the latest first
SELECT practitioner_role, code, organization, unit, starts, ends FROM accounts.role_held
WHERE login = $1 AND starts < $3 AND (ends IS NULL OR ends > $2) ORDER BY starts DESC, practitioner_role;

-- colleagues: active staff with a role at a unit
SELECT a.login, a.name, a.kind, a.practitioner, a.patient, r.code, r.organization, r.practitioner_role, r.unit
FROM accounts.account a JOIN accounts.role r USING (login)
WHERE a.active AND r.organization = $1 ORDER BY a.name, r.practitioner_role;

-- manned: at which of some units somebody can sign in to one of some roles
SELECT DISTINCT r.organization FROM accounts.role r JOIN accounts.account a USING (login)
WHERE a.active AND r.organization = ANY($1::text[]) AND r.code = ANY($2::text[]);

-- staffed: who can sign in to one of some roles at some units
SELECT r.organization, r.practitioner_role, a.name FROM accounts.role r JOIN accounts.account a USING (login)
WHERE a.active AND r.organization = ANY($1::text[]) AND r.code = ANY($2::text[])
ORDER BY r.organization, a.name;

-- most_manned: the unit at which most can sign in to one of some roles
SELECT r.organization, r.unit FROM accounts.role r JOIN accounts.account a USING (login)
WHERE a.active AND r.code = ANY($1::text[]) AND r.organization <> ''
GROUP BY r.organization, r.unit ORDER BY count(*) DESC, r.organization LIMIT 1;

-- held_now: which of some roles somebody can sign in to
SELECT DISTINCT r.practitioner_role, r.organization, a.name, a.practitioner
FROM accounts.role r JOIN accounts.account a USING (login)
WHERE a.active AND (r.practitioner_role = ANY($1::text[]) OR a.practitioner = ANY($2::text[]));
