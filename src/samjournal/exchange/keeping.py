"""What the address register says, kept in the record: an Organization and an Endpoint for each party.

    keep(door, permit, register, her, now) -> Party | None      ask, and keep it; None for nobody, which is kept too
    kept(door, permit, her) -> Party | None                     what was kept last
    renew(door, permit, register, now) -> int                   for the job: those that were asked long ago

A new place is in test until a test message got through (`messages.activate`). One that takes nothing today is
suspended, and in test again when it does. hl7.org/fhir/R4/endpoint.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from samjournal.access import Permit
from samjournal.exchange.register import LEVELS, Party, Purpose, Register, Unknown
from samjournal.exchange.transport import Unreachable
from samjournal.fhir.identifiers import HER, ORGANIZATION
from samjournal.messages.receivers import CONNECTION
from samjournal.messages.states import KIND
from samjournal.record import Change, Door, Stored, change
from samjournal.record.beside import every, matches

Resource = dict[str, Any]
WAY: Final = "no-amqp"
_TOLD: Final = "urn:samjournal:register"
_NOT_SAID: Final = {"text": "ikke oppgitt"}
_EVERY: Final = timedelta(hours=12)
_PURPOSES: Final[tuple[Purpose, ...]] = ("async", "sync", "syncreply", "error")


async def keep(door: Door, permit: Permit, register: Register, her: str, now: datetime) -> Party | None:
    """Ask the register for one party and keep what it says; raises Unreachable. Nothing is written when nothing is new,
    for half a day."""
    organisation = await _organisation(door, permit, her)
    endpoint = await _endpoint(door, permit, organisation)
    try:
        party = await register(her, fresh=True)
    except Unknown:
        await change(door, permit, _gone(organisation, endpoint))
        return None
    if party.failed:
        raise Unreachable(party.failed)
    changes: list[Change] = []
    above = await _above(door, permit, party, changes)
    here = _named(organisation.resource() if organisation else None, party, above)
    place = _placed(endpoint.resource() if endpoint else None, here, party, now)
    old = _told(endpoint.resource()) if endpoint else None
    is_new = old is None or old.asked < now - _EVERY
    for before, after in ((organisation, here), (endpoint, place)):
        if before is None or is_new or _apart_from_time(before.resource()) != _apart_from_time(after):
            changes.append(Change.update(after, if_match=before.version if before else None))
    await change(door, permit, changes)
    return party


async def kept(door: Door, permit: Permit, her: str) -> Party | None:
    """What the register said last of a party."""
    endpoint = await _endpoint(door, permit, await _organisation(door, permit, her))
    return _told(endpoint.resource()) if endpoint else None


async def renew(door: Door, permit: Permit, register: Register, now: datetime, count: int = 50) -> int:
    """Ask again for those that were asked more than half a day ago; raises Unreachable when the register is away."""
    old: list[str] = []
    async for page in every(door, permit, "Endpoint", [("connection-type", f"{CONNECTION}|{WAY}")]):
        parties = (_told(one.resource()) for one in page)
        old += [told.her for told in parties if told is not None and told.asked < now - _EVERY]
    for her in old[:count]:
        await keep(door, permit, register, her, now)
    return len(old[:count])


async def _organisation(door: Door, permit: Permit, her: str) -> Stored | None:
    found = await matches(door, permit, "Organization", [("identifier", f"{HER}|{her}")])
    return found[0] if found else None


async def _endpoint(door: Door, permit: Permit, organisation: Stored | None) -> Stored | None:
    if organisation is None:
        return None
    found = await matches(door, permit, "Endpoint", [("organization", organisation.reference)])
    return next((one for one in found if one.resource()["connectionType"].get("code") == WAY), None)


async def _above(door: Door, permit: Permit, party: Party, changes: list[Change]) -> Resource | None:
    """The organisation above, by reference; made with its name where it is not here yet."""
    if not party.parent:
        return None
    found = await _organisation(door, permit, party.parent)
    if found is None:
        made = {
            "resourceType": "Organization",
            "id": f"her-{party.parent}",
            "identifier": [{"system": HER, "value": party.parent}],
            "name": party.parent_name or f"HER-id {party.parent}",
        }
        changes.append(Change.update(made))
        return {"reference": f"Organization/{made['id']}", "display": made["name"]}
    return {"reference": found.reference, "display": found.resource().get("name", party.parent_name)}


def _gone(organisation: Stored | None, endpoint: Stored | None) -> list[Change]:
    changes = []
    if organisation is not None and organisation.resource().get("active") is not False:
        changes.append(
            Change.update({**_bare(organisation.resource()), "active": False}, if_match=organisation.version)
        )
    if endpoint is not None and endpoint.resource()["status"] != "off":
        changes.append(Change.update({**_bare(endpoint.resource()), "status": "off"}, if_match=endpoint.version))
    return changes


# --- From a party to resources, and back ------------------------------------------------------------------------------


def _named(before: Resource | None, party: Party, above: Resource | None) -> Resource:
    made: Resource = _bare(before) if before else {"resourceType": "Organization", "id": f"her-{party.her}"}
    numbers = [one for one in made.get("identifier", ()) if one.get("system") not in (HER, ORGANIZATION)]
    numbers.append({"system": HER, "value": party.her})
    if party.organisation_number and party.level == "Organization":
        numbers.append({"system": ORGANIZATION, "value": party.organisation_number})
    made.update(identifier=numbers, active=party.is_active)
    # What somebody here made has its own name.
    if made["id"] == f"her-{party.her}" or "name" not in made:
        made["name"] = party.name
    if above:
        made["partOf"] = above
    return made


def _placed(before: Resource | None, here: Resource, party: Party, now: datetime) -> Resource:
    made: Resource = _bare(before) if before else {"resourceType": "Endpoint", "id": f"{here['id']}-amqp"}
    others = [one for one in made.get("extension", ()) if one["url"] != _TOLD]
    kinds = [{"coding": [{"system": KIND, "code": kind}]} for kind in sorted(party.kinds or ())]
    made.update(
        status=_status(before, party, now),
        connectionType={"system": CONNECTION, "code": WAY},
        name=party.name,
        managingOrganization={"reference": f"Organization/{here['id']}", "display": here["name"]},
        payloadType=kinds or made.get("payloadType") or [_NOT_SAID],
        address=party.her,
        extension=[*others, {"url": _TOLD, "extension": list(_saying(party))}],
    )
    return made


def _status(before: Resource | None, party: Party, now: datetime) -> str:
    if not party.is_active or not party.is_valid or party.certificate(now) is None:
        return "suspended"
    standing = before["status"] if before else "test"
    return standing if standing in ("active", "test", "off") else "test"


def _saying(party: Party) -> list[Resource]:
    said: list[Resource] = [
        {"url": "asked", "valueInstant": party.asked.astimezone(UTC).isoformat(timespec="milliseconds")},
        {"url": "valid", "valueBoolean": party.is_valid},
        {"url": "active", "valueBoolean": party.is_active},
        {"url": "level", "valueCode": party.level},
        {"url": "kinds", "valueBoolean": party.kinds is not None},
    ]
    texts = {"agreement": party.agreement, "parent": party.parent, "parent-name": party.parent_name}
    texts |= {"number": party.organisation_number, **{f"queue-{name}": at for name, at in party.queues.items()}}
    said += [{"url": name, "valueString": value} for name, value in texts.items() if value]
    for name, certificates in (("encryption", party.encryption), ("signing", party.signing)):
        said += [{"url": name, "valueBase64Binary": _encoded(one)} for one in certificates]
    return said


def _told(endpoint: Resource) -> Party | None:
    """The party that an Endpoint was made from; None for one that the register never told."""
    parts = next((one["extension"] for one in endpoint.get("extension", ()) if one["url"] == _TOLD), None)
    if parts is None:
        return None
    said = {part["url"]: next(value for name, value in part.items() if name.startswith("value")) for part in parts}
    kinds = {
        coding["code"]
        for each in endpoint["payloadType"]
        for coding in each.get("coding", ())
        if coding.get("system") == KIND
    }
    return Party(
        her=str(endpoint["address"]),
        name=str(endpoint["name"]),
        level=LEVELS[said["level"]],
        parent=said.get("parent", ""),
        parent_name=said.get("parent-name", ""),
        organisation_number=said.get("number", ""),
        is_active=said["active"],
        is_valid=said["valid"],
        asked=datetime.fromisoformat(said["asked"]),
        kinds=frozenset(kinds) if said["kinds"] else None,
        agreement=said.get("agreement", ""),
        queues={name: said[f"queue-{name}"] for name in _PURPOSES if f"queue-{name}" in said},
        encryption=_certificates(parts, "encryption"),
        signing=_certificates(parts, "signing"),
    )


def _certificates(parts: Sequence[Mapping[str, Any]], name: str) -> tuple[x509.Certificate, ...]:
    found = (base64.b64decode(part["valueBase64Binary"]) for part in parts if part["url"] == name)
    return tuple(x509.load_der_x509_certificate(one) for one in found)


def _encoded(one: x509.Certificate) -> str:
    return base64.b64encode(one.public_bytes(Encoding.DER)).decode()


def _apart_from_time(resource: Resource) -> Resource:
    """What tells whether anything is new: that it was said again is not."""
    others = [one for one in resource.get("extension", ()) if one["url"] != _TOLD]
    said = [
        part
        for one in resource.get("extension", ())
        if one["url"] == _TOLD
        for part in one["extension"]
        if part["url"] != "asked"
    ]
    return {**_bare(resource), "extension": [*others, *said]}


def _bare(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "meta"}
