"""Who may do what in the database: roles below the program that repeat its rules. docs/explanation/least-privilege.md

    await settle(dsn)                   the owner makes the roles and grants, where they are not as they must be
    await differences(connection)       what is granted too much or too little
    await standing(connection)          what the role of this connection may too much or too little
    await may_erase(connection)         whether it may put tombstones in the place of versions
    statements()                        the same as SQL, for whoever runs a server of his own
    as_role(dsn, APPLICATION)           the DSN of the embedded server, for another role

The owner makes the schema. The application reads and writes, and cannot change or remove versions and looks. Reports
read their views. Erasure is the application, and may put tombstones in the place of versions.
postgresql.org/docs/18/ddl-priv.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import asyncpg

from samjournal.db.pool import translated

APPLICATION, REPORTING, ERASURE = "samjournal_app", "samjournal_reporting", "samjournal_erasure"
ROLES: Mapping[str, str] = {
    APPLICATION: "serves: reads, adds versions and looks, keeps what search needs",
    REPORTING: "reads the views of the schema reporting, and nothing else",
    ERASURE: "erases by decision: what the application may, and tombstones in the place of versions",
}

_READ, _ADD, _CHANGE, _REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"
_KEEP = (_READ, _ADD)
"""What is only added to."""
_UPSERT = (_READ, _ADD, _CHANGE)
_PROJECT = (_READ, _ADD, _REMOVE)
"""What is taken away and made anew."""
_ALL = (_READ, _ADD, _CHANGE, _REMOVE)

_PROPOSED = "type, resource, version, everything, patient, decision, proposed_by, role, organization, deadline"
"""Of a decision to erase: what somebody proposes, and nothing of who confirms it."""

TABLES: Mapping[str, Sequence[str]] = {
    "public.migration": (_READ,),
    "store.version": _KEEP,
    "store.tombstone": (_READ,),
    "store.current": _UPSERT,
    "store.string": _PROJECT,
    "store.date": _PROJECT,
    "store.number": _PROJECT,
    "store.text": _PROJECT,
    "store.display": _KEEP,
    "store.parameter": _ALL,
    "store.renewal": _UPSERT,
    "store.feed": _KEEP,
    "store.claim": _KEEP,
    "store.occupied": _PROJECT,
    "store.follower": _UPSERT,
    "store.job": _ALL,
    "store.draft": _UPSERT,
    "access.person": _UPSERT,
    "access.unit": _UPSERT,
    "access.relation": _PROJECT,
    "access.block": _PROJECT,
    "access.part_block": _PROJECT,
    "access.result": _PROJECT,
    "access.task": _ALL,
    "access.civil": _UPSERT,
    "access.mandate": _PROJECT,
    "access.post": _ALL,
    "access.review": _UPSERT,
    "access.erasure": (_READ, f"INSERT ({_PROPOSED})", "UPDATE (confirmed, confirmed_by)"),
    "access.finding": _KEEP,
    "access.pace": _PROJECT,
    "access.rights": _KEEP,
    "letters.wish": _ALL,
    "letters.subscription": _ALL,
    "letters.sending": _ALL,
    "letters.notice": _ALL,
    "letters.reminder": _UPSERT,
    "terminology.system": _PROJECT,
    "terminology.concept": _PROJECT,
    "terminology.alias": _PROJECT,
    "audit.look": _KEEP,
    "audit.seen": _KEEP,
    "audit.seal": _KEEP,
    "audit.pending": _ALL,
    "audit.follower": _UPSERT,
    "audit.tally": _KEEP,
    "audit.handed": (_READ,),
    "accounts.installation": _KEEP,
    "accounts.account": _UPSERT,
    "accounts.role": _PROJECT,
    "accounts.role_held": (_READ,),
    "accounts.session": _ALL,
    "accounts.token": (*_PROJECT, "UPDATE (used)"),
    "accounts.app": _UPSERT,
    "accounts.granted": _UPSERT,
    "accounts.launch": _PROJECT,
    "accounts.assertion": _PROJECT,
    "accounts.signing_key": _KEEP,
    "accounts.identity": _ALL,
    "accounts.browser": _ALL,
    "accounts.met": _ALL,
    "accounts.phone": _ALL,
    "accounts.pairing": _PROJECT,
    "accounts.challenge": _PROJECT,
    "accounts.kept_form": _PROJECT,
    "accounts.attempt": _PROJECT,
    "accounts.provided": _UPSERT,
    "feedback.remark": _ALL,
    "provisioning.person": _UPSERT,
    "provisioning.team": _ALL,
    "provisioning.member": _PROJECT,
    "provisioning.given": _PROJECT,
    "provisioning.asking": _UPSERT,
    "provisioning.proposal": _UPSERT,
}
"""What the application may do with each table or some of its columns. A table that is not here it cannot touch."""

ANALYZED = ("store.current", "store.string", "store.date", "store.number", "store.display", "store.text")
"""What the application may have looked over by the planner (MAINTAIN)."""

ERASED: Mapping[str, Sequence[str]] = {
    "store.version": ("UPDATE (body, method)", "MAINTAIN"),
    "store.job": ("MAINTAIN",),
    "store.tombstone": (_ADD,),
    "store.draft": (_REMOVE,),
    "store.display": (_REMOVE,),
    "access.person": (_REMOVE,),
    "access.civil": (_REMOVE,),
    "access.unit": (_REMOVE,),
    "access.erasure": (_ADD, "UPDATE (done)"),
}
"""What erasure may do beside what the application may."""

VIEWS = ("reporting.looks", "reporting.resources")
SCHEMAS = ("store", "access", "accounts", "audit", "terminology", "letters", "feedback", "provisioning")

SECRET = (
    "accounts.installation",
    "accounts.session",
    "accounts.token",
    "accounts.identity",
    "accounts.phone",
    "accounts.pairing",
    "accounts.kept_form",
    "accounts.attempt",
    "accounts.provided",
    "accounts.granted",
    "accounts.launch",
    "accounts.signing_key",
    "audit.look",
    "audit.seen",
    "audit.seal",
)
"""With row security as a second line: who is granted them by mistake sees no row. docs/decisions/0028"""

NEVER: Mapping[str, Sequence[str]] = dict.fromkeys(
    ("store.version", "audit.look", "audit.seen", "audit.seal"), (_CHANGE, _REMOVE, "TRUNCATE")
)
"""What nobody who serves may do: a role that may is too strong."""


class RightsRefused(Exception):
    """The role of a connection cannot do what it must. The text says what to grant."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a role may that it should not, and what it may not that it must (as GRANTs)."""

    role: str
    too_much: tuple[str, ...]
    too_little: tuple[str, ...]


def as_role(dsn: str, role: str) -> str:
    """The DSN of the embedded server, for another role. Its socket lies in a folder that only its account can enter,
    and whoever is in may be any role: no password guards them from one another."""
    parts = urlsplit(dsn)
    query = urlencode({**dict(parse_qsl(parts.query)), "user": role}, quote_via=quote)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"


def statements() -> Iterator[str]:
    """The SQL that makes the roles and grants them what they need, no more, whatever they had. Run by the owner."""
    for role in ROLES:
        yield _MAKE.format(role=role)
    roles = ", ".join(("PUBLIC", *ROLES))
    for schema in (*SCHEMAS, "reporting"):
        yield f"REVOKE ALL ON SCHEMA {schema} FROM {roles}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {roles}"
        yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {roles}"
        yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM {roles}"
    yield f"REVOKE ALL ON public.migration FROM {roles}"
    yield f"REVOKE CREATE ON SCHEMA public FROM {roles}"
    yield _NOT_TEMPORARY
    for schema in SCHEMAS:
        yield f"GRANT USAGE ON SCHEMA {schema} TO {APPLICATION}"
        yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {APPLICATION}"
    for table, rights in TABLES.items():
        yield f"GRANT {', '.join(rights)} ON {table} TO {APPLICATION}"
    for table in ANALYZED:
        yield f"GRANT MAINTAIN ON {table} TO {APPLICATION}"
    yield _MEMBER
    for table, rights in ERASED.items():
        yield f"GRANT {', '.join(rights)} ON {table} TO {ERASURE}"
    yield f"GRANT USAGE ON SCHEMA reporting TO {REPORTING}"
    for view in VIEWS:
        yield f"GRANT SELECT ON {view} TO {REPORTING}"
    for table in SECRET:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS application ON {table}"
        yield f"CREATE POLICY application ON {table} TO {APPLICATION} USING (true)"


_MAKE = """DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$"""

# Whoever has it already need not be given it by one who may not give it.
_MEMBER = f"""DO $$ BEGIN
    IF NOT pg_has_role('{ERASURE}', '{APPLICATION}', 'MEMBER') THEN
        GRANT {APPLICATION} TO {ERASURE};
    END IF;
END $$"""

_NOT_TEMPORARY = """DO $$ BEGIN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$"""

_LOCK = 7_265_766_006


async def settle(dsn: str) -> bool:
    """Make roles and grants as they must be, as the owner, after the migrations; whether anything was done. Raises
    RightsRefused when the owner may not make roles and they are not there."""
    with translated():
        connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if not await differences(connection):
            return False
        async with connection.transaction():
            # One program at a time.
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute("SET LOCAL lock_timeout = '10s'")
            for statement in statements():
                await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError as error:
        raise RightsRefused(
            f"The roles of the database cannot be made by {await _name(connection)}: {error}. Let an administrator"
            " run what `samjournal database roles` prints."
        ) from None
    finally:
        await connection.close()
    return True


async def _name(connection: Any) -> str:
    return str(await connection.fetchval("SELECT current_user"))


async def differences(connection: Any) -> list[str]:
    """What of the roles and their grants is not as it must be, in words; empty when all is."""
    have = {row["name"]: row for row in await connection.fetch(_ROLES, list(ROLES))}
    found = [f"the role {role} is missing" for role in ROLES if role not in have]
    found += [f"the role {role} may {row['too_much']}" for role, row in have.items() if row["too_much"]]
    rows = await connection.fetch(_GRANTED, list(ROLES), [*SCHEMAS, "reporting", "public"])
    granted = {(row["role"], row["what"], row["right"]) for row in rows}
    wanted = set(_wanted()) | {
        (APPLICATION, row["what"], "EXECUTE") for row in await connection.fetch(_FUNCTIONS, SCHEMAS)
    }
    if await connection.fetchval(_TEMPORARY):
        found.append("PUBLIC has TEMPORARY or CREATE on the database")
    found += [f"{role} lacks {right} on {what}" for role, what, right in sorted(wanted - granted)]
    found += [f"{role} has {right} on {what}" for role, what, right in sorted(granted - wanted)]
    secured = {row["name"] for row in await connection.fetch(_SECURED)}
    return found + [f"{table} has no row security" for table in SECRET if table not in secured]


def _wanted() -> Iterator[tuple[str, str, str]]:
    """Role, object, right: each that is granted, but for functions."""
    for schema in SCHEMAS:
        yield APPLICATION, schema, "USAGE"
    for table, rights in TABLES.items():
        for right in rights:
            yield from ((APPLICATION, where, what) for where, what in _parted(table, right))
    for table in ANALYZED:
        yield APPLICATION, table, "MAINTAIN"
    for table, rights in ERASED.items():
        for right in rights:
            yield from ((ERASURE, where, what) for where, what in _parted(table, right))
    yield ERASURE, APPLICATION, "MEMBER"
    yield REPORTING, "reporting", "USAGE"
    for view in VIEWS:
        yield REPORTING, view, "SELECT"


def _parted(table: str, right: str) -> Iterator[tuple[str, str]]:
    """A right on a table, or on each of the columns that it names."""
    named = re.fullmatch(r"(\w+) \((.*)\)", right)
    if named is None:
        yield table, right
        return
    for column in named[2].split(", "):
        yield f"{table}.{column}", named[1]


_ROLES = """SELECT rolname AS name, array_to_string(array_remove(ARRAY[
        CASE WHEN rolsuper THEN 'everything (SUPERUSER)' END, CASE WHEN rolbypassrls THEN 'pass row security' END,
        CASE WHEN rolcreaterole THEN 'make roles' END, CASE WHEN rolcreatedb THEN 'make databases' END,
        CASE WHEN rolreplication THEN 'replicate' END], NULL), ', ') AS too_much
FROM pg_roles WHERE rolname = ANY($1)"""

# Grants to PUBLIC count as well. Of `public` only what the program has there; its CREATE is the owner's.
_GRANTED = """WITH acl AS (
    SELECT n.nspname::text AS what, n.nspname AS schema, a.* FROM pg_namespace n
        CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
        WHERE n.nspname <> 'public' OR a.privilege_type <> 'USAGE'
    UNION ALL
    SELECT n.nspname || '.' || c.relname, n.nspname, a.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN aclexplode(c.relacl) a WHERE n.nspname <> 'public' OR c.relname = 'migration'
    UNION ALL
    SELECT n.nspname || '.' || c.relname || '.' || t.attname, n.nspname, a.* FROM pg_attribute t
        JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN aclexplode(t.attacl) a WHERE n.nspname <> 'public' AND t.attnum > 0
    UNION ALL
    SELECT p.oid::regprocedure::text, n.nspname, a.* FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE n.nspname <> 'public'
)
SELECT coalesce(r.rolname, 'PUBLIC') AS role, acl.what, acl.privilege_type AS right FROM acl
LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE acl.schema = ANY($2) AND (acl.grantee = 0 OR r.rolname = ANY($1))
UNION ALL
SELECT m.rolname, g.rolname, 'MEMBER' FROM pg_auth_members b JOIN pg_roles m ON m.oid = b.member
JOIN pg_roles g ON g.oid = b.roleid WHERE m.rolname = ANY($1)"""

_TEMPORARY = """SELECT EXISTS (SELECT 1 FROM pg_database d
    CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type IN ('TEMPORARY', 'CREATE'))"""

_FUNCTIONS = """SELECT p.oid::regprocedure::text AS what FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY($1)"""

_SECURED = """SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'application')"""


# What a connection may


async def standing(connection: Any) -> Standing:
    """What the role of a connection may too much to serve, and too little."""
    role = await _name(connection)
    row = await connection.fetchrow(_STANDING, role)
    too_much = [told for told in (row["super"], row["owns"]) if told]
    asked = [(table, right) for table, rights in NEVER.items() for right in rights]
    too_much += [f"{right} on {table}" for table, right in await _held(connection, asked)] if not too_much else []
    needed = [(table, right) for table, rights in TABLES.items() for right in rights]
    held = set(await _held(connection, needed))
    lacking = [f"GRANT {right} ON {table} TO {role}" for table, right in needed if (table, right) not in held]
    return Standing(role, tuple(too_much), tuple(lacking))


async def may_erase(connection: Any) -> bool:
    """Whether the role of a connection may put tombstones in the place of versions."""
    return bool(await connection.fetchval(_MAY_ERASE))


_MAY_ERASE = """SELECT has_table_privilege('store.tombstone', 'INSERT')
    AND has_column_privilege('store.version', 'body', 'UPDATE')"""


async def _held(connection: Any, asked: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which of some rights on tables the role of a connection has."""
    rows = await connection.fetch(_HELD, [table for table, _ in asked], [right for _, right in asked])
    return [(row["name"], row["right"]) for row in rows]


_STANDING = """SELECT CASE WHEN r.rolsuper THEN 'everything (SUPERUSER)'
        WHEN r.rolbypassrls THEN 'pass row security' END AS super,
    (SELECT 'what the owner of ' || min(n.nspname || '.' || c.relname) || ' may' FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('store', 'audit') AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'MEMBER')) AS owns
FROM pg_roles r WHERE r.rolname = $1"""

# Without USAGE of its schema a right on a table is worth nothing.
_HELD = """SELECT asked.name, asked.right FROM unnest($1::text[], $2::text[]) AS asked(name, "right")
JOIN pg_namespace n ON n.nspname = split_part(asked.name, '.', 1)
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = split_part(asked.name, '.', 2)
WHERE has_schema_privilege(n.oid, 'USAGE') AND CASE WHEN asked.right LIKE '% (%'
    THEN (SELECT bool_and(has_column_privilege(c.oid, name, split_part(asked.right, ' ', 1)))
        FROM regexp_split_to_table(substring(asked.right FROM '\\((.*)\\)'), ', ') AS name)
    ELSE has_table_privilege(c.oid, asked.right) END"""
