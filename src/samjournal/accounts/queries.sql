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
INSERT INTO accounts.session (id, cookie, login, practitioner_role, expires, idle, way, level, provider_session, device,
    browser, shared, phone, units)
VALUES ($1, $2, $3, $4, now() + $5::interval, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- session: one that has not ended, by its cookie or its name; $3: it is used just now, which is noted once a minute
WITH meant AS (
    SELECT id FROM accounts.session WHERE coalesce(cookie, id) = $1
    UNION ALL SELECT id FROM accounts.session WHERE id = $2
), used AS (
    UPDATE accounts.session SET seen = now()
    WHERE id = (SELECT id FROM meant) AND $3 AND locked IS NULL AND expires > now() AND seen + idle > now()
        AND seen < now() - interval '1 minute'
    RETURNING seen
)
SELECT s.id, s.login, s.practitioner_role, s.acts_for, s.way, s.level, s.provider_session, s.units, s.proven, s.unlocked,
    s.device, s.browser, s.shared, s.phone, s.place, s.locked IS NOT NULL OR s.seen + s.idle <= now() AS is_locked,
    ceil(extract(epoch FROM least(s.expires, coalesce((SELECT seen FROM used), s.seen) + s.idle) - now()))::int AS left,
    ceil(extract(epoch FROM s.expires - now()))::int AS whole,
    EXISTS (SELECT FROM accounts.met m WHERE m.login = s.login AND NOT m.told AND m.browser IS DISTINCT FROM s.browser)
        AS has_news,
    a.name, a.kind, a.practitioner, a.patient,
    ARRAY(SELECT ARRAY[r.code, r.organization, r.practitioner_role, r.unit] FROM accounts.role r
        WHERE r.login = s.login ORDER BY r.practitioner_role) AS roles
FROM accounts.session s JOIN accounts.account a USING (login)
WHERE s.id = (SELECT id FROM meant) AND a.active AND s.expires > now() AND (s.shared OR s.seen + s.idle > now());

-- ended: whose session has ended by itself
SELECT login FROM accounts.session
WHERE coalesce(cookie, id) = $1 AND NOT (expires > now() AND (shared OR seen + idle > now()));

-- standing: which of some sessions are open
SELECT s.id FROM accounts.session s JOIN accounts.account a USING (login)
WHERE s.id = ANY($1::bytea[]) AND a.active AND s.expires > now() AND s.seen + s.idle > now() AND s.locked IS NULL;

-- choose_role: the one active role
UPDATE accounts.session SET practitioner_role = $2, cookie = $3 WHERE id = $1;

-- prove_again: a full proof in the middle of a session
UPDATE accounts.session SET cookie = $2, expires = now() + $3::interval, way = $4, level = $5, provider_session = $6,
    proven = now(), unlocked = now(), seen = now(), locked = NULL, tries = 0
WHERE id = $1;

-- forget_ended: what ended more than a day ago
DELETE FROM accounts.session
WHERE expires < now() - interval '1 day' OR (NOT shared AND seen + idle < now() - interval '1 day');

-- act_for: whom a citizen acts for; NULL: himself
UPDATE accounts.session SET acts_for = $2 WHERE id = $1;

-- close_session: signed out
DELETE FROM accounts.session WHERE id = $1;

-- close_sessions: all of somebody's
DELETE FROM accounts.session WHERE login = $1;

-- revoke_tokens: all that stand for somebody
DELETE FROM accounts.token WHERE login = $1;

-- begin_attempt: somebody was sent to a provider
INSERT INTO accounts.attempt (state, browser, provider, nonce, verifier, after, expires)
VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(mins => $7));

-- end_attempt: he is back; once
DELETE FROM accounts.attempt WHERE state = $1
RETURNING browser, provider, nonce, verifier, after, expires > now() AS valid;

-- forget_attempts: those that nobody came back from
DELETE FROM accounts.attempt WHERE expires < now();

-- note_provided: what the provider wants to see again
INSERT INTO accounts.provided (session, provider, subject, id_token) VALUES ($1, $2, $3, $4);

-- provided: who opened a session
SELECT provider, subject, id_token FROM accounts.provided WHERE session = $1;

-- close_provided: the provider ended a session, or all of a person's
DELETE FROM accounts.session s USING accounts.provided p
WHERE p.session = s.id AND p.provider = $1
    AND (s.provider_session = $2 OR ($2::text IS NULL AND p.subject = $3)) RETURNING s.id;

-- account_of_patient: the login of a citizen, whether it is active or not
SELECT login, active FROM accounts.account WHERE kind = 'citizen' AND patient = ANY($1::text[])
ORDER BY active DESC, login LIMIT 1;

-- know_as: under which official number a login is known
INSERT INTO accounts.identity (system, value, kind, login)
SELECT $1, $2, a.kind, a.login FROM accounts.account a WHERE a.login = $3
ON CONFLICT (system, value, kind) DO UPDATE SET login = excluded.login;

-- known_as: the active login behind an official number, of a kind if one is named
SELECT i.login FROM accounts.identity i JOIN accounts.account a USING (login)
WHERE i.system = $1 AND i.value = $2 AND a.active AND a.kind = coalesce($3::text, a.kind) ORDER BY a.kind DESC LIMIT 1;

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

-- keep_form: what was sent and could not be taken, sealed; fifty of one person at most
INSERT INTO accounts.kept_form (id, login, sealed, expires)
SELECT $1, $2, $3, now() + $4::interval
WHERE (SELECT count(*) FROM accounts.kept_form WHERE login = $2 AND expires > now()) < 50;

-- kept_form: what somebody may still have
SELECT sealed FROM accounts.kept_form WHERE id = $1 AND login = $2 AND expires > now();

-- drop_form: sent after all, or thrown away
DELETE FROM accounts.kept_form WHERE id = $1;

-- forget_forms: nobody came back for them
DELETE FROM accounts.kept_form WHERE expires < now();
