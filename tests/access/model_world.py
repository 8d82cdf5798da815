"""A region by chance, told twice: as facts for the model, and as resources for the record.

    told(seed, now) -> Told      the facts, the readers, each thing, and what must be written in which order

Each resource carries a word of its own (`zq0042zq`), each version of it and each confidential address too, so that
whatever answer or page shows it can be found out. The same seed makes the same region.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from access.model import ALWAYS, AROUND, DAY, FOREVER, REGISTERS, Block, Facts, Reader, Relation, Thing, Unit
from world import CONFIDENTIALITY, FNR, Resource, made, to

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PART = "urn:samjournal:part"
LOINC = "http://loinc.org"
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
TYPES = "http://hl7.org/fhir/resource-types"
LABELS = {"prison-health": PART, "child-welfare": PART, "not-health": PART}
FORBIDDEN_TIME = ("2020-01-01", "2020-02-01")
PATIENTS = 14
MOTHER, CHILD, YOUTH, STAYS, MERGED, HIDDEN = "p0", "p1", "p2", "p4", "p5", "p6"
BOUND, BLOCKING, NAMED = "p14", "p15", "p16"
NUMBERS = {"p0": "21839348420", "p1": "11834826226"}

UNITS = (
    Unit("hospital"),
    Unit("ward", "hospital"),
    Unit("ward2", "hospital"),
    Unit("psych", "hospital"),
    Unit("prison", part="prison-health"),
    Unit("town"),
    Unit("homecare", "town"),
    Unit("gpoffice"),
    Unit("childcare", "town", "child-welfare"),
    Unit("support", "town", "not-health"),
)
PLACES = {"HealthcareService/clinic": "ward", "Location/room": "ward2", "HealthcareService/round": "homecare"}
STAFF = (
    ("doctor", "doctor", "ward"),
    ("nurse", "nurse", "ward2"),
    ("chief", "doctor", "hospital"),
    ("psychiatrist", "doctor", "psych"),
    ("prisonnurse", "nurse", "prison"),
    ("homenurse", "home-nurse", "homecare"),
    ("gp", "gp", "gpoffice"),
    ("secretary", "secretary", "ward"),
    ("caseworker", "nurse", "childcare"),
    ("supporter", "nurse", "support"),
    ("townsecretary", "secretary", "town"),
    ("officer", "privacy-officer", "hospital"),
    ("keeper", "record-keeper", "hospital"),
)
READERS = (
    *(Reader(login, "staff", role, unit) for login, role, unit in STAFF),
    Reader("nurse", "staff", "nurse", "ward2", app=STAYS),
    Reader("mother", "citizen", patient=MOTHER),
    Reader("mother", "citizen", patient=CHILD, level="child"),
    Reader("mother", "citizen", patient=YOUTH, level="youth"),
    Reader("merged", "citizen", patient=STAYS),
    Reader("hidden", "citizen", patient=HIDDEN),
    Reader("import", "system", sees_parts=True, sees_addresses=True),
    Reader("all", "system", reads=None),
    Reader("register", "system", reads=None, sees_parts=True),
    Reader("lab", "system", reads=frozenset({"Observation"})),
)
SCOPES = {
    "import": None,
    "all": "system/*.cruds",
    "register": "system/*.cruds access.change",
    "lab": "system/Observation.rs",
}


@dataclass
class Told:
    """The region: `writes` are batches in their order; `by_people` what somebody writes for himself, with the login;
    `reasons` what is stated (login, patient, emergency)."""

    facts: Facts
    things: dict[str, Thing] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)  # word: name of the thing that has it
    addresses: dict[str, str] = field(default_factory=dict)  # word of a confidential address: patient
    names: dict[str, str] = field(default_factory=dict)  # patient: the family name, a word too
    writes: list[list[Resource]] = field(default_factory=lambda: [[], []])
    deletes: list[str] = field(default_factory=list)
    by_people: list[tuple[str, Resource]] = field(default_factory=list)
    reasons: list[tuple[str, str, bool]] = field(default_factory=list)

    def newest(self, name: str) -> Resource:
        """A resource as it was written last."""
        written = {f"{one['resourceType']}/{one['id']}": one for batch in self.writes for one in batch}
        return written.get(name, {"resourceType": name.partition("/")[0], "language": "nb"})


def told(seed: int, now: datetime) -> Told:
    return _Teller(seed, now).tell()


class _Teller:
    def __init__(self, seed: int, now: datetime) -> None:
        self.chance = random.Random(seed)
        self.now = now
        self.told = Told(Facts(now, {unit.id: unit for unit in UNITS}, dict(PLACES)))
        self.count = 0

    def tell(self) -> Told:
        self.told.facts.same.append(frozenset({STAYS, MERGED}))
        self.told.facts.belongs |= {f"PractitionerRole/{login}-role": unit for login, _, unit in STAFF}
        self._registers()
        patients = [f"p{i}" for i in range(PATIENTS)]
        states = ("open", "over", "later", "running-out")
        combinations = [(kind, state) for kind in _MAKE for state in states]
        self.chance.shuffle(combinations)
        doctors = (None, None, "Practitioner/gp", "Organization/gpoffice", "PractitionerRole/gp-role")
        gps = {one: self.chance.choice(doctors) for one in patients}
        for one in patients:
            self._patient(one, gps[one])
        for child in (CHILD, YOUTH):
            self._thing("RelatedPerson", f"mother-of-{child}", child, _parent(child))
        for place, (kind, state) in enumerate(combinations * 2):
            self._relation(patients[place % PATIENTS], kind, state)
        for one in patients:
            self._odd_relations(one)
            for _ in range(10):
                self._anything(one, patients)
            self._blocked(one)
        self._certain()
        for one in (MOTHER, CHILD, MERGED):
            self._reported(one)
        self._nobodys(patients)
        self._stated(patients)
        return self.told

    # Building one thing.

    def word(self, name: str) -> str:
        self.count += 1
        word = f"zq{self.count:04}zq"
        self.told.words[word] = name
        return word

    def _thing(self, type_: str, id_: str, patient: str | None, body: Resource, **facts: Any) -> Thing:
        """Keep a resource and what the model is to know of it; its word goes where the type has room for words."""
        thing = Thing(type_, id_, patient, **facts)
        security = [{"system": LABELS.get(one, ACT_CODE), "code": one} for one in sorted(thing.labels)]
        if type_ == "Patient" and id_ == HIDDEN:
            security.append({"system": CONFIDENTIALITY, "code": "R"})
        meta: Resource = {"security": security} if security else {}
        if thing.released:
            meta["tag"] = [{"system": "urn:samjournal:release", "code": "released"}]
        resource = made(type_, id_, **({"meta": meta} if meta else {}), **body)
        twice = type_ != "Patient" and self.chance.random() < 0.25
        if twice:
            # An earlier version without its labels: those of the newest rule.
            before = {**resource, **_words(type_, self.word(thing.name))}
            before.pop("meta", None)
            self.told.writes[0].append(before)
        self.told.writes[1 if twice else 0].append({**resource, **_words(type_, self.word(thing.name))})
        if thing.deleted:
            self.told.deletes.append(thing.name)
        elif thing.lists:
            self.told.facts.listing.append(thing)
        self.told.things[thing.name] = thing
        return thing

    def _id(self, prefix: str) -> str:
        return f"{prefix}-{len(self.told.things)}"

    def _registers(self) -> None:
        for unit in UNITS:
            body: Resource = {"name": unit.id, **({"partOf": to(f"Organization/{unit.under}")} if unit.under else {})}
            labels = frozenset({unit.part}) if unit.part != "ordinary" else frozenset()
            self._thing("Organization", unit.id, None, body, labels=labels)
        for place, unit in PLACES.items():
            type_, _, id_ = place.partition("/")
            element = "providedBy" if type_ == "HealthcareService" else "managingOrganization"
            self._thing(type_, id_, None, {"name": id_, element: to(f"Organization/{unit}")})
        for login, _, unit in STAFF:
            self._thing("Practitioner", login, None, {"name": [{"family": login}]})
            body = {"practitioner": to(f"Practitioner/{login}"), "organization": to(f"Organization/{unit}")}
            self._thing("PractitionerRole", f"{login}-role", None, body)

    def _patient(self, id_: str, gp: str | None) -> None:
        name = self.told.names[id_] = self.word(f"Patient/{id_}")
        years = {CHILD: 8, YOUTH: 13}.get(id_, 40)
        street = self.word(f"Patient/{id_}")
        if id_ == HIDDEN:
            self.told.addresses[street] = id_
            del self.told.words[street]
        home = "Tunvegen 7" if id_ in (CHILD, YOUTH, MOTHER) else street
        body: Resource = {
            "name": [{"family": name, "given": [id_]}],
            "birthDate": f"{self.now.year - years}-01-01",
            "gender": "female",
            "address": [{"use": "home", "line": [home], "postalCode": "7715", "city": f"{home} by"}],
            "identifier": [{"system": FNR if id_ in NUMBERS else "urn:x", "value": NUMBERS.get(id_, name)}],
        }  # fmt: skip
        if gp:
            body["generalPractitioner"] = [to(gp)]
            self.told.facts.relations.append(Relation(id_, gp, "gp-list"))
        if id_ == MERGED:
            body |= {"active": False, "link": [{"type": "replaced-by", "other": to(f"Patient/{STAYS}")}]}
        labels = frozenset(["PSY"] if id_ == "p7" else [])
        # A link names the other id of the same person: whoever opens one opens both.
        others = frozenset({STAYS}) if id_ == MERGED else frozenset()
        self._thing("Patient", id_, id_, body, labels=labels, others=others)

    # Relations.

    def _relation(self, patient: str, kind: str, state: str) -> None:
        before, after = AROUND[kind]
        start, end = {
            "open": (self.now - 60 * DAY, None),
            "running-out": (self.now - 60 * DAY, self.now - after * DAY + timedelta(hours=3)),
            "over": (self.now - 60 * DAY, self.now - after * DAY - timedelta(hours=3)),
            "later": (self.now + before * DAY + timedelta(hours=3), None),
        }[state]
        if kind == "care-team" and state == "running-out":
            end = self.now + DAY
        if kind == "appointment" and state == "open":
            start, end = self.now + 10 * DAY, self.now + 11 * DAY
        party = self.chance.choice(_PARTIES[kind])
        self._made_relation(patient, kind, party, start, end)

    def _made_relation(
        self, patient: str, kind: str, party: str, start: datetime, end: datetime | None, label: str = ""
    ) -> None:
        type_, body = _MAKE[kind](patient, party, start, end)
        owner = party.removeprefix("Organization/") if party.startswith("Organization/") and type_ in _OWNED else ""
        labels = frozenset({label} if label else ())
        # An appointment ends; without an end it is over when it begins.
        ends = end or (start if kind == "appointment" else FOREVER)
        self._thing(type_, self._id(kind), patient, body, owner=owner, labels=labels)
        self.told.facts.relations.append(Relation(patient, party, kind, start, ends, label or "ordinary"))

    def _odd_relations(self, patient: str) -> None:
        start = self.now - 5 * DAY
        match self.chance.randrange(7):
            case 0:
                self._made_relation(patient, "home-care", "Organization/support", start, None, "not-health")
            case 1:
                self._made_relation(patient, "home-care", "Organization/childcare", start, None, "child-welfare")
            case 2:
                self._made_relation(patient, "task", "Organization/psych", start, None, "not-health")
            case 3:
                self._made_relation(patient, "stay", "Organization/prison", start, None, "prison-health")
            case 4:
                self._made_relation(
                    patient, "task", "Organization/support", self.now - 60 * DAY, self.now - 20 * DAY, "not-health"
                )
            case 5:
                self._made_relation(patient, "stay", "Organization/childcare", start, None)
        if self.chance.random() < 0.5:
            login, kind = self.chance.choice((("secretary", "appointment"), ("doctor", "stay"), ("gp", "appointment")))
            party = f"Practitioner/{login}" if kind == "appointment" else "Organization/ward"
            type_, body = _MAKE[kind](patient, party, self.now - DAY, self.now + DAY)
            self.told.by_people.append((login, made(type_, self._id("self"), **body)))
            self.told.facts.relations.append(
                Relation(patient, party, kind, self.now - DAY, self.now + DAY, made_by=login)
            )

    # What is in the record.

    def _anything(self, patient: str, patients: list[str]) -> None:
        chance = self.chance
        type_ = chance.choice(list(_BODIES))
        owner = chance.choice([unit.id for unit in UNITS]) if type_ in _OWNS else ""
        labels = frozenset(chance.choice((
            (), (), (), (), ("PSY",), ("prison-health",), ("child-welfare",), ("not-health",), ("NOPAT",), ("PRS",),
            ("PSY", "NOPAT"), ("SDV", "prison-health"), ("PHY",),
        )))  # fmt: skip
        facts: dict[str, Any] = {"labels": labels, "owner": owner, "deleted": chance.random() < 0.12}
        body = _BODIES[type_](patient)
        if owner:
            body |= _owned(type_, owner)
        if type_ in ("Observation", "DiagnosticReport", "Composition", "DocumentReference"):
            body |= self._dated(type_, facts)
        if type_ == "Observation" and chance.random() < 0.3:
            other = chance.choice(patients)
            if other != patient:
                body["focus"] = [to(f"Patient/{other}")]
                facts["others"] = frozenset({other})
        earlier = [one for one in self.told.things.values() if one.type == "Observation" and not one.deleted]
        if type_ in ("Observation", "DiagnosticReport") and earlier and not facts["deleted"]:
            mine = [one for one in earlier if one.patient == patient]
            listed = chance.choice(mine if mine and chance.random() < 0.8 else earlier).name
            body["hasMember" if type_ == "Observation" else "result"] = [to(listed)]
            facts["lists"] = frozenset({listed})
        if type_ == "Observation" and chance.random() < 0.3:
            body |= {"device": to("#d"), "contained": [{"resourceType": "Device", "id": "d", "lotNumber": "contained"}]}
        self._thing(type_, self._id("r"), patient, body, **facts)

    def _dated(self, type_: str, facts: dict[str, Any]) -> Resource:
        """When it was written, what kind it is, and whether it is signed."""
        chance = self.chance
        days = chance.choice((0, 3, 10, 20))
        written = self.now - days * DAY
        if chance.random() < 0.2:
            written = written.replace(year=2020, month=1, day=15)
        at = written.isoformat(timespec="seconds")
        facts |= {"written": written, "date": written, "released": chance.random() < 0.2}
        note = type_ in ("Composition", "DocumentReference")
        code = chance.choice(("11506-3", "34788-0", "34791-4") if note else ("8867-4", "8867-4", "11526-1", "51969-4"))
        facts["codes"] = frozenset({code})
        element = {"Observation": "code", "DiagnosticReport": "code"}.get(type_, "type")
        body: Resource = {element: {"coding": [{"system": LOINC, "code": code}]}}
        body |= {{"Observation": "effectiveDateTime", "DiagnosticReport": "issued"}.get(type_, "date"): at}
        if type_ == "DiagnosticReport":
            facts["date"] = None  # `issued` is not the date that a report is about.
            category = chance.choice(("LAB", "SP", "GE"))
            facts["codes"] |= {category}
            body["category"] = [{"coding": [{"system": SERVICE, "code": category}]}]
        if type_ != "Observation" and chance.random() < 0.25:
            facts["unsigned"] = True
            body["docStatus" if type_ == "DocumentReference" else "status"] = (
                "partial" if type_ == "DiagnosticReport" else "preliminary"
            )
        elif chance.random() < 0.15:
            body["status"] = "entered-in-error"
        return body

    def _certain(self) -> None:
        """What no chance is to leave out: a unit of the health service bound by another service alone; what is deleted
        and was blocked or withheld by what it said; what another patient blocks whom it names."""
        for one in (BOUND, BLOCKING, NAMED):
            self._patient(one, None)
        start = self.now - 5 * DAY
        self._made_relation(BOUND, "task", "Organization/psych", start, None, "not-health")
        note = {**_BODIES["Procedure"](BOUND), **_owned("Procedure", "psych")}
        self._thing("Procedure", self._id("bound"), BOUND, note, owner="psych", labels=frozenset({"PSY"}))
        self._made_relation(BOUND, "task", "Organization/prison", start, None, "child-welfare")
        note = {**_BODIES["Procedure"](BOUND), **_owned("Procedure", "prison")}
        self._thing("Procedure", self._id("bound"), BOUND, note, owner="prison", labels=frozenset({"prison-health"}))
        for one in (BLOCKING, NAMED):
            self._made_relation(one, "stay", "Organization/ward", start, None)
        self._block(Block(BLOCKING, frozenset({"Organization/ward"})), "code")
        self._block(Block(BLOCKING), "label")
        self._block(Block(BLOCKING, frozenset({"Practitioner/doctor"})), "time")
        long_ago = datetime.fromisoformat("2020-01-15T12:00:00+01:00")
        for at, labels, code in (
            (self.now, (), "8867-4"), (self.now, ("PRS",), "8310-5"), (long_ago, (), "8310-5"), (self.now, (), "8310-5")
        ):  # fmt: skip
            for deleted in (False, True):
                body = _BODIES["Observation"](BLOCKING) | {"effectiveDateTime": _at(at)}
                body["code"] = {"coding": [{"system": LOINC, "code": code}]}
                facts = {"codes": frozenset({code}), "labels": frozenset(labels), "date": at, "written": at}
                self._thing("Observation", self._id("certain"), BLOCKING, body, deleted=deleted, **facts)
                if not deleted:
                    other = {**body, "subject": to(f"Patient/{NAMED}"), "focus": [to(f"Patient/{BLOCKING}")]}
                    also = {**facts, "others": frozenset({BLOCKING})}
                    self._thing("Observation", self._id("named"), NAMED, other, **also)
        for child in (CHILD, YOUTH):
            for labels in ((), ("PRS",), ("PHY",), ("NOPAT",)):
                for deleted in (False, True):
                    body = _BODIES["Immunization"](child)
                    self._thing(
                        "Immunization", self._id("kept"), child, body, labels=frozenset(labels), deleted=deleted
                    )

    def _reported(self, patient: str) -> None:
        """Results of reports that are held back, released before their time, not signed, or both of these."""
        reports = (("GE",), False, False), (("GE",), True, False), (("LAB",), False, True), (("LAB",), False, False)
        for code, labels in (("8867-4", ()), ("51969-4", ()), ("51969-4", ("NOPAT",))):
            results = []
            for members in (False, True):
                body = _BODIES["Observation"](patient) | {"code": {"coding": [{"system": LOINC, "code": code}]}}
                facts: dict[str, Any] = {"codes": frozenset({code}), "labels": frozenset(labels)}
                if members:
                    body["hasMember"] = [to(results[0].name)]
                    facts["lists"] = frozenset({results[0].name})
                results.append(self._thing("Observation", self._id("reported"), patient, body, **facts))
            for (category,), early, unsigned in reports:
                # Each has a result of its own, which is one of the members too, and the last two share them.
                own = _BODIES["Observation"](patient) | {"code": {"coding": [{"system": LOINC, "code": code}]}}
                mine = self._thing("Observation", self._id("reported"), patient, own, codes=frozenset({code}),
                                   labels=frozenset(labels))  # fmt: skip
                named = [mine.name, *([results[1].name] if category == "LAB" or early else [])]
                body = _BODIES["DiagnosticReport"](patient) | {"result": [to(name) for name in named]}
                body |= {"category": [{"coding": [{"system": SERVICE, "code": category}]}]}
                body |= {"status": "partial" if unsigned else "final", "issued": _at(self.now), "code": {"text": "x"}}
                self._thing("DiagnosticReport", self._id("report"), patient, body, codes=frozenset({category}),
                            released=early, unsigned=unsigned, written=self.now, lists=frozenset(named))  # fmt: skip

    def _nobodys(self, patients: list[str]) -> None:
        for owner in ("ward", "psych", "support"):
            body = {"owner": to(f"Organization/{owner}")}
            self._thing("Device", self._id("device"), None, body, owner=owner)
            one, other = self.chance.sample(patients, 2)
            body = {**_BODIES["Observation"](one), "subject": to("Location/room"), **_owned("Observation", owner)}
            facts: dict[str, Any] = {"owner": owner, "codes": frozenset({"8867-4"})}
            for named in ((), (one,), (one, other)):
                focus = {"focus": [to(f"Patient/{each}") for each in named]} if named else {}
                facts["others"] = frozenset(named)
                self._thing("Observation", self._id("place"), None, {**body, **focus}, **facts)
        for _ in range(3):
            two = self.chance.sample(patients, 2)
            actors = [{"actor": to(f"Patient/{one}"), "status": "accepted", **_TOLD} for one in two]
            period = {"start": self.now.isoformat(), "end": (self.now + DAY).isoformat()}
            body = {"status": "booked", "participant": [*actors], **period}
            self._thing("Appointment", self._id("both"), None, body, others=frozenset(two))

    # What is blocked, and opened all the same.

    def _blocked(self, patient: str) -> None:
        if self.chance.random() < 0.3:
            return
        whom: tuple[str, ...] = self.chance.choice(_KEPT_OUT)
        what = self.chance.choice(("whole", "document", "type", "code", "label", "time", "type+label"))
        self._block(
            Block(patient, frozenset(whom)), what, self.chance.choice(("now", "now", "now", "expired", "future"))
        )

    def _block(self, block: Block, what: str, when: str = "now") -> None:
        """Keep a block: in the facts, and as the Consent that makes it."""
        patient, whom = block.patient, block.parties
        said: Resource = {}
        if "document" in what:
            mine = [one for one in self.told.things.values() if one.patient == patient and one.type in _BODIES]
            document = self.chance.choice(mine).name if mine else "Observation/none"
            block = replace(block, document=document)
            said["data"] = [{"meaning": "instance", "reference": to(document)}]
        if "type" in what:
            block = replace(block, type="Observation")
            said["class"] = [{"system": TYPES, "code": "Observation"}]
        if what == "code":
            block = replace(block, code="8867-4")
            said["code"] = [{"coding": [{"system": LOINC, "code": "8867-4"}]}]
        if "label" in what:
            block = replace(block, label="PRS")
            said["securityLabel"] = [{"system": ACT_CODE, "code": "PRS"}]
        if what == "time":
            since, until = (datetime.fromisoformat(f"{day}T00:00:00+01:00") for day in FORBIDDEN_TIME)
            block = replace(block, time=(since, until))
            said["dataPeriod"] = dict(zip(("start", "end"), FORBIDDEN_TIME, strict=True))
        match when:
            case "expired":
                block = replace(block, end=self.now - DAY)
                said["period"] = {"end": (self.now - DAY).isoformat(timespec="seconds")}
            case "future":
                block = replace(block, start=self.now + DAY)
                said["period"] = {"start": (self.now + DAY).isoformat(timespec="seconds")}
        if whom:
            said["actor"] = [{"role": {"text": "x"}, "reference": to(one)} for one in sorted(whom)]
        self.told.facts.blocks.append(block)
        body = {
            "status": "active",
            "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
            "policyRule": {"text": "x"},
            "patient": to(f"Patient/{patient}"),
            "provision": {"type": "deny", **said},
        }
        self._thing("Consent", self._id("block"), patient, body)

    def _stated(self, patients: list[str]) -> None:
        for login in ("doctor", "nurse", "homenurse", "gp", "psychiatrist", "prisonnurse"):
            for emergency in (False, True):
                patient = self.chance.choice([one for one in patients if one != MERGED])
                self.told.reasons.append((login, patient, emergency))
        self.told.reasons.append(("prisonnurse", BOUND, False))


_KEPT_OUT = (
    (),
    ("Organization/ward",),
    ("Organization/hospital",),
    ("Practitioner/doctor",),
    ("PractitionerRole/nurse-role", "Organization/gpoffice"),
    ("Organization/psych",),
)


def _words(type_: str, word: str) -> Resource:
    """Where a word of a resource stands: shown by pages, found by search."""
    if type_ == "Patient":
        return {}  # It has its own.
    text = {"status": "generated", "div": f"<div xmlns='http://www.w3.org/1999/xhtml'>{word}</div>"}
    where: dict[str, Resource] = {
        "Observation": {"valueString": word},
        "Condition": {"code": {"text": word}},
        "AllergyIntolerance": {"code": {"text": word}},
        "Composition": {"title": word},
        "DocumentReference": {"description": word},
        "DiagnosticReport": {"conclusion": word},
        "MedicationRequest": {"medicationCodeableConcept": {"text": word}},
        "Immunization": {"vaccineCode": {"text": word}},
        "Flag": {"code": {"text": word}},
        "Procedure": {"code": {"text": word}},
        "CarePlan": {"title": word},
        "Goal": {"description": {"text": word}},
        "ServiceRequest": {"code": {"text": word}},
        "Task": {"description": word},
        "Appointment": {"description": word},
        "Encounter": {"reasonCode": [{"text": word}]},
        "EpisodeOfCare": {"type": [{"text": word}]},
        "Consent": {"category": [{"text": word}]},
        "CareTeam": {"name": word},
        "RelatedPerson": {"name": [{"text": word}]},
    }
    return {"text": text, **where.get(type_, {})}


def _parent(child: str) -> Resource:
    coded = (("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH"),
             ("http://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility", "felles"))  # fmt: skip
    return {
        "patient": to(f"Patient/{child}"),
        "identifier": [{"system": FNR, "value": NUMBERS[MOTHER]}],
        "relationship": [{"coding": [{"system": system, "code": code}]} for system, code in coded],
    }


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _period(start: datetime, end: datetime | None) -> Resource:
    return {"start": _at(start), **({"end": _at(end)} if end else {})}


def _encounter(code: str) -> Any:
    def encounter(patient: str, party: str, start: datetime, end: datetime | None) -> tuple[str, Resource]:
        by = {"serviceProvider": to(party)} if party.startswith("Org") else {"participant": [{"individual": to(party)}]}
        body = {
            "status": "finished" if end else "in-progress",
            "class": {"code": code},
            "subject": to(f"Patient/{patient}"),
        }
        return "Encounter", {**body, **by, "period": _period(start, end)}

    return encounter


_TOLD = {"required": "information-only"}
"""Whoever is only told takes no time: here everybody has many appointments at once, which nobody could keep."""


def _appointment(patient: str, party: str, start: datetime, end: datetime | None) -> tuple[str, Resource]:
    actors = [{"actor": to(one), "status": "accepted", **_TOLD} for one in (f"Patient/{patient}", party)]
    return "Appointment", {"status": "booked", "participant": actors, "start": _at(start), "end": _at(end or start)}


def _referral(patient: str, party: str, start: datetime, end: datetime | None) -> tuple[str, Resource]:
    body = {"intent": "order", "subject": to(f"Patient/{patient}"), "performer": [to(party)], "authoredOn": _at(start)}
    return "ServiceRequest", body | (
        {"status": "completed", "occurrenceDateTime": _at(end)} if end else {"status": "active"}
    )


def _home_care(patient: str, party: str, start: datetime, end: datetime | None) -> tuple[str, Resource]:
    body = {
        "status": "finished" if end else "active",
        "patient": to(f"Patient/{patient}"),
        "period": _period(start, end),
    }
    return "EpisodeOfCare", {**body, "managingOrganization": to(party)}


def _care_team(patient: str, party: str, start: datetime, end: datetime | None) -> tuple[str, Resource]:
    body = {"status": "active", "subject": to(f"Patient/{patient}"), "period": _period(start, end)}
    return "CareTeam", {**body, "participant": [{"member": to(party)}]}


def _task(patient: str, party: str, start: datetime, end: datetime | None) -> tuple[str, Resource]:
    body = {"intent": "order", "for": to(f"Patient/{patient}"), "owner": to(party), "authoredOn": _at(start)}
    done = {"status": "completed", "executionPeriod": _period(start, end)} if end else {"status": "accepted"}
    return "Task", {**body, **done}


_MAKE = {
    "stay": _encounter("IMP"),
    "contact": _encounter("AMB"),
    "appointment": _appointment,
    "referral": _referral,
    "home-care": _home_care,
    "care-team": _care_team,
    "task": _task,
}
_HOSPITAL = ("Organization/ward", "Organization/ward2", "Organization/psych", "Organization/hospital")
_PARTIES = {
    "stay": _HOSPITAL,
    "contact": (*_HOSPITAL, "Practitioner/doctor", "PractitionerRole/nurse-role", "Organization/gpoffice"),
    "appointment": (*PLACES, "Practitioner/psychiatrist", "Practitioner/gp"),
    "referral": (*_HOSPITAL, "Organization/homecare", "HealthcareService/clinic"),
    "home-care": ("Organization/homecare", "Organization/town"),
    "care-team": ("Practitioner/doctor", "PractitionerRole/homenurse-role", "Organization/prison"),
    "task": ("Practitioner/chief", "Organization/homecare", "Organization/ward2"),
}
_OWNED = ("Encounter", "ServiceRequest", "EpisodeOfCare", "Task")
_OWNS = ("Observation", "Composition", "DocumentReference", "DiagnosticReport", "Procedure", "CarePlan")


def _owned(type_: str, owner: str) -> Resource:
    one = to(f"Organization/{owner}")
    match type_:
        case "Composition" | "DocumentReference":
            return {"custodian": one}
        case "Procedure":
            return {"performer": [{"actor": one}]}
        case "CarePlan":
            return {"author": one}
    return {"performer": [one]}


def _about(element: str, **rest: Any) -> Any:
    return lambda patient: {element: to(f"Patient/{patient}"), **rest}


_BODIES = {
    "Observation": _about("subject", status="final", code={"coding": [{"system": LOINC, "code": "8867-4"}]}),
    "Composition": _about("subject", status="final", author=[{"display": "x"}]),
    "DocumentReference": _about("subject", status="current", content=[{"attachment": {"title": "x"}}]),
    "DiagnosticReport": _about("subject", status="final"),
    "Condition": _about("subject"),
    "AllergyIntolerance": _about("patient"),
    "Immunization": _about("patient", status="completed", occurrenceDateTime="2024-01-01"),
    "MedicationRequest": _about("subject", status="active", intent="order"),
    "Flag": _about("subject", status="active"),
    "Procedure": _about("subject", status="completed"),
    "CarePlan": _about("subject", status="active", intent="plan"),
    "Goal": _about("subject", lifecycleStatus="active"),
    "RelatedPerson": _about("patient"),
    "Communication": _about("subject", status="completed"),
    "Provenance": lambda patient: {
        "target": [to(f"Patient/{patient}")],
        "recorded": "2026-01-01T00:00:00Z",
        "agent": [{"who": {"display": "x"}}],
    },
}
__all__ = ["ALWAYS", "READERS", "REGISTERS", "SCOPES", "STAFF", "Told", "told"]
