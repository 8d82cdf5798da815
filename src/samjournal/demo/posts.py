# ruff: noqa: E501 - a table row stays on one line
"""Kinds of post, and who holds them where nobody is named: the same unit always has the same people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from samjournal.accounts import RoleAt
from samjournal.demo.chance import chance, identity
from samjournal.demo.names import FAMILIES, ORIGINS, first_names
from samjournal.demo.unit import Unit


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is called in bokmål and nynorsk, the role's code, the profession (Volven 9060) and the share of women."""

    title: str
    title_nn: str
    code: str
    profession: str
    women: float


POSTS = {
    "consultant": Post("Overlege", "Overlege", "doctor", "LE", 0.48),
    "resident": Post("Lege i spesialisering", "Lege i spesialisering", "doctor", "LE", 0.62),
    "specialist": Post("Avtalespesialist", "Avtalespesialist", "doctor", "LE", 0.45),
    "private-psychologist": Post("Psykologspesialist", "Psykologspesialist", "psychologist", "PS", 0.7),
    "duty-doctor": Post("Legevaktslege", "Legevaktslege", "doctor", "LE", 0.5),
    "nursing-home-doctor": Post("Sykehjemslege", "Sjukeheimslege", "doctor", "LE", 0.55),
    "gp": Post("Fastlege", "Fastlege", "gp", "LE", 0.5),
    "nurse": Post("Sykepleier", "Sjukepleiar", "nurse", "SP", 0.88),
    "mental-nurse": Post("Psykiatrisk sykepleier", "Psykiatrisk sjukepleiar", "nurse", "SP", 0.75),
    "midwife": Post("Jordmor", "Jordmor", "nurse", "JO", 0.99),
    "health-nurse": Post("Helsesykepleier", "Helsesjukepleiar", "nurse", "SP", 0.97),
    "home-nurse": Post("Hjemmesykepleier", "Heimesjukepleiar", "home-nurse", "SP", 0.9),
    "home-helper": Post("Helsefagarbeider", "Helsefagarbeidar", "care-worker", "HF", 0.88),
    "helper": Post("Helsefagarbeider", "Helsefagarbeidar", "care-worker", "HF", 0.85),
    "social-educator": Post("Vernepleier", "Vernepleiar", "care-worker", "VP", 0.78),
    "secretary": Post("Helsesekretær", "Helsesekretær", "secretary", "HE", 0.97),
    "case-worker": Post("Saksbehandler", "Saksbehandlar", "case-worker", "SP", 0.85),
    "physiotherapist": Post("Fysioterapeut", "Fysioterapeut", "physiotherapist", "FT", 0.75),
    "occupational-therapist": Post("Ergoterapeut", "Ergoterapeut", "occupational-therapist", "ET", 0.9),
    "lab": Post("Bioingeniør", "Bioingeniør", "biomedical-scientist", "BI", 0.88),
    "radiographer": Post("Radiograf", "Radiograf", "radiographer", "RA", 0.7),
    "psychologist": Post("Psykolog", "Psykolog", "psychologist", "PS", 0.75),
    "paramedic": Post("Ambulansearbeider", "Ambulansearbeidar", "paramedic", "AA", 0.4),
}


@dataclass(frozen=True, slots=True)
class Staff:
    """One person in one role at one unit; `login` is also the Practitioner's id."""

    login: str
    given: str
    family: str
    title: str
    role: RoleAt
    profession: str
    woman: bool = True

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def reference(self) -> dict[str, str]:
        return {"reference": f"PractitionerRole/{self.role.practitioner_role_id}", "display": self.name}

    @property
    def unit(self) -> dict[str, str]:
        return {"reference": f"Organization/{self.role.organization_id}", "display": self.role.unit_name}


def holders(unit: Unit, named: tuple[Staff, ...]) -> Iterator[Staff]:
    """Those who are named, then as many as the posts ask for beyond them."""
    yield from named
    free = {code: sum(person.role.code == code for person in named) for code in {p.role.code for p in named}}
    for kind, count in unit.posts:
        code = POSTS[kind].code
        for number in range(count):
            if free.get(code, 0) > 0:
                free[code] -= 1
            else:
                yield _holder(unit, kind, number)


def _holder(unit: Unit, kind: str, number: int) -> Staff:
    post, rng = POSTS[kind], chance("staff", unit.id, kind, number)
    login = identity("staff", unit.id, kind, number)[:12]
    woman = rng.random() < post.women
    drawn = rng.random()
    families = FAMILIES
    given = rng.choice(first_names(woman=woman, birth_year=rng.randint(1961, 2003)))
    for origin in ORIGINS:
        if drawn < origin.share:
            given, families = rng.choice(origin.women if woman else origin.men), origin.families
            break
        drawn -= origin.share
    title = post.title_nn if unit.nynorsk else post.title
    role = RoleAt(post.code, unit.id, f"{login}-{post.code}-{unit.id}", unit.name)
    return Staff(login, given, rng.choice(families), title, role, post.profession, woman)
