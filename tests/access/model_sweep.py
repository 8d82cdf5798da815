"""Ways to ask, each for one reader, with what is wrong with the answers as lines.

swept       each thing by its address              around       what is asked of one patient
listed      every list of one type                 differently  the whole system, Bundles, conditions, HEAD, XML
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable

from access.model import FINDS_ONLY, Model, Reader, Thing
from access.model_region import Answer, Region
from access.model_world import READERS

ABSENT = "nowhere"
"""An id that nothing has."""
TAILS = ("", "/_history/1", "/_history", "/$meta")
SOUGHT = frozenset({"PSY", "PRS", "PHY", "NOPAT", "SDV", "prison-health", "child-welfare", "not-health"})
"""Labels that are searched for."""


OF_PATIENTS = {
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Communication", "Composition", "Condition", "Consent",
    "DiagnosticReport", "DocumentReference", "Encounter", "EpisodeOfCare", "Flag", "Goal", "Immunization",
    "MedicationRequest", "Observation", "Procedure", "Provenance", "RelatedPerson", "ServiceRequest",
}  # fmt: skip


def forbidden(reader: Reader, type_: str) -> bool:
    """Whether role or scopes leave out a type for all patients alike."""
    if reader.kind == "system":
        return reader.reads is not None and type_ not in reader.reads
    return not Model.reads(reader, type_)


async def swept(region: Region, reader: Reader, every: bool) -> list[str]:
    """Each thing by its address: what is seen is there, and what is not is as what is absent."""
    absent = {
        (type_, tail): await region.ask(reader, f"{type_}/{ABSENT}{tail}")
        for type_ in sorted({thing.type for thing in region.told.things.values()})
        for tail in TAILS
    }

    turn = READERS.index(reader)

    async def one(place: int, thing: Thing) -> list[str]:
        wrong = []
        sees = region.model.sees(reader, thing)
        is_found = (
            thing.type == "Patient" and reader.kind == "staff" and reader.role not in FINDS_ONLY and not reader.app
        )
        beside = TAILS[1:] if every else TAILS[1:][(place + turn) % 18 : (place + turn) % 18 + 1]
        for tail in ("", *beside):
            answer = await region.ask(reader, thing.name + tail)
            wrong += region.leaks(reader, thing.name + tail, answer)
            if sees:
                right = 410 if thing.deleted and tail in ("", "/$meta") else 200
                if answer.status != right:
                    wrong.append(f"{reader.login} {thing.name}{tail}: {answer.status}, {right} is right")
            elif not (is_found and answer.status == 403) and not alike(absent[thing.type, tail], answer, thing.id):
                why = region.model.why(reader, thing)
                wrong.append(
                    f"{reader.login} {thing.name}{tail}: {answer.status} is not as absent {why} {answer.text[:90]}"
                )
        return wrong

    return await together([one(place, thing) for place, thing in enumerate(region.told.things.values())])


async def listed(region: Region, reader: Reader, type_: str, *, every: bool) -> list[str]:
    """Every list of one type: what it has, how much it says there is, and what comes along."""
    if forbidden(reader, type_):
        answer = await region.ask(reader, f"{type_}?_summary=count")
        if answer.status == 403:
            return []
        return [f"{reader.login} {type_}: {answer.status} although the role reads none"]
    things = region.told.things
    seen = region.seen(reader, type_)
    under = {name for name in seen if things[name].patient or type_ == "Appointment"}
    labelled = {name for name in seen if things[name].labels & SOUGHT}
    ids = ",".join(thing.id for thing in things.values() if thing.type == type_)
    people = ",".join(region.told.names)
    labels = ",".join(sorted(SOUGHT))
    lists: list[tuple[str, set[str] | None]] = [
        (f"{type_}?_count=1000&_total=accurate", seen),
        (f"{type_}?_id={ids}&_count=1000", seen),
        (f"{type_}?_lastUpdated=gt2020-01-01&_sort=-_lastUpdated&_elements=id&_count=1000", seen),
        (f"{type_}?_security={labels}&_count=1000", labelled),
        (f"{type_}?_security:not={labels}&_count=1000", seen - labelled),
        (f"{type_}?_filter=_lastUpdated gt 2020-01-01&_count=1000", seen),
        (f"{type_}/_history?_count=1000", region.seen(reader, type_, deleted=None)),
        (f"{type_}?_include=*&_revinclude=*&_count=200", None),
        (f"{type_}?_contained=both&_count=1000", None),
        (f"{type_}/$meta", None),
    ]
    if under:
        lists.append((f"{type_}?{'_id' if type_ == 'Patient' else 'patient'}={people}&_count=1000", under))
    wrong = []
    if type_ in OF_PATIENTS and not forbidden(reader, "Patient"):
        lists.append((f"{type_}?patient.name=zq&_count=1000", None))
        wrong += await _had(region, reader, f"Patient?_has:{type_}:patient:_id={ids}&_count=1000", under)
        wrong += await _had(
            region, reader, f"Patient?_has:{type_}:patient:_security={labels}&_count=1000", labelled & under
        )
    hidden = [word for word, name in region.told.words.items() if things[name].type == type_ and name not in seen][:4]
    lists += [(f"{type_}?{code}={word}", set()) for word in hidden for code in ("_content", "_text")]
    turn = READERS.index(reader)
    for place, (asked, right) in enumerate(lists):
        if not every and place > 0 and (place + turn) % 2:
            continue
        answer = await region.ask(reader, asked)
        wrong += region.leaks(reader, asked, answer)
        if answer.status != 200:
            wrong.append(f"{reader.login} {asked[:90]}: {answer.status} {answer.text[:200]}")
        elif right is not None:
            wrong += [f"{reader.login} {asked[:90]}: {name} is missing" for name in sorted(right - _matches(answer))]
            wrong += [f"{reader.login} {asked[:90]}: {name} is too much" for name in sorted(_matches(answer) - right)]
            wrong += _counted(reader, asked, answer)
            if place < 2 or "_security" in asked or "_content" in asked:
                count = await region.ask(reader, asked.replace("_count=1000", "_summary=count"))
                if count.json.get("total") != len(right):
                    wrong.append(f"{reader.login} {asked[:90]}: counts {count.text[:200]}, {len(right)} is right")
    posted = await region.ask(reader, f"{type_}/_search", method="POST", body=f"_id={ids}&_count=1000".encode(),
                              content_type="application/x-www-form-urlencoded")  # fmt: skip
    if _matches(posted) != seen:
        wrong.append(f"{reader.login} POST {type_}/_search: {len(_matches(posted))} of {len(seen)}")
    return wrong


async def _had(region: Region, reader: Reader, asked: str, seen: set[str]) -> list[str]:
    """Patients are found by what is seen of theirs alone."""
    things = [region.told.things[name] for name in seen]
    whose = {one for thing in things for one in region.model.person(thing.patient or "")}
    whose |= {one for thing in things for other in thing.others for one in region.model.person(other)}
    found = _matches(await region.ask(reader, asked))
    return [
        f"{reader.login} {asked[:90]}: {name} has none that is seen"
        for name in found - {f"Patient/{one}" for one in whose}
    ]


async def around(region: Region, reader: Reader, patient: str, types: list[str]) -> list[str]:
    """What is asked of one patient; compartments of some types."""
    things = region.told.things
    stays = [thing.name for thing in things.values() if thing.type == "Encounter" and thing.patient == patient]
    paths = [
        f"Patient/{patient}/$everything?_count=1000",
        f"Patient/{patient}/*?_count=1000",
        f"Observation/$lastn?patient={patient}&max=10",
        f"?_type=Observation,Condition,Encounter,Immunization&patient={patient}&_count=1000",
        f"Patient?_id={patient}&_revinclude=*&_count=1000",
        f"Patient?link=Patient/{patient}",
        f"Observation?focus=Patient/{patient}&_include=Observation:has-member",
        f"AuditEvent?patient={patient}&_count=1000",
        *(f"{stay}/$everything" for stay in stays[:2]),
        *(f"Patient/{patient}/{type_}?_count=1000" for type_ in types if type_ in OF_PATIENTS),
    ]
    wrong = []
    for path in paths:
        answer = await region.ask(reader, path)
        wrong += region.leaks(reader, path, answer)
        wrong += _counted(reader, path, answer)
        if answer.status not in (200, 400, 403, 404):
            wrong.append(f"{reader.login} {path}: {answer.status} {answer.text[:200]}")
    return wrong


async def differently(region: Region, reader: Reader) -> list[str]:
    """The whole system, batches and transactions, conditions on what one has, HEAD and XML."""
    wrong = []
    some_types = "?_type=Observation,Patient,Encounter,Consent&_count=1000"
    for path in ("_history?_count=1000", some_types, "Patient/$everything?_count=1000", "$meta"):
        answer = await region.ask(reader, path)
        wrong += region.leaks(reader, path, answer)
        if path.startswith("_history") and answer.status == 200:
            right = {
                name for name in region.seen(reader, deleted=None) if not forbidden(reader, name.partition("/")[0])
            }
            wrong += [f"{reader.login} {path}: {name} is missing" for name in sorted(right - _matches(answer))[:5]]
    hidden = [thing for thing in region.told.things.values() if not region.model.sees(reader, thing)]
    some = hidden[:: max(1, len(hidden) // 20)]
    urls = [
        url
        for thing in some
        for url in (thing.name, f"{thing.name}/_history", f"{thing.type}?_id={thing.id}&_include=*")
    ]
    # A transaction does nothing when one of its reads fails, so each is one of its own.
    for kind, asked_for in (("batch", urls), *(("transaction", [url]) for url in urls)) if urls else ():
        entries = [{"request": {"method": "GET", "url": url}} for url in asked_for]
        answer = await region.ask(
            reader, "", method="POST", body={"resourceType": "Bundle", "type": kind, "entry": entries}
        )
        wrong += region.leaks(reader, kind, answer) + _counted(reader, kind, answer)
        if answer.status not in ((200,) if kind == "batch" else (200, 403, 404, 410)):
            wrong.append(f"{reader.login} {kind}: {answer.status} {answer.text[:200]}")
    for thing in some:
        for asked in ({"method": "HEAD"}, {"if_none_match": 'W/"1"'}, {"accept": "application/fhir+xml"},
                      {"if_modified_since": "Sat, 28 Nov 2043 10:00:00 GMT"}):  # fmt: skip
            answer = await region.ask(reader, thing.name, **asked)
            absent = await region.ask(reader, f"{thing.type}/{ABSENT}", **asked)
            is_found = thing.type == "Patient" and answer.status == 403
            if not is_found and not alike(absent, answer, thing.id):
                wrong.append(f"{reader.login} {asked} {thing.name}: {answer.status} {answer.text[:90]}")
            wrong += region.leaks(reader, f"{asked} {thing.name}", answer)
    return wrong


def _matches(answer: Answer) -> set[str]:
    """What a list has, without what comes along."""
    entries = answer.json.get("entry", ()) if answer.status == 200 else ()
    return {
        "/".join(entry["fullUrl"].partition("/fhir/")[2].split("/")[:2])
        for entry in entries
        if entry.get("search", {}).get("mode", "match") == "match" and "fullUrl" in entry
    }


def _counted(reader: Reader, asked: str, answer: Answer) -> list[str]:
    """A total that is more than what a list has tells of what is not seen."""
    wrong = []
    bundles = [answer.json] if answer.text.startswith("{") else []
    bundles += [entry["resource"] for one in bundles for entry in one.get("entry", ()) if "resource" in entry]
    for bundle in bundles:
        if bundle.get("type") not in ("searchset", "history") or "total" not in bundle:
            continue
        entries = [one for one in bundle.get("entry", ()) if one.get("search", {}).get("mode", "match") == "match"]
        is_whole = not any(link["relation"] == "next" for link in bundle.get("link", ()))
        if is_whole and "_summary=count" not in asked and bundle["total"] != len(entries):
            wrong.append(f"{reader.login} {asked[:90]}: total {bundle['total']} of {len(entries)}")
    return wrong


async def together(asked: list[Awaitable[list[str]]]) -> list[str]:
    """Several at once: the program and its database work beside each other."""
    turns = asyncio.Semaphore(3)

    async def one(each: Awaitable[list[str]]) -> list[str]:
        async with turns:
            return await each

    return [line for lines in await asyncio.gather(*map(one, asked)) for line in lines]


def alike(absent: Answer, answer: Answer, id_: str) -> bool:
    """Whether an answer is as that of what is absent."""
    return _bare(absent, ABSENT) == _bare(answer, id_)


def _bare(answer: Answer, id_: str) -> tuple[int, str, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "date")}
    text = re.sub(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", "ID", answer.text)
    return answer.status, text, {name: value.replace(id_, "ID") for name, value in headers.items()}
