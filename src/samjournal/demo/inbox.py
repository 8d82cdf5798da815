# ruff: noqa: E501 - sentences stay on one line
"""What waits in the inboxes of the personas: results to acknowledge, messages to answer, a note to countersign.

acknowledgements(chart)         of the latest results that a persona ordered, the older ones acknowledged
around(chart, stay)             what waits on several of them about one patient
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from samjournal.demo import measures as m
from samjournal.demo.asked import talks
from samjournal.demo.chart import HL7, LOINC, Chart, Resource, concept, narrative, to
from samjournal.demo.clock import instant
from samjournal.demo.personas import PERSONAS
from samjournal.demo.staff import Staff, worker
from samjournal.tasks import DEADLINES, Kind, seen_in, written

LATEST = timedelta(days=4)
FRESH = timedelta(hours=20)
"""So long a result waits, as a rule, before somebody has acknowledged it."""
_THEIRS = frozenset(f"PractitionerRole/{role.practitioner_role_id}" for one in PERSONAS for role in one.roles)


def acknowledgements(chart: Chart) -> None:
    """A Task for each of the latest reports that a persona ordered."""
    known = {f"{one['resourceType']}/{one['id']}": one for one in chart.resources}
    for report in [one for one in chart.resources if one["resourceType"] == "DiagnosticReport"]:
        asked = [known.get(each["reference"], {}).get("requester", {}) for each in report.get("basedOn", ())]
        owner = next((one for one in asked if one.get("reference") in _THEIRS), None)
        issued = datetime.fromisoformat(report["issued"]) if "issued" in report else None
        if owner is None or issued is None or chart.clock.now - issued > LATEST or "result" not in report:
            continue
        results = [known[each["reference"]] for each in report["result"]]
        _acknowledge(chart, owner, report, results, issued)


def _acknowledge(chart: Chart, owner: Resource, head: Resource, results: list[Resource], issued: datetime) -> None:
    task = _put(chart, "acknowledge", owner, issued, issued + DEADLINES["acknowledge"], focus=head, requester=owner)
    task["input"] = seen_in(head, results, 1)
    if chart.clock.now - issued > FRESH:
        hours = 2 + sha256(str(head["id"]).encode()).digest()[0] % 16
        done = instant(issued + timedelta(hours=hours, minutes=hours * 3))
        task |= {"status": "completed", "lastModified": done, "executionPeriod": {"end": done}}


def _put(
    chart: Chart,
    kind: Kind,
    owner: Resource,
    at: datetime,
    due: datetime,
    *,
    words: str = "",
    focus: Resource | None = None,
    requester: Resource | None = None,
    urgent: bool = False,
) -> Resource:
    task = written(
        kind=kind,
        patient=chart.id,
        owner=owner,
        at=at.astimezone(chart.clock.now.tzinfo),
        due=due.astimezone(chart.clock.now.tzinfo),
        words=words,
        focus=to(focus)["reference"] if focus else "",
        requester=requester,
        urgent=urgent,
    )
    return chart.put(
        "Task", "work", **{name: value for name, value in task.items() if name not in ("resourceType", "for")}
    )


def around(chart: Chart, stay: Resource) -> None:
    """A critical result, a note to countersign and messages between those who have one patient together."""
    clock, now = chart.clock, chart.clock.now
    henrik, magnus, solveig = worker("henrik", "medisin-3"), worker("magnus"), worker("solveig")
    taken = clock.at(-1, 7, 32)  # with the others of that morning; this one was analysed afterwards
    grave = m.lab(chart, worker("oddbjorn"), m.PHOSPHATE, 0.28, taken, encounter=stay, requester=henrik)
    grave["interpretation"] = [concept(f"{HL7}v3-ObservationInterpretation", "LL")]
    grave["issued"] = instant(now - timedelta(minutes=20))
    task = _put(
        chart, "acknowledge", henrik.reference, now - timedelta(minutes=20), now + timedelta(minutes=40),
        focus=grave, requester=henrik.reference, urgent=True,
    )  # fmt: skip
    task["input"] = seen_in(grave, [], 1)
    draft = _draft(chart, worker("jakob"), clock.at(-1, 8, 5), stay)
    _put(
        chart, "countersign", henrik.reference, clock.at(-1, 8, 5), clock.next(20),
        focus=draft, requester=worker("jakob").reference,
    )  # fmt: skip
    for by, whom, days, hour, minute, topic, text in _MESSAGES:
        sent = min(clock.at(days, hour, minute), now - timedelta(minutes=35))
        _message(chart, _who(by), _who(whom), sent, topic, text)
    _asked_by_the_patient(chart, worker("magnus"))
    talks(chart)
    _put(
        chart, "do", worker("turid").reference, clock.at(-1, 13, 5), clock.next(15),
        words="Be om epikrise fra forrige opphold på St. Olavs", requester=henrik.reference,
    )  # fmt: skip
    _put(
        chart, "do", solveig.unit, clock.at(-1, 10, 20), clock.at(2, 14),
        words="Sette opp dosett etter ny medisinliste ved hjemreise", requester=magnus.reference,
    )  # fmt: skip


_MESSAGES = (
    ("magnus", "henrik", -1, 13, 10, "Fastlege spør om antikoagulasjon", "Ragnhild står på apiksaban 5 mg × 2. Skal dosen ned nå som nyrefunksjonen er dårligere? Jeg fornyer resepten i neste uke."),
    ("solveig", "magnus", -1, 9, 40, "Hjemmesykepleien spør om vekt", "Hvilken vekt skal vi gå ut fra når Ragnhild kommer hjem, og ved hvor mye opp skal vi ringe?"),
    ("ayla", "solveig", -1, 14, 25, "Hjelp ved hjemreise", "Ragnhild trenger hjelp til støttestrømper og veiing hver morgen. Kan dere ta imot henne i løpet av uka?"),
    ("solveig", "ayla", -1, 15, 5, "Spørsmål om støttestrømper", "Har Ragnhild med seg støttestrømpene på avdelingen? Vi finner dem ikke hjemme."),
)  # fmt: skip


def _asked_by_the_patient(chart: Chart, gp: Staff) -> None:
    """What she wrote to her doctor some days before, and his answer."""
    topic = {"text": "Spørsmål om vanndrivende"}
    about = {"status": "completed", "topic": topic}
    asked = chart.put(
        "Communication", "message", **about, sent=instant(chart.clock.at(-9, 10, 20)),
        sender=chart.reference, recipient=[gp.reference],
        payload=[{"contentString": "Kan jeg ta den vanndrivende tabletten om kvelden når jeg skal på møte om formiddagen?"}],
    )  # fmt: skip
    chart.put(
        "Communication", "message", **about, sent=instant(chart.clock.at(-9, 14, 45)), inResponseTo=[to(asked)],
        sender=gp.reference, recipient=[chart.reference],
        payload=[{"contentString": "Ja, det kan du gjøre innimellom. Ta den helst før klokka 17, ellers må du ofte opp om natta."}],
    )  # fmt: skip


def _who(login: str) -> Staff:
    return worker(login, "medisin-3") if login == "henrik" else worker(login)


def _message(chart: Chart, by: Staff, whom: Staff, sent: datetime, topic: str, text: str) -> None:
    found = chart.put(
        "Communication",
        "message",
        status="completed",
        topic={"text": topic},
        sent=instant(sent),
        sender=by.reference,
        recipient=[whom.reference],
        payload=[{"contentString": text}],
    )
    _put(
        chart,
        "answer",
        whom.reference,
        sent,
        max(sent + DEADLINES["answer"], chart.clock.now + timedelta(hours=3)),
        focus=found,
        requester=by.reference,
    )


def _draft(chart: Chart, by: Staff, when: datetime, stay: Resource) -> Resource:
    """A note of a doctor in training, signed by himself and waiting for another."""
    signed = {"mode": "professional", "time": instant(when), "party": by.reference}
    sections = (
        ("Vurdering", ("Forverret hjertesvikt utløst av luftveisinfeksjon. Bedre i dag: sover flatere, mindre ødem. Tåler opptrapping av vanndrivende.",)),
        ("Plan", ("Furosemid 40 mg iv to ganger til vekta er under 68 kg. Kreatinin, kalium og fosfat daglig. Losartan vurderes når kreatinin er stabil.",)),
    )  # fmt: skip
    return chart.put(
        "Composition",
        "note",
        by,
        status="preliminary",
        type_=concept(LOINC, "11506-3", "Notat"),
        encounter=to(stay),
        date=instant(when),
        title="Vurdering ved hjertesvikt",
        attester=[signed],
        section=[{"title": title, "text": narrative(paragraphs)} for title, paragraphs in sections],
    )
