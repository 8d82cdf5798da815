"""Who works in the region: the personas and their colleagues by name, and whoever else the posts ask for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from samjournal.accounts import Account
from samjournal.demo.personas import PERSONAS, at
from samjournal.demo.posts import Staff as Staff
from samjournal.demo.posts import holders
from samjournal.demo.unit import Unit as Unit
from samjournal.demo.units import units as units

# login, given, family, title, role code, unit, profession (Volven 9060)
_COLLEAGUES = (
    ("ingvild", "Ingvild", "Sørmo", "Overlege", "doctor", "medisin-3", "LE"),
    ("jakob", "Jakob", "Lindseth", "Lege i spesialisering", "doctor", "medisin-3", "LE"),
    ("birgit", "Birgit", "Tømmerås", "Sykepleier", "nurse", "medisin-3", "SP"),
    ("tor-arne", "Tor Arne", "Vekseth", "Sykepleier", "nurse", "medisin-3", "SP"),
    ("linh", "Linh", "Tran", "Sykepleier", "nurse", "medisin-3", "SP"),
    ("per-kristian", "Per Kristian", "Holan", "Overlege", "doctor", "medisin-2", "LE"),
    ("anne-berit", "Anne Berit", "Kvam", "Sykepleier", "nurse", "medisin-2", "SP"),
    ("marte", "Marte", "Fossum", "Overlege", "doctor", "hjertepoliklinikken", "LE"),
    ("asbjorn", "Asbjørn", "Rygg", "Sykepleier", "nurse", "hjertepoliklinikken", "SP"),
    ("samira", "Samira", "Hussein", "Overlege", "doctor", "lungepoliklinikken", "LE"),
    ("eskil", "Eskil", "Brattås", "Overlege", "doctor", "ortopedi-1", "LE"),
    ("hanne", "Hanne", "Grong", "Sykepleier", "nurse", "ortopedi-1", "SP"),
    ("sunniva", "Sunniva", "Aune", "Overlege", "doctor", "barsel", "LE"),
    ("marit", "Marit", "Leira", "Jordmor", "nurse", "barsel", "JO"),
    ("jonas", "Jonas", "Hagerup", "Overlege", "doctor", "barnepoliklinikken", "LE"),
    ("oddbjorn", "Oddbjørn", "Sand", "Bioingeniør", "biomedical-scientist", "laboratoriet", "BI"),
    ("kine", "Kine", "Morset", "Lege", "doctor", "legevakt", "LE"),
    ("vegard", "Vegard", "Okkenhaug", "Sykepleier", "nurse", "legevakt", "SP"),
    ("bente", "Bente", "Lyngstad", "Hjemmesykepleier", "home-nurse", "egge-hjemmesykepleie", "SP"),
    ("yonas", "Yonas", "Tesfay", "Hjemmesykepleier", "home-nurse", "egge-hjemmesykepleie", "SP"),
    ("gro", "Gro", "Hallem", "Hjemmesykepleier", "home-nurse", "verdal-hjemmesykepleie", "SP"),
    ("inger-lise", "Inger Lise", "Vang", "Hjemmesykepleier", "home-nurse", "inderoy-hjemmesykepleie", "SP"),
    ("maja", "Maja", "Jåma", "Hjemmesykepleier", "home-nurse", "snasa-hjemmesykepleie", "SP"),
    ("astrid", "Astrid", "Follestad", "Heimesjukepleiar", "home-nurse", "orsta-heimesjukepleie", "SP"),
    ("kari-anne", "Kari Anne", "Bævre", "Heimesjukepleiar", "home-nurse", "surnadal-heimesjukepleie", "SP"),
    ("nina", "Nina", "Ekker", "Fastlege", "gp", "furutoppen-legesenter", "LE"),
    ("laila", "Laila", "Kjesbu", "Helsesekretær", "secretary", "furutoppen-legesenter", "HE"),
    ("stig", "Stig", "Aalberg", "Fastlege", "gp", "elvekanten-legekontor", "LE"),
    ("karin", "Karin", "Musum", "Fastlege", "gp", "kornmoen-legesenter", "LE"),
    ("trond", "Trond", "Hjulstad", "Fastlege", "gp", "sundbrua-legekontor", "LE"),
    ("ristin", "Ristin", "Joma", "Fastlege", "gp", "vannsiden-legekontor", "LE"),
    ("oddveig", "Oddveig", "Hovden", "Fastlege", "gp", "fjordglott-legekontor", "LE"),
    ("sivert", "Sivert", "Glærum", "Fastlege", "gp", "laksehylla-legekontor", "LE"),
    ("wenche", "Wenche", "Bruheim", "Saksbehandler", "case-worker", "steinkjer-tildeling", "SP"),
    ("ragna", "Ragna", "Minsaas", "Helsesykepleier", "nurse", "verdal-helsestasjon", "SP"),
    ("grete", "Grete", "Aunmo", "Helsesykepleier", "nurse", "inderoy-helsestasjon", "SP"),
    ("anja", "Anja", "Bruvold", "Helsesykepleier", "nurse", "snasa-helsestasjon", "SP"),
    ("torill", "Torill", "Mork", "Helsesjukepleiar", "nurse", "orsta-helsestasjon", "SP"),
    ("bodil", "Bodil", "Mogstad", "Helsesjukepleiar", "nurse", "surnadal-helsestasjon", "SP"),
)  # fmt: skip

_MEN = {
    "henrik", "magnus", "jakob", "tor-arne", "per-kristian", "asbjorn", "eskil", "jonas", "oddbjorn", "vegard", "yonas",
    "stig", "trond", "sivert",
}  # fmt: skip
_PROFESSIONS = {
    "home-nurse": "SP",
    "nurse": "SP",
    "physiotherapist": "FT",
    "health-visitor": "SP",
    "doctor": "LE",
    "gp": "LE",
    "secretary": "HE",
    "privacy-officer": "",
    "record-keeper": "",
    "operator": "",
}
SIGN_IN = frozenset(_PROFESSIONS)
"""The roles that the product has pages for today; colleagues in other roles cannot sign in yet."""


@cache
def named() -> tuple[Staff, ...]:
    """Those who are in every region by name, the personas first; one entry for each role."""
    found = []
    for person in PERSONAS:
        given, _, family = person.name.rpartition(" ")
        for role in person.roles:
            if person.practitioner_id:
                title = "Lege" if role.code == "doctor" else person.title_nb
                woman = person.login not in _MEN
                found.append(Staff(person.login, given, family, title, role, _PROFESSIONS[role.code], woman))
    for login, given, family, title, code, unit, profession in _COLLEAGUES:
        role = at(login, code, unit, units()[unit].name)
        found.append(Staff(login, given, family, title, role, profession, login not in _MEN))
    return tuple(found)


@cache
def _named_at(unit: str) -> tuple[Staff, ...]:
    return tuple(person for person in named() if person.role.organization_id == unit)


def staff(region: int = 0) -> Iterator[Staff]:
    """Everybody at work in a region, unit by unit; one entry for each role."""
    for unit in units(region).values():
        yield from holders(unit, _named_at(unit.id))


@cache
def worker(login: str, unit: str | None = None) -> Staff:
    """The named person with this login, in the role at `unit` when there are several."""
    return next(found for found in named() if found.login == login and unit in (None, found.role.organization_id))


@lru_cache(maxsize=4096)
def at_unit(unit: str | Unit, code: str | None = None) -> tuple[Staff, ...]:
    """Everybody at a unit, or those of them in one role; a unit by its id is that of the smallest region."""
    where = units()[unit] if isinstance(unit, str) else unit
    return tuple(person for person in holders(where, _named_at(where.id)) if code in (None, person.role.code))


def accounts() -> list[Account]:
    """Everybody who can sign in to the demo: the personas first, then their colleagues."""
    colleagues = [
        Account(found.login, found.name, "staff", (found.role,), practitioner_id=found.login)
        for found in named()
        if found.login in {row[0] for row in _COLLEAGUES} and found.role.code in SIGN_IN
    ]
    return [*PERSONAS, *colleagues]
