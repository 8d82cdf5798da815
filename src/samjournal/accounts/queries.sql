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
FROM accounts.account a LEFT JOIN accounts.role r ON r.login = a.login
    AND (r.ends IS NULL OR r.ends > now())
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
    s.device, s.browser, s.shared, s.phone, s.place, s.pin IS NOT NULL AS has_pin,
    s.locked IS NOT NULL OR s.seen + s.idle <= now() AS is_locked,
    ceil(extract(epoch FROM least(s.expires, coalesce((SELECT seen FROM used), s.seen) + s.idle) - now()))::int AS left,
    ceil(extract(epoch FROM s.expires - now()))::int AS whole,
    EXISTS (SELECT FROM accounts.met m WHERE m.login = s.login AND NOT m.told AND m.browser IS DISTINCT FROM s.browser)
        AS has_news,
    a.name, a.kind, a.practitioner, a.patient,
    ARRAY(SELECT ARRAY[r.code, r.organization, r.practitioner_role, r.unit] FROM accounts.role r
        WHERE r.login = s.login AND (r.ends IS NULL OR r.ends > now()) ORDER BY r.practitioner_role) AS roles
FROM accounts.session s JOIN accounts.account a USING (login)
WHERE s.id = (SELECT id FROM meant) AND a.active AND s.expires > now() AND (s.shared OR s.seen + s.idle > now());

-- ended: whose session has ended by itself
SELECT login FROM accounts.session
WHERE coalesce(cookie, id) = $1 AND NOT (expires > now() AND locked IS NULL AND seen + idle > now());

-- standing: which of some sessions are open, of somebody who gets in, in a role that he has
SELECT s.id FROM accounts.session s JOIN accounts.account a USING (login)
WHERE s.id = ANY($1::bytea[]) AND a.active AND s.expires > now() AND s.seen + s.idle > now() AND s.locked IS NULL
    AND EXISTS (SELECT FROM accounts.role r WHERE r.login = s.login
        AND r.practitioner_role = s.practitioner_role AND (r.ends IS NULL OR r.ends > now()));

-- choose_role: the one active role
UPDATE accounts.session SET practitioner_role = $2, cookie = $3 WHERE id = $1;

-- prove_again: a full proof in the middle of a session
UPDATE accounts.session SET cookie = $2, expires = now() + $3::interval, way = $4, level = $5,
    provider_session = coalesce($6, provider_session), units = coalesce($7, units),
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
RETURNING browser, provider, nonce, verifier, after, expires > now() AS valid,
    extract(epoch FROM expires - make_interval(mins => $2))::float8 AS began;

-- forget_attempts: those that nobody came back from
DELETE FROM accounts.attempt WHERE expires < now();

-- note_provided: what the provider wants to see again
INSERT INTO accounts.provided (session, provider, subject, id_token) VALUES ($1, $2, $3, $4)
ON CONFLICT (session) DO UPDATE SET provider = excluded.provider, subject = excluded.subject,
    id_token = excluded.id_token;

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

-- token: whom a token stands for; one of an app also what came with it, while all that it came of stands
SELECT t.login, t.practitioner_role, t.system, t.scope, t.acts_for, t.app, t.created, t.expires, t.granted,
    g.patient, g.encounter
FROM accounts.token t LEFT JOIN accounts.granted g ON g.id = t.granted
WHERE t.id = $1 AND t.use = 'access' AND t.expires > now()
    AND (t.app IS NULL OR EXISTS (SELECT 1 FROM accounts.app a WHERE a.client_id = t.app AND a.active))
    AND (t.granted IS NULL OR g.ended IS NULL AND g.expires > now()
        AND (g.session IS NULL OR EXISTS (SELECT 1 FROM accounts.session s WHERE s.id = g.session AND s.expires > now()
        AND s.seen + s.idle > now() AND s.locked IS NULL)));

-- put_app: an app as its operator describes it
INSERT INTO accounts.app (client_id, name, kind, redirects, jwks, jwks_uri, scope, launch, used_by, owner)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, kind = excluded.kind, redirects = excluded.redirects,
    jwks = excluded.jwks, jwks_uri = excluded.jwks_uri, scope = excluded.scope, launch = excluded.launch,
    used_by = excluded.used_by, owner = excluded.owner, active = true;

-- apps: those that are registered, one or all
SELECT client_id, name, kind, redirects, jwks, jwks_uri, scope, launch, used_by, owner FROM accounts.app
WHERE active AND ($1::text IS NULL OR client_id = $1) ORDER BY name, client_id;

-- app_names: what some apps are called, removed ones too
SELECT client_id, name FROM accounts.app WHERE client_id = ANY($1::text[]);

-- remove_app: it is known no more
UPDATE accounts.app SET active = false WHERE client_id = $1 AND active RETURNING client_id;

-- end_app: all tokens and codes of an app
DELETE FROM accounts.token WHERE app = $1;

-- end_granted_to: all that people let an app do
UPDATE accounts.granted SET ended = now(), why = 'app' WHERE app = $1 AND ended IS NULL;

-- issue_for_app: a token, refresh token or code of an app, for a person or for itself
INSERT INTO accounts.token (id, login, practitioner_role, system, scope, acts_for, app, granted, use, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10));

-- forget_tokens: what an app had and is of no use even to tell a second use from a first
DELETE FROM accounts.token WHERE app = $1 AND expires < now() - interval '1 day';

-- use_assertion: once
INSERT INTO accounts.assertion (app, jti, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING jti;

-- forget_assertions: those that would be refused for their time
DELETE FROM accounts.assertion WHERE app = $1 AND expires < now() - interval '5 minutes';

-- grant: what somebody lets an app do, until a time
INSERT INTO accounts.granted (app, login, practitioner_role, acts_for, session, patient, encounter, scope, redirect,
    challenge, nonce, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + make_interval(secs => $12)) RETURNING id;

-- take_once: a code or refresh token that was not used, is of this app, and of which all that it came of stands
UPDATE accounts.token t SET used = now()
FROM accounts.granted g
WHERE t.id = $1 AND t.app = $2 AND t.use = $3 AND t.used IS NULL AND t.expires > now() AND g.id = t.granted
    AND g.ended IS NULL AND g.expires > now()
    AND (g.session IS NULL OR EXISTS (SELECT 1 FROM accounts.session s WHERE s.id = g.session AND s.expires > now()
        AND s.seen + s.idle > now() AND s.locked IS NULL))
RETURNING g.id, g.app, g.login, g.practitioner_role, g.acts_for, g.session, g.patient, g.encounter, g.scope, g.redirect,
    g.challenge, g.nonce, g.starts, g.expires;

-- used_before: what a code or refresh token came of that was used before
SELECT granted FROM accounts.token WHERE id = $1 AND app = $2 AND use = $3 AND used IS NOT NULL;

-- granted_by_token: what a refresh token of an app came of
SELECT granted FROM accounts.token WHERE id = $1 AND app = $2 AND use = 'refresh';

-- public_app_of: the app that a refresh token is of, when it keeps no key
SELECT t.app FROM accounts.token t JOIN accounts.app a ON a.client_id = t.app
WHERE t.id = $1 AND t.use = 'refresh' AND a.kind = 'public' AND a.active;

-- refresh_token: a refresh token that can be used still
SELECT t.login, t.scope, t.created, t.expires FROM accounts.token t JOIN accounts.granted g ON g.id = t.granted
WHERE t.id = $1 AND t.app = $2 AND t.use = 'refresh' AND t.used IS NULL AND t.expires > now() AND g.ended IS NULL
    AND g.expires > now()
    AND (g.session IS NULL OR EXISTS (SELECT 1 FROM accounts.session s WHERE s.id = g.session AND s.expires > now()
        AND s.seen + s.idle > now() AND s.locked IS NULL));

-- end_granted: it ends, once
UPDATE accounts.granted SET ended = now(), why = $2 WHERE id = $1 AND ended IS NULL RETURNING app, login, patient;

-- granted_by: what somebody lets apps do now, the newest first
SELECT g.id, g.app, a.name, g.login, g.practitioner_role, g.acts_for, g.session, g.patient, g.encounter, g.scope,
    g.redirect, g.challenge, g.nonce, g.starts, g.expires
FROM accounts.granted g JOIN accounts.app a ON a.client_id = g.app
WHERE g.login = $1 AND g.ended IS NULL AND g.expires > now()
    AND (g.session IS NULL OR EXISTS (SELECT 1 FROM accounts.session s WHERE s.id = g.session AND s.expires > now()
        AND s.seen + s.idle > now() AND s.locked IS NULL))
    AND EXISTS (SELECT 1 FROM accounts.token t WHERE t.granted = g.id AND t.expires > now() AND t.used IS NULL)
ORDER BY g.starts DESC;

-- put_launch: an app is opened from a patient's page
INSERT INTO accounts.launch (id, app, session, patient, encounter, expires)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6));

-- forget_launches: those that came to nothing
DELETE FROM accounts.launch WHERE expires < now();

-- launch: whom an app was opened for, in this session
SELECT patient, encounter FROM accounts.launch WHERE id = $1 AND app = $2 AND session = $3 AND expires > now();

-- put_signing_key: a key for ID tokens
INSERT INTO accounts.signing_key (id, key) VALUES ($1, $2);

-- signing_keys: keys for ID tokens that are published, the newest first
SELECT id, key, made FROM accounts.signing_key WHERE made > now() - make_interval(days => $1) ORDER BY made DESC, id;

-- end_token: one access token of an app
DELETE FROM accounts.token WHERE id = $1 AND app = $2 AND use = 'access';

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

-- account_whole: one account, closed ones too, with the roles that it has; locked until the end of the transaction
SELECT a.login, a.name, a.kind, a.practitioner, a.patient, a.active FROM accounts.account a WHERE a.login = $1 FOR UPDATE;

-- roles_of: what an account has, ended ones that nobody has taken away yet too
SELECT r.code, r.organization, r.practitioner_role, r.unit, r.ends, a.practitioner
FROM accounts.role r JOIN accounts.account a USING (login) WHERE r.login = $1 ORDER BY r.practitioner_role;

-- open_account: somebody at work who is new here
INSERT INTO accounts.account (login, name, kind, practitioner, active) VALUES ($1, $2, 'staff', $3, $4);

-- change_account: what somebody is called, and whether he gets in
UPDATE accounts.account SET name = $2, practitioner = $3, active = $4 WHERE login = $1;

-- give_role: a role from now on, until `ends`
INSERT INTO accounts.role (login, practitioner_role, code, organization, unit, ends) VALUES ($1, $2, $3, $4, $5, $6);

-- take_roles: roles that somebody has no longer
DELETE FROM accounts.role WHERE login = $1 AND practitioner_role = ANY($2::text[]);

-- end_in_roles: sessions and tokens in roles that somebody has no longer
DELETE FROM accounts.token WHERE login = $1 AND practitioner_role = ANY($2::text[]);

-- leave_roles: sessions stay, and ask for another role
UPDATE accounts.session SET practitioner_role = NULL WHERE login = $1 AND practitioner_role = ANY($2::text[]);

-- numbers_of: under which official numbers a login is known
SELECT system, value FROM accounts.identity WHERE login = $1;

-- unknow_as: official numbers that are no longer his
DELETE FROM accounts.identity WHERE login = $1 AND system = $2 AND value <> $3;

-- numbered: who is known under an official number, closed accounts too
SELECT login FROM accounts.identity WHERE system = $1 AND value = $2;

-- remember_browser: it is known again by its cookie
INSERT INTO accounts.browser (id, device) VALUES ($1, $2);

-- browser: one that is known
SELECT id, device, unit, name FROM accounts.browser WHERE id = $1;

-- meet: somebody signs in by a browser; whether it is new to who has others
INSERT INTO accounts.met (login, browser, told) VALUES ($1, $2, NOT EXISTS (SELECT FROM accounts.met WHERE login = $1))
ON CONFLICT DO NOTHING RETURNING NOT told;

-- seen_news: he has looked, by another browser than the new one
UPDATE accounts.met SET told = true WHERE login = $1 AND NOT told AND browser IS DISTINCT FROM $2;

-- signins: where somebody is signed in
SELECT s.id, s.way, s.device, s.practitioner_role, s.created, s.seen, s.shared, s.phone,
    s.locked IS NOT NULL OR s.seen + s.idle <= now() AS is_locked,
    EXISTS (SELECT FROM accounts.met m WHERE m.login = s.login AND m.browser = s.browser AND NOT m.told) AS is_new
FROM accounts.session s
WHERE s.login = $1 AND s.expires > now() AND (s.shared OR s.seen + s.idle > now()) ORDER BY s.seen DESC, s.id;

-- tokens_of: how many stand for somebody
SELECT count(*) FROM accounts.token WHERE login = $1 AND expires > now();

-- close_own: one of somebody's sessions
DELETE FROM accounts.session WHERE login = $1 AND id = $2;

-- forget_met: browsers whose cookie is gone by now
DELETE FROM accounts.met m USING accounts.browser b
WHERE b.id = m.browser AND b.unit IS NULL AND b.made < now() - interval '800 days';

-- forget_browsers: those that nobody used for long
DELETE FROM accounts.browser b WHERE b.unit IS NULL AND b.made < now() - interval '800 days'
    AND NOT EXISTS (SELECT FROM accounts.met m WHERE m.browser = b.id)
    AND NOT EXISTS (SELECT FROM accounts.session s WHERE s.browser = b.id);

-- share: a browser becomes a unit's shared PC
UPDATE accounts.browser SET unit = $2, name = $3, by = $4 WHERE id = $1;

-- unshare: or no more
UPDATE accounts.browser SET unit = NULL, name = '' WHERE id = $1;

-- share_session: the session that made it so locks from now on
UPDATE accounts.session SET shared = true, idle = $2 WHERE id = $1;

-- unshare_session: and ends again
UPDATE accounts.session SET shared = false, pin = NULL WHERE id = $1;

-- close_lying: what lies on a browser, but for one
DELETE FROM accounts.session WHERE browser = $1 AND shared AND id <> $2;

-- on_shift: whose sessions lie on a shared PC
SELECT s.login, a.name, coalesce(max(r.unit), '') AS unit,
    bool_or(s.pin IS NOT NULL AND s.tries < $2) AS has_pin, max(s.seen) AS used
FROM accounts.session s JOIN accounts.account a USING (login)
    LEFT JOIN accounts.role r ON r.login = s.login AND r.practitioner_role = s.practitioner_role
WHERE s.browser = $1 AND s.shared AND s.expires > now() AND a.active GROUP BY s.login, a.name ORDER BY used DESC;

-- lying: somebody's session on a shared PC
SELECT id FROM accounts.session
WHERE browser = $1 AND login = $2 AND shared AND expires > now() ORDER BY seen DESC LIMIT 1;

-- lock: on a shared PC
UPDATE accounts.session SET locked = coalesce(locked, now()), place = CASE WHEN $2 = '' THEN place ELSE $2 END
WHERE id = $1 AND shared;

-- set_pin: for this PC, while the session lasts
UPDATE accounts.session SET pin = $2, tries = 0 WHERE id = $1 AND shared;

-- try_pin: counted before it is looked at
UPDATE accounts.session SET tries = tries + 1
WHERE id = (SELECT id FROM accounts.session WHERE browser = $1 AND login = $2 AND shared AND expires > now()
    ORDER BY seen DESC LIMIT 1) AND pin IS NOT NULL AND tries < $3
RETURNING id, pin;

-- unlock: the PIN code was right
UPDATE accounts.session SET cookie = $2, locked = NULL, tries = 0, seen = now(), unlocked = now() WHERE id = $1;

-- begin_pairing: a code for a phone, in place of the former one
WITH former AS (DELETE FROM accounts.pairing WHERE login = $2)
INSERT INTO accounts.pairing (code, login, session, expires) VALUES ($1, $2, $3, now() + $4::interval);

-- whose_code: who gave a code
SELECT login FROM accounts.pairing WHERE code = $1 AND expires > now();

-- pair: the code is used up by the phone
WITH code AS (DELETE FROM accounts.pairing WHERE code = $1 AND expires > now() RETURNING login)
INSERT INTO accounts.phone (login, credential, public_key, counter, device)
SELECT login, $2, $3, $4, $5 FROM code RETURNING id, login;

-- phones: of somebody
SELECT id, login, public_key, counter, device, made, used FROM accounts.phone WHERE login = $1 ORDER BY used DESC, id;

-- phone_of: by its passkey
SELECT id, login, public_key, counter, device, made, used FROM accounts.phone WHERE credential = $1;

-- phone_used: it signed
UPDATE accounts.phone SET counter = $2, used = now() WHERE id = $1;

-- revoke_phone: with all that is open on it
DELETE FROM accounts.phone WHERE login = $1 AND id = $2 RETURNING id;

-- revoke_phones: all of somebody's
DELETE FROM accounts.phone WHERE login = $1;

-- challenge: what a passkey is to sign
INSERT INTO accounts.challenge (id, expires) VALUES ($1, now() + $2::interval);

-- redeem: once
DELETE FROM accounts.challenge WHERE id = $1 AND expires > now() RETURNING id;

-- forget_challenges: nobody signed them
DELETE FROM accounts.challenge WHERE expires < now();

-- forget_codes: nobody used them
DELETE FROM accounts.pairing WHERE expires < now();
