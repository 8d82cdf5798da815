"""By whom people sign in, from one TOML file: docs/how-to/sign-in-by-provider.md has every key.

    identity(path, address) -> Identity          raises Misconfigured, which names the table and the key

Paths are meant from the folder of the file. Keys stand in files of their own that nobody else may read, and appear in
no log and in no error. Providers are not asked at start: one that is away keeps nobody from the others.
"""

from __future__ import annotations

import re
import ssl
import tomllib
from pathlib import Path
from typing import Final

from samjournal.exchange.table import Misconfigured, Table
from samjournal.openid import ALGORITHMS, Client, Key, Party, Web, is_safe, key_of
from samjournal.signin import Identity, Provider

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,30}")
_TAKEN: Final = ("demo", "again", "kept", "phone", "pin", "lock")
_KINDS: Final = {"citizens": "citizen", "staff": "staff"}
_SHOWN: Final = {"idporten": "ID-porten", "helseid": "HelseID"}


def identity(path: Path, address: str) -> Identity:
    """Everything the file names, for people who find us at an address."""
    try:
        told = tomllib.loads(path.read_text())
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is no TOML: {error}.") from None
    whole = Table(told, path.name, path.parent)
    if not is_safe(address, plain=True):
        raise Misconfigured(
            f"{path.name}: providers lead browsers back to an https address, and ours is {address}. Say how the world"
            " calls us with --address https://journal.example.no."
        )
    made: list[Provider] = []
    for one in whole.tables("provider"):
        provider = _provider(one, address)
        if provider.name in [other.name for other in made]:
            raise Misconfigured(f"{one.where}: there is a provider {provider.name} already.")
        made.append(provider)
        one.finish()
    whole.finish()
    if not made:
        raise Misconfigured(f"{path.name}: no [[provider]] is named, so nobody could sign in.")
    return Identity(address, tuple(made))


def _provider(one: Table, address: str) -> Provider:
    name = one.text("name")
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise Misconfigured(f"{one.where}: name is a short word of a-z, 0-9 and -, such as idporten; not {name}.")
    kind = one.text("for")
    if kind not in _KINDS:
        raise Misconfigured(f"{one.where}: for is citizens or staff, not {kind}.")
    issuer = one.text("issuer")
    if not is_safe(issuer, plain=True):
        raise Misconfigured(f"{one.where}: issuer is an https address, written as the provider writes it.")
    acr = tuple(one.texts("acr"))
    client = Client(
        issuer=issuer,
        client_id=one.text("client"),
        key=_key(one),
        redirect=f"{address}/signin/{name}/return",
        scopes=_scopes(one),
        acr=acr,
        acr_claim=one.text("acr-claim", "acr"),
        accepted=tuple(one.texts("acr-accepted", acr)),
        algorithms=_algorithms(one),
        dpop=_yes(one, "dpop"),
        leeway=_leeway(one),
    )
    if not acr or not client.accepted:
        raise Misconfigured(
            f"{one.where}: acr names the level that is asked for and checked; without it anybody would do."
        )
    party = Party(client, web=Web(authorities=_authorities(one)))
    return Provider(name, one.text("shown", _SHOWN.get(name, name)), _KINDS[kind], party)


def _key(one: Table) -> Key:
    path = one.private("key")
    algorithm, id_ = one.text("key-algorithm", ""), one.text("key-id", "")
    try:
        return key_of(path.read_text(), algorithm=algorithm, id_=id_)
    except UnicodeDecodeError:
        raise Misconfigured(f"{one.where}: key {path} is neither a JWK nor PEM.") from None
    except ValueError as error:
        raise Misconfigured(f"{one.where}: key {path} cannot be used: {error}.") from None


def _scopes(one: Table) -> tuple[str, ...]:
    scopes = tuple(one.texts("scopes", ("openid", "profile")))
    if "openid" not in scopes or any(not scope or any(c.isspace() for c in scope) for scope in scopes):
        raise Misconfigured(f"{one.where}: scopes is a list with openid in it.")
    return scopes


def _algorithms(one: Table) -> tuple[str, ...]:
    found = tuple(one.texts("algorithms", ("RS256", "PS256", "ES256")))
    if not found or (unknown := [name for name in found if name not in ALGORITHMS]):
        told = unknown[0] if found else "none at all"
        raise Misconfigured(f"{one.where}: algorithms are some of {', '.join(ALGORITHMS)}; not {told}.")
    return found


def _yes(one: Table, name: str) -> bool:
    found = one.text(name, "false")
    if found not in ("true", "false"):
        raise Misconfigured(f"{one.where}: {name} is true or false.")
    return found == "true"


def _leeway(one: Table) -> int:
    found = one.text("leeway", "30")
    if not found.isdecimal() or int(found) > 120:
        raise Misconfigured(f"{one.where}: leeway is seconds by which clocks may differ, 120 at the most.")
    return int(found)


def _authorities(one: Table) -> ssl.SSLContext | None:
    if "ca" not in one:
        return None
    try:
        return ssl.create_default_context(cafile=one.path("ca"))
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{one.where}: the authorities in ca cannot be used: {error}.") from None
