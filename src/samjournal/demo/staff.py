# ruff: noqa: E501 - sentences and table rows stay on one line
"""The units of the region and who works there; institutions are invented, municipalities are real names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from samjournal.accounts import Account, RoleAt
from samjournal.demo.personas import PERSONAS, UNIT_NAMES, at


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation or a part of one. `kind`: prov, dept, govt or team, in HL7's words."""

    id: str
    name: str
    kind: str
    what: str
    part_of: str | None = None
    municipality: str = "5006"
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """One person in one role at one unit; `login` is also the Practitioner's id."""

    login: str
    given: str
    family: str
    title: str
    role: RoleAt
    profession: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def reference(self) -> dict[str, str]:
        return {"reference": f"PractitionerRole/{self.role.practitioner_role_id}", "display": self.name}

    @property
    def unit(self) -> dict[str, str]:
        return {"reference": f"Organization/{self.role.organization_id}", "display": self.role.unit_name}


# What a municipality gets: id stem, name, number, home care, GP offices; nynorsk where it writes that.
MUNICIPALITIES: tuple[tuple[str, str, str, tuple[str, str], tuple[tuple[str, str], ...]], ...] = (
    ("steinkjer", "Steinkjer kommune", "5006", ("egge-hjemmesykepleie", UNIT_NAMES["egge-hjemmesykepleie"]),
     (("furutoppen-legesenter", UNIT_NAMES["furutoppen-legesenter"]), ("elvekanten-legekontor", "Elvekanten legekontor"))),
    ("verdal", "Verdal kommune", "5038", ("verdal-hjemmesykepleie", "Verdal hjemmesykepleie"),
     (("kornmoen-legesenter", "Kornmoen legesenter"),)),
    ("inderoy", "Inderøy kommune", "5053", ("inderoy-hjemmesykepleie", "Inderøy hjemmesykepleie"),
     (("sundbrua-legekontor", "Sundbrua legekontor"),)),
    ("snasa", "Snåsa kommune", "5041", ("snasa-hjemmesykepleie", "Snåsa hjemmesykepleie"),
     (("vannsiden-legekontor", "Vannsiden legekontor"),)),
    ("orsta", "Ørsta kommune", "1520", ("orsta-heimesjukepleie", "Ørsta heimesjukepleie"),
     (("fjordglott-legekontor", "Fjordgløtt legekontor"),)),
    ("surnadal", "Surnadal kommune", "1566", ("surnadal-heimesjukepleie", "Surnadal heimesjukepleie"),
     (("laksehylla-legekontor", "Laksehylla legekontor"),)),
)  # fmt: skip

_HOSPITAL = (
    Unit("fjordheim-sykehus", "Fjordheim sykehus", "prov", "Sykehus", phone="+4774000100"),
    Unit("medisinsk-klinikk", "Medisinsk klinikk", "dept", "Klinikk", "fjordheim-sykehus"),
    Unit("medisin-2", "Medisin 2, Fjordheim sykehus", "dept", "Sengepost", "medisinsk-klinikk"),
    Unit("medisin-3", UNIT_NAMES["medisin-3"], "dept", "Sengepost", "medisinsk-klinikk", phone="+4774000130"),
    Unit(
        "hjertepoliklinikken",
        "Hjertepoliklinikken, Fjordheim sykehus",
        "dept",
        "Poliklinikk",
        "medisinsk-klinikk",
    ),
    Unit(
        "lungepoliklinikken",
        "Lungepoliklinikken, Fjordheim sykehus",
        "dept",
        "Poliklinikk",
        "medisinsk-klinikk",
    ),
    Unit("kirurgisk-klinikk", "Kirurgisk klinikk", "dept", "Klinikk", "fjordheim-sykehus"),
    Unit("ortopedi-1", "Ortopedi 1, Fjordheim sykehus", "dept", "Sengepost", "kirurgisk-klinikk"),
    Unit("kvinne-barn", "Kvinne- og barneklinikken", "dept", "Klinikk", "fjordheim-sykehus"),
    Unit("barsel", "Føde og barsel, Fjordheim sykehus", "dept", "Sengepost", "kvinne-barn"),
    Unit("barnepoliklinikken", "Barnepoliklinikken, Fjordheim sykehus", "dept", "Poliklinikk", "kvinne-barn"),
    Unit("ergo-fysio", "Fysio- og ergoterapi, Fjordheim sykehus", "dept", "Fagavdeling", "fjordheim-sykehus"),
    Unit("laboratoriet", "Laboratoriet, Fjordheim sykehus", "dept", "Laboratorium", "fjordheim-sykehus"),
    Unit(
        "mikrobiologi",
        "Medisinsk mikrobiologi, Fjordheim sykehus",
        "dept",
        "Laboratorium",
        "fjordheim-sykehus",
    ),
    Unit("bildediagnostikk", "Bildediagnostikk, Fjordheim sykehus", "dept", "Fagavdeling", "fjordheim-sykehus"),
)


@cache
def units() -> dict[str, Unit]:
    """Every unit by id; a unit comes after the one it is part of."""
    found = list(_HOSPITAL)
    for stem, name, number, home_care, offices in MUNICIPALITIES:
        nynorsk = number in ("1520", "1566")
        body = f"{stem}-kommune"
        found.append(Unit(body, name, "govt", "Kommune", None, number))
        found.append(Unit(*home_care, "team", "Heimesjukepleie" if nynorsk else "Hjemmesykepleie", body, number))
        found.append(
            Unit(
                f"{stem}-helsestasjon",
                f"{name.split()[0]} helsestasjon",
                "team",
                "Helsestasjon",
                body,
                number,
            )
        )
        found += [Unit(id_, office, "prov", "Fastlegekontor", None, number) for id_, office in offices]
    found.append(
        Unit("steinkjer-tildeling", "Tildelingskontoret i Steinkjer", "team", "Tildeling", "steinkjer-kommune")
    )
    found.append(Unit("legevakt", UNIT_NAMES["legevakt"], "team", "Legevakt", "steinkjer-kommune", phone="+4774116117"))
    return {unit.id: unit for unit in found}


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
    ("live", "Live", "Tverås", "Fysioterapeut", "physiotherapist", "ergo-fysio", "FT"),
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
    ("silje", "Silje", "Rannem", "Helsesykepleier", "nurse", "steinkjer-helsestasjon", "SP"),
    ("ragna", "Ragna", "Minsaas", "Helsesykepleier", "nurse", "verdal-helsestasjon", "SP"),
    ("grete", "Grete", "Aunmo", "Helsesykepleier", "nurse", "inderoy-helsestasjon", "SP"),
    ("anja", "Anja", "Bruvold", "Helsesykepleier", "nurse", "snasa-helsestasjon", "SP"),
    ("torill", "Torill", "Mork", "Helsesjukepleiar", "nurse", "orsta-helsestasjon", "SP"),
    ("bodil", "Bodil", "Mogstad", "Helsesjukepleiar", "nurse", "surnadal-helsestasjon", "SP"),
)  # fmt: skip

_PROFESSIONS = {"home-nurse": "SP", "nurse": "SP", "doctor": "LE", "gp": "LE", "secretary": "HE"}
SIGN_IN = frozenset({"doctor", "gp", "nurse", "home-nurse", "secretary"})
"""The roles that the product has pages for today; colleagues in other roles cannot sign in yet."""


@cache
def staff() -> tuple[Staff, ...]:
    """Everybody at work, the personas first; one entry for each role."""
    found = []
    for person in PERSONAS:
        given, _, family = person.name.rpartition(" ")
        for role in person.roles:
            if person.practitioner_id:
                title = "Lege" if role.code == "doctor" else person.title_nb
                found.append(Staff(person.login, given, family, title, role, _PROFESSIONS[role.code]))
    for login, given, family, title, code, unit, profession in _COLLEAGUES:
        role = at(login, code, unit, units()[unit].name)
        found.append(Staff(login, given, family, title, role, profession))
    return tuple(found)


@cache
def worker(login: str, unit: str | None = None) -> Staff:
    """The person with this login, in the role at `unit` when there are several."""
    return next(found for found in staff() if found.login == login and unit in (None, found.role.organization_id))


@cache
def at_unit(unit: str, code: str | None = None) -> tuple[Staff, ...]:
    """Everybody at a unit, or those of them in one role."""
    return tuple(s for s in staff() if s.role.organization_id == unit and code in (None, s.role.code))


def accounts() -> list[Account]:
    """Everybody who can sign in to the demo: the personas first, then their colleagues."""
    colleagues = [
        Account(found.login, found.name, "staff", (found.role,), practitioner_id=found.login)
        for found in staff()
        if found.login in {row[0] for row in _COLLEAGUES} and found.role.code in SIGN_IN
    ]
    return [*PERSONAS, *colleagues]
