"""Representation: who may act for somebody else, at which level and until when. Requirement 3.4

    civil(patient) -> Civil                         who somebody is by the population register
    mandates(resource) -> list[Mandate]             what a RelatedPerson or a Consent lets others do for a patient
    verdict(mandate, represented, holder, parents, at=)     the level at which it holds now, or why it does not
    may_sign_in(civil, agreed, at=) -> bool         whether somebody is old enough for a login of his own

All pure. A mandate is a projection; whether it holds is asked at each request, so that a birthday, an end date, a
withdrawal, a death or a confidential address closes it at once. Days are those of Europe/Oslo. Who was born on
29 February turns a year older on 1 March in years without that day, which never is so at 12 or 16 before the year 2100.
pasient- og brukerrettighetsloven § 3-4, § 4-4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from samjournal.access.blocks import ALWAYS, FOREVER
from samjournal.access.roles import ROLES
from samjournal.fhir.dates import span
from samjournal.fhir.folding import fold
from samjournal.fhir.identifiers import DNR, FNR, age
from samjournal.fhir.keys import hash64, key, local
from samjournal.fhir.protection import is_protected

OSLO = ZoneInfo("Europe/Oslo")
RESTRICTED, OF_AGE, OWN_LOGIN = 12, 16, 13
"""From 12 parents see little; at 16 one is of age in health; from 13 one may have a login that the parents agree to."""

_ALL = ROLES["citizen"].reads
_ANSWERS = frozenset({"Appointment", "AppointmentResponse", "Communication", "QuestionnaireResponse"})


@dataclass(frozen=True, slots=True)
class Level:
    """How much may be done for somebody else. `writes` holds as far as citizens write at all; `reads_log`: who has
    read; `decides`: blocks the record, and lets in again, as the patient would."""

    code: str
    names: tuple[str, str, str]  # bokmål, nynorsk, English
    reads: frozenset[str]
    writes: frozenset[str] = frozenset()
    reads_log: bool = False
    decides: bool = False


LEVELS: dict[str, Level] = {
    level.code: level
    for level in (
        Level(
            "child",
            ("Forelder til barn under 12 år", "Forelder til barn under 12 år", "Parent of a child under 12"),
            _ALL,
            _ANSWERS,
            reads_log=True,
            decides=True,
        ),
        Level(
            "full",
            ("Full fullmakt", "Full fullmakt", "Full power of attorney"),
            _ALL,
            _ANSWERS,
            reads_log=True,
            decides=True,
        ),
        Level("standard", ("Vanlig fullmakt", "Vanleg fullmakt", "Standard power of attorney"), _ALL, _ANSWERS),
        Level("read-only", ("Bare lese", "Berre lese", "Read only"), _ALL),
        Level("parts", ("Deler av journalen", "Delar av journalen", "Parts of the record"), frozenset({"Patient"})),
        Level(
            "communicate-only",
            ("Bare skrive meldinger", "Berre skrive meldingar", "Communicate only"),
            frozenset({"Appointment", "Communication", "Patient"}),
            frozenset({"AppointmentResponse", "Communication"}),
        ),
        Level(
            "youth",
            ("Forelder til barn på 12–15 år", "Forelder til barn på 12–15 år", "Parent of a child of 12–15"),
            frozenset({"AllergyIntolerance", "Immunization", "Patient"}),
        ),
    )
}
"""Every level, the widest first: of several mandates for the same person the widest holds."""
POWERS = ("standard", "read-only", "communicate-only", "full")
"""The levels of a power of attorney."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of mandate is made, what starts and ends it, and at which levels."""

    kind: str
    made_by: str
    starts: str
    ends: str
    levels: tuple[str, ...]


REPRESENTATION = {
    rule.kind: rule
    for rule in (
        Rule(
            "parent",
            "RelatedPerson with parental responsibility, from the population register",
            "birth",
            "the day the child turns 16",
            ("child", "youth"),
        ),
        Rule("power-of-attorney", "Consent, given by the citizen", "given", "its end date, or withdrawn", POWERS),
        Rule(
            "without-capacity",
            "Consent, registered by a doctor on a form, with a reason",
            "registered",
            "its end date, or withdrawn",
            POWERS,
        ),
        Rule("next-of-kin", "Consent, given by the citizen", "given", "its end date, or withdrawn", ("parts",)),
    )
}
"""Every kind of mandate; `samjournal access rules` prints them."""
BY_CONSENT = ("power-of-attorney", "without-capacity", "next-of-kin")
AGREED = "own-login"
"""A parent's consent that a child of 13–15 has a login of its own: no mandate, for it acts for nobody else."""

KINDS, LEVEL_CODES = "urn:samjournal:representation", "urn:samjournal:representation-level"
"""The code systems of Consent.category that say which kind and which level."""
REASON = "urn:samjournal:representation-reason"
"""The extension in which a doctor says what the judgement rests on."""
TYPES = "http://hl7.org/fhir/resource-types"
SCOPE = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
_NARROWED = ("data", "code", "action", "purpose", "dataPeriod", "securityLabel", "provision")
"""What makes a provision narrower than we understand: then it opens nothing."""

WITHHELD = tuple(("http://terminology.hl7.org/CodeSystem/v3-ActCode", code) for code in ("PRS", "PHY", "NOPAT"))
"""Labels of what the patient or a professional keeps from representatives."""

BY_THE_PATIENT, BY_PROFESSIONALS = frozenset(WITHHELD[:1]), frozenset(WITHHELD[1:2])
"""Who sets them as labels. NOPAT keeps from the patient too: that is a decision, which takes a reason (`notes`)."""

RESPONSIBILITY = "http://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility"
FAMILY = "http://hl7.no/fhir/CodeSystem/no-basis-family-relation"
_ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_PARENTS = {
    **{(FAMILY, code): code for code in ("mor", "far", "medmor")},
    (_ROLE_CODE, "MTH"): "mor",
    (_ROLE_CODE, "FTH"): "far",
}
_OFFICIAL = "http://hl7.no/fhir/StructureDefinition/no-basis-address-official"


class Civil(NamedTuple):
    """Who somebody is by the population register: keys of his numbers and of his home (None: not known). Whether he is
    dead is kept apart, with the person, and comes along."""

    patient: int
    numbers: frozenset[int]
    born: date | None
    home: int | None
    dead: bool
    protected: bool
    made_by: str | None = None

    @property
    def counts(self) -> bool:
        """Whether the register, or a system in its stead, says so."""
        return self.made_by is None

    @property
    def registered(self) -> tuple[frozenset[int], date | None, int | None]:
        """What the register alone may say."""
        return self.numbers, self.born, self.home


class Mandate(NamedTuple):
    """What lets somebody act for a patient. `holder` is a patient key, of a parent the key of the official number;
    `made_by` somebody who wrote it without the right to."""

    patient: int
    holder: int
    kind: str
    level: str
    types: tuple[str, ...]
    starts: datetime
    ends: datetime
    made_by: str | None = None


Refusal = Literal[
    "nobody", "over", "later", "dead", "protected", "of-age", "under-age", "no-age", "not-registered", "elsewhere"
]


class Verdict(NamedTuple):
    """The level at which a mandate holds, or why it does not."""

    level: Level | None
    refusal: Refusal | None = None


def civil(patient: dict[str, Any]) -> Civil:
    """What a Patient says of who somebody is. A date of birth that is not whole counts from its first day."""
    born = patient.get("birthDate")
    numbers = frozenset(
        number_key(one["system"], one["value"])
        for one in patient.get("identifier", ())
        if one.get("system") in (FNR, DNR) and one.get("value") and one.get("use") != "old"
    )
    return Civil(
        patient=key(f"Patient/{patient['id']}"),
        numbers=numbers,
        born=date.fromisoformat((born + "-01-01")[:10]) if born else None,
        home=_home(patient),
        dead=bool(patient.get("deceasedBoolean") or patient.get("deceasedDateTime")),
        protected=is_protected(patient),
    )


def number_key(system: str, value: str) -> int:
    """The key of an official number."""
    return hash64(f"{system}|{value.strip()}")


def _home(patient: dict[str, Any]) -> int | None:
    """The key of the registered address: the official one, else the home; None without street or postal code."""
    standing = [one for one in patient.get("address", ()) if not one.get("period", {}).get("end")]
    official = [one for one in standing if any(map(_is_official, one.get("extension", ())))]
    homes = [one for one in standing if one.get("use") == "home" and one.get("type") != "postal"]
    for one in (*official, *homes):
        if one.get("line") and one.get("postalCode"):
            return hash64(fold(" ".join((*one["line"], one["postalCode"]))))
    return None


def _is_official(extension: dict[str, Any]) -> bool:
    return extension.get("url") == _OFFICIAL and extension.get("valueBoolean") is True


def mandates(resource: dict[str, Any]) -> list[Mandate]:
    """What a resource lets others do for a patient; nothing for most."""
    if resource["resourceType"] == "RelatedPerson":
        return _of_parent(resource)
    return _of_consent(resource) if resource["resourceType"] == "Consent" else []


def _of_parent(person: dict[str, Any]) -> list[Mandate]:
    """A parent, or somebody else, who has parental responsibility by the register."""
    child = local(person.get("patient", {}).get("reference", ""))
    if child is None or person.get("active") is False or not _is_responsible(person):
        return []
    starts, ends = _times(person.get("period", {}))
    numbers = [
        number_key(one["system"], one["value"])
        for one in person.get("identifier", ())
        if one.get("system") in (FNR, DNR) and one.get("value") and one.get("use") != "old"
    ]
    return [Mandate(key(child), number, "parent", "", (), starts, ends) for number in dict.fromkeys(numbers)]


def _is_responsible(person: dict[str, Any]) -> bool:
    """Whether a RelatedPerson has the responsibility that the register names: both parents', this one's, or another's
    who is no parent."""
    said = {
        (coding.get("system"), coding.get("code"))
        for concept in person.get("relationship", ())
        for coding in concept.get("coding", ())
    }
    parents = {_PARENTS[one] for one in said if one in _PARENTS}
    responsible = {code for system, code in said if system == RESPONSIBILITY}
    if "felles" in responsible and parents:
        return True
    return bool(responsible & parents) or ("andre" in responsible and not parents)


def _of_consent(consent: dict[str, Any]) -> list[Mandate]:
    """What an active Consent about privacy permits somebody whom it names, where it says which kind that is."""
    provision: dict[str, Any] = consent.get("provision", {})
    scopes = {coding.get("code") for coding in consent.get("scope", {}).get("coding", ())}
    patient = local((consent.get("patient") or {}).get("reference") or "")
    kinds, levels = _categories(consent, KINDS), _categories(consent, LEVEL_CODES)
    if consent.get("status") != "active" or SCOPE["code"] not in scopes or provision.get("type") != "permit":
        return []
    if patient is None or len(kinds) != 1 or any(part in provision for part in _NARROWED):
        return []
    kind = kinds[0]
    types = tuple(sorted({one["code"] for one in provision.get("class", ()) if one.get("system") == TYPES}))
    level = levels[0] if len(levels) == 1 else ""
    if kind == "next-of-kin":
        level = "parts"
    elif kind == AGREED:
        level = AGREED
    elif kind not in BY_CONSENT or level not in POWERS or types:
        return []
    if kind == "next-of-kin" and not types:
        return []
    starts, ends = _times(provision.get("period", {}))
    return [Mandate(key(patient), holder, kind, level, types, starts, ends) for holder in _holders(provision)]


def _categories(consent: dict[str, Any], system: str) -> list[str]:
    codings = [coding for category in consent.get("category", ()) for coding in category.get("coding", ())]
    return [coding.get("code", "") for coding in codings if coding.get("system") == system]


def _holders(provision: dict[str, Any]) -> list[int]:
    """The patients whom a provision names."""
    named = [local((actor.get("reference") or {}).get("reference") or "") for actor in provision.get("actor", ())]
    return list(dict.fromkeys(key(one) for one in named if one and one.startswith("Patient/")))


def _times(period: dict[str, Any]) -> tuple[datetime, datetime]:
    starts = span(period["start"]).lo if period.get("start") else ALWAYS
    return starts, span(period["end"]).hi if period.get("end") else FOREVER


def attributed(new: Sequence[Mandate], old: Sequence[Mandate], *, author: str | None) -> list[Mandate]:
    """Whom each mandate was made by. `author` is somebody without the right to make one, None for who has it: what
    stood keeps its mark then, and all else is marked, and counts for nothing."""
    if author is None:
        return list(new)
    return [
        next((one for one in old if one._replace(made_by=None) == made), made._replace(made_by=author)) for made in new
    ]


def verdict(
    mandate: Mandate, represented: Civil | None, holder: Civil | None, parents: Iterable[Civil], *, at: datetime
) -> Verdict:
    """Whether a mandate holds at a moment, and at which level; `parents` are all who have responsibility for the child,
    as they stand in the register, the holder among them."""
    if represented is None or holder is None or represented.patient == holder.patient:
        return Verdict(None, "nobody")
    if mandate.kind not in REPRESENTATION:
        return Verdict(None, "nobody")
    if mandate.made_by is not None:
        return Verdict(None, "not-registered")
    if mandate.starts > at or mandate.ends <= at:
        return Verdict(None, "later" if mandate.starts > at else "over")
    if represented.dead or holder.dead:
        return Verdict(None, "dead")
    if represented.protected or holder.protected:
        return Verdict(None, "protected")
    if represented.born is None:
        return Verdict(None, "no-age")
    if mandate.kind == "parent":
        return _of_child(represented, holder, parents, at)
    if _age(represented, at) < OF_AGE or holder.born is None or _age(holder, at) < OF_AGE:
        return Verdict(None, "under-age")
    level = LEVELS[mandate.level]
    return Verdict(replace(level, reads=level.reads | (_ALL & set(mandate.types))) if mandate.types else level)


def _of_child(child: Civil, holder: Civil, parents: Iterable[Civil], at: datetime) -> Verdict:
    years = _age(child, at)
    if years >= OF_AGE:
        return Verdict(None, "of-age")
    if not child.counts or not holder.counts:
        return Verdict(None, "not-registered")
    # A parent whose address is confidential lives with nobody that we may tell of.
    near = [one for one in parents if one.counts and not one.protected and not one.dead and one.home is not None]
    if child.home is None or all(one.home != child.home for one in near):
        return Verdict(None, "elsewhere")
    return Verdict(LEVELS["child" if years < RESTRICTED else "youth"])


def _age(civil: Civil, at: datetime) -> int:
    assert civil.born is not None
    return age(civil.born, at.astimezone(OSLO).date())


def may_sign_in(civil: Civil | None, *, agreed: bool, at: datetime) -> bool:
    """Whether somebody may have a login of his own: from 16, from 13 when a parent has `agreed`. Whose birth is not
    known is no child that we know of."""
    if civil is None or civil.born is None:
        return True
    years = _age(civil, at)
    return years >= OF_AGE or (years >= OWN_LOGIN and agreed)


def widest(levels: Iterable[Level]) -> Level:
    """The one that lets do the most."""
    order = list(LEVELS)
    return min(levels, key=lambda level: order.index(level.code))


def one_person(civils: Sequence[Civil], first: int) -> Civil | None:
    """One person of all the ids that he has: as the record that stays has it, with every number, and dead or protected
    when any of them says so."""
    if not civils:
        return None
    stays = next((one for one in civils if one.patient == first), civils[0])
    return stays._replace(
        numbers=frozenset().union(*(one.numbers for one in civils if one.counts)),
        dead=any(one.dead for one in civils),
        protected=any(one.protected for one in civils),
    )
