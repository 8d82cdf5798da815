"""The official fictive test actors as Patient, Practitioner and Organization, for demos only.

hl7.no/fhir/StructureDefinition/no-basis-Patient. Nothing is made up: what the list does not say is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from samjournal.fhir import identifiers
from samjournal.fhir.parsing import Parsed, compact_of, parse
from samjournal.terminology.lists import Fault

Resource = dict[str, Any]
Actor = dict[str, str]

_NUMBERS = (
    ("Fødselsnummer", identifiers.FNR),
    ("D-nummer", identifiers.DNR),
    ("Felles hjelpenr", identifiers.FHN),
    ("HPR-nummer", identifiers.HPR),
    ("Lokalt hjelpenummer", identifiers.HNR),
    ("Organisasjonsnummer", identifiers.ORGANIZATION),
    ("HER-id", identifiers.HER),
)
_PROFESSIONS = {"lege": "LE", "sykepleier": "SP", "fysioterapeut": "FT", "tannlege": "TL", "jordmor": "JO"}
_ADDRESS = re.compile(r"([0-9]{4}) +(\S.*)")
_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_WHO = re.compile(r"test([a-zæøå]+) *([0-9]+)", re.IGNORECASE)
_MUNICIPALITY = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"


def read(whole: dict[str, Any]) -> tuple[list[Parsed], list[Fault]]:
    """The people of a list of test actors, and those who could not be taken."""
    people, faults, taken = list[Parsed](), list[Fault](), set[str]()
    for place, actor in enumerate(whole.get("actors", ()), 1):
        who = _WHO.match(actor.get("actor", "")) if isinstance(actor, dict) else None
        if who is None or not actor.get("Navn", "").strip():
            faults.append(
                Fault(f"actor {place}", "it has no name, or is not called Testpasient, Testlege … with a number")
            )
            continue
        made = _organization(actor) if "Organisasjonsnummer" in actor else _person(who[1].lower(), actor)
        made["id"] = _free(f"test{who[1].lower()}-{who[2]}", taken)
        people.append(parse(compact_of(made)))
    return people, faults


def _free(id_: str, taken: set[str]) -> str:
    """The id, with a number behind it when the list uses the same name twice."""
    free = next(one for one in (id_, *(f"{id_}-{number}" for number in range(2, 1000))) if one not in taken)
    taken.add(free)
    return free


def _person(kind: str, actor: Actor) -> Resource:
    given, family = _names(actor)
    made: Resource = {
        "resourceType": "Patient" if kind == "pasient" else "Practitioner",
        "identifier": list(_identifiers(actor)),
        "active": True,
        "name": [{"use": "official", "family": family, "given": given.split()}],
        "telecom": list(_telecom(actor)),
        "gender": _gender(actor),
        "birthDate": _born(actor),
        "address": list(_addresses(actor)),
    }
    if kind in _PROFESSIONS:
        coding = {"system": "urn:oid:2.16.578.1.12.4.1.1.9060", "code": _PROFESSIONS[kind]}
        made["qualification"] = [{"code": {"coding": [coding]}}]
    return {name: value for name, value in made.items() if value not in (None, [])}


def _organization(actor: Actor) -> Resource:
    made: Resource = {
        "resourceType": "Organization",
        "identifier": list(_identifiers(actor)),
        "active": True,
        "name": " ".join(actor["Navn"].split()),
        "telecom": [{name: value for name, value in one.items() if name != "use"} for one in _telecom(actor)],
        "address": [{name: value for name, value in one.items() if name != "use"} for one in _addresses(actor)],
    }
    return {name: value for name, value in made.items() if value != []}


def _names(actor: Actor) -> tuple[str, str]:
    """Given and family names. Some in the list have the family name first; their e-mail begins with the given name."""
    words = actor["Navn"].split()
    mail = actor.get("E-postadresse", "").lower()
    if _alike(mail, words[-1]) > _alike(mail, words[0]):
        return " ".join(words[1:]), words[0]
    return " ".join(words[:-1]), words[-1]


def _alike(mail: str, word: str) -> int:
    """How many letters both begin with."""
    return next((place for place, both in enumerate(zip(mail, word.lower(), strict=False)) if both[0] != both[1]), 99)


def _identifiers(actor: Actor) -> Iterator[Resource]:
    for name, system in _NUMBERS:
        if value := actor.get(name, "").replace(" ", ""):
            local = {"assigner": {"display": "Testaktører"}} if system == identifiers.HNR else {}
            yield {"use": "official" if not local else "secondary", "system": system, "value": value} | local


def _telecom(actor: Actor) -> Iterator[Resource]:
    named = (("phone", "Telefonnummer", "home"), ("phone", "Mobilnummer", "mobile"), ("email", "E-postadresse", "home"))
    for system, name, use in named:
        if value := actor.get(name):
            yield {"system": system, "value": value, "use": use}


def _gender(actor: Actor) -> str | None:
    """What the list says, else what a birth number of today's rule tells: its ninth digit is odd for men."""
    said = actor["actor"].lower()
    if "kvinne" in said or "mann" in said:
        return "female" if "kvinne" in said else "male"
    number = identifiers.read(actor.get("Fødselsnummer") or actor.get("D-nummer") or "")
    if number is None or number.rule != "today":
        return None
    return "male" if int(number.value[8]) % 2 else "female"


def _born(actor: Actor) -> str | None:
    if day := _DAY.fullmatch(actor.get("Fødselsdato", "")):
        return f"{day[3]}-{day[2]}-{day[1]}"
    number = identifiers.read(actor.get("Fødselsnummer") or actor.get("D-nummer") or "")
    born = identifiers.birth_date(number) if number else None
    return born.isoformat() if born else None


def _addresses(actor: Actor) -> Iterator[Resource]:
    place = _ADDRESS.fullmatch(actor.get("Postadresse", "").strip())
    street = " ".join(actor.get("Gateadresse", "").split())
    if not (place or street):
        return
    made: Resource = {"use": "home", "line": [street] if street else []}
    if place:
        made |= {"city": place[2], "postalCode": place[1]}
    if code := actor.get("Kommunenummer"):
        coding = {"system": "urn:oid:2.16.578.1.12.4.1.1.3402", "code": code}
        made["_district"] = {"extension": [{"url": _MUNICIPALITY, "valueCoding": coding}]}
    yield {name: value for name, value in {**made, "country": "NO"}.items() if value != []}
