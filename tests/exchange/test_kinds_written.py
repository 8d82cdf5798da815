"""What is written fits the official schemas, and is read again the same: referrals, discharge summaries, dialogue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.letters import SHARED, WITHOUT
from samjournal.exchange import envelope, xml
from samjournal.exchange.envelope import Ident, Party, Person
from samjournal.exchange.kinds import dialog, discharge, letter_of, referral
from samjournal.exchange.kinds.dialog import Dialog
from samjournal.exchange.kinds.discharge import Discharge
from samjournal.exchange.kinds.elements import plain
from samjournal.exchange.kinds.letter import File, Letter, NotWritable, Passage
from samjournal.exchange.kinds.referral import Referral
from samjournal.exchange.schemas import Schemas, fitted
from samjournal.exchange.xml import Coded
from samjournal.fhir.dates import OSLO

needs_schemas = pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
ICPC = "2.16.578.1.12.4.1.1.7170"
WARD = Party("Medisin 3", (Ident("90998", "HER"),))
HOSPITAL = Party("St. Olavs", (Ident("59", "HER"), Ident("883974832", "ENH")), within=WARD)
DOCTOR = Party("Rita Lin", (Ident("258521", "HER"),), is_person=True)
PRACTICE = Party("Kattskinnet legesenter", (Ident("56704", "HER"),), within=DOCTOR)
LINE = Person("Danser", "Line", "1969-11-13", "2", (Ident("13116900216", "FNR"),))
AT = datetime(2026, 11, 29, 10, 30, 5, tzinfo=OSLO)
SCAN = File("Røntgen", "application/pdf", b"%PDF-1.4\n")
REFERRAL = Referral(
    priority=Coded("3", name="Haster (elektiv)"),
    diagnoses=(Coded("L88", ICPC, "Reumatoid artritt"), Coded(words="Slitne hofter")),
    reasons=(
        Passage(referral.PROBLEM, "Sterke smerter i hofter.\nVerst om natta."),
        Passage(referral.WANTED, "Vurdering av protese?"),
        Passage(Coded("FA", name="Familie/sosialt"), "Bor alene <i eget hus> & klarer seg."),
    ),
    items=(
        Passage(Coded("MEDB", name="Legemiddelopplysning"), "Paracet 500 mg ved behov"),
        Passage(Coded("FUNN", name="Funn og undersøkelsesresultat"), "CRP 42"),
    ),
    wanted="2026-12-24",
)
DISCHARGE = Discharge(
    about="Sykehusepikrise",
    began="2026-11-20",
    ended="2026-11-29",
    diagnoses=(Coded("I330", "2.16.578.1.12.4.1.1.7110", "Endokarditt"), Coded(words="Nyoppdaget bilyd")),
    passages=(
        Passage(Coded("AI", name="Årsak til innleggelse"), "Slapp & subfebril.\n\nForhøyet CRP."),
        Passage(Coded(name="Kontroll"), "Hos fastlegen\nom fire uker."),
    ),
    items=(Passage(Coded("MEDB", name="Legemiddelopplysning"), "Apocillin 1 g × 2 i fire uker"),),
    referral="d57160a8-7697-4724-b0e2-7807037fea47",
)
DIALOG = Dialog(Coded("6", "2.16.578.1.12.4.1.1.7322", "Henvendelse om pasient"), "Opptrening", "Kan dere\nhjelpe?")


def letter(kind: str = "HENVISNING", called: str = "Henvisning", **other: Any) -> Letter:
    return Letter(
        **{
            "kind": Coded(kind, name=called),
            "id": "02a51109-7416-4822-9742-bcd6fdfd036f",
            "made": AT,
            "written": AT,
            "status": "N",
            "document": "d57160a8-7697-4724-b0e2-7807037fea47",
            "sender": PRACTICE,
            "receiver": HOSPITAL,
            "patient": LINE,
            "author": Party("Rita Lin", (Ident("9144900", "HPR"),), is_person=True),
            **other,
        }
    )


def written(kind: str, version: str, of: Letter, says: Any = None) -> bytes:
    if kind == "referral":
        return referral.write(of, says or REFERRAL, version)  # type: ignore[arg-type]
    if kind == "discharge":
        return discharge.write(of, says or DISCHARGE, version)  # type: ignore[arg-type]
    return dialog.write(of, says or DIALOG, version)  # type: ignore[arg-type]


READS: dict[str, tuple[Callable[[envelope.Envelope], Any], Any]] = {
    "referral": (referral.read, REFERRAL),
    "discharge": (discharge.read, DISCHARGE),
    "dialog": (dialog.read, DIALOG),
}
VERSIONS = [
    ("referral", "1.0"),
    ("referral", "1.1"),
    ("referral", "2.0"),
    ("discharge", "1.1"),
    ("discharge", "1.2"),
    ("dialog", "1.0"),
    ("dialog", "1.1"),
]
KINDS = {
    "referral": ("HENVISNING", "Henvisning"),
    "discharge": ("EPIKRISE", "Epikrise"),
    "dialog": ("DIALOG_HELSEFAGLIG", "Helsefaglig dialog"),
}


@cache
def schemas() -> Schemas:
    paths = sorted((SHARED / "xsd").rglob("*.xsd"))
    return fitted({str(path.relative_to(SHARED / "xsd")): path.read_bytes() for path in paths})


def wrong(data: bytes) -> str:
    root = xml.parse(data)
    assert schemas().knows(root)
    return schemas().wrong(root)


@pytest.mark.parametrize(("kind", "version"), VERSIONS)
@pytest.mark.parametrize("status", ["N", "M", "C"])
@needs_schemas
def test_it_fits_the_schema(kind: str, version: str, status: str) -> None:
    files = () if (kind, version) == ("referral", "1.0") else (SCAN,)
    of = letter(*KINDS[kind], status=status, files=files, copies=(PRACTICE, HOSPITAL), parent="p", conversation="c")
    assert wrong(written(kind, version, of)) == ""


@needs_schemas
def test_as_little_as_there_may_be_fits_too() -> None:
    bare = letter(author=Party(""), patient=Person("Danser", "Line", "", "", ()))
    for version in ("1.0", "1.1", "2.0"):
        assert wrong(written("referral", version, bare, Referral())) == ""
    for version in ("1.1", "1.2"):
        assert wrong(written("discharge", version, letter("EPIKRISE", author=Party("")), Discharge())) == ""


@pytest.mark.parametrize(("kind", "version"), VERSIONS)
def test_it_is_read_again_the_same(kind: str, version: str) -> None:
    files = () if (kind, version) == ("referral", "1.0") else (SCAN,)
    of = letter(*KINDS[kind], files=files, copies=(PRACTICE,))
    read = envelope.read(xml.parse(written(kind, version, of)))
    again = letter_of(read)
    assert (again.sender, again.receiver, again.copies, again.files) == (of.sender, of.receiver, of.copies, of.files)
    assert (again.id, again.made, again.patient, again.kind.code) == (of.id, of.made, of.patient, of.kind.code)
    if kind != "dialog":
        assert (again.document, again.status, again.written) == (of.document, of.status, of.written)
    reads, said = READS[kind]
    found = reads(read)
    if kind != "dialog":
        assert "9144900" in found.rest, "who answers for it is among the words"
        found = type(found)(**{name: getattr(found, name) for name in found.__slots__ if name != "rest"})
    assert found == said


OFFICIAL = (
    "examples/Henvisning",
    "examples/Epikrise",
    "examples/Dialogmelding",
    "acceptance-cases/henvisning/FasitHenvisningSending",
)
FORMATS = (referral, discharge, dialog)


@needs_schemas
def test_every_official_message_is_written_again_as_it_says() -> None:
    """Structured medicines and results become words, and words they stay; what a cancellation repeats is not said."""
    seen = 0
    for path in (one for kind in OFFICIAL for one in sorted((SHARED / kind).rglob("*.xml"))):
        read = envelope.read(xml.parse(path.read_bytes()))
        assert read.content is not None
        space = xml.namespace(read.content)
        module, version = next((one, v) for one in FORMATS for v, its in one.SPACES.items() if its == space)
        of, says = letter_of(read), module.read(read)
        data = module.write(of, says, version)  # type: ignore[arg-type]
        again = envelope.read(xml.parse(data))
        assert wrong(data) == "", path
        assert letter_of(again) == of, path
        if of.status != "C":
            assert _without_rest(module.read(again)) == _without_rest(says), path
        seen += 1
    assert seen == 33


def _without_rest(says: Any) -> dict[str, Any]:
    return {name: getattr(says, name) for name in says.__slots__ if name != "rest"}


def test_a_conversation_names_what_it_answers() -> None:
    first = letter_of(envelope.read(xml.parse(written("dialog", "1.1", letter(*KINDS["dialog"])))))
    assert (first.parent, first.conversation) == ("", "")
    of = letter(*KINDS["dialog"], parent="second", conversation="first")
    again = letter_of(envelope.read(xml.parse(written("dialog", "1.1", of))))
    assert (again.parent, again.conversation) == ("second", "first")


def test_a_request_is_read_as_one() -> None:
    asked = Dialog(Coded("4", "2.16.578.1.12.4.1.1.9152", "Legemiddelopplysninger"), "", "Hva bruker han?", asks=True)
    for version in ("1.0", "1.1"):
        data = written("dialog", version, letter("DIALOG_FORESPORSEL"), asked)
        assert dialog.read(envelope.read(xml.parse(data))) == asked


def test_the_oldest_referral_takes_no_files_and_says_so() -> None:
    with pytest.raises(NotWritable, match=r"1\.0 har ikke plass"):
        written("referral", "1.0", letter(files=(SCAN,)))


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)


@needs_schemas
@settings(max_examples=15, deadline=None)
@given(st.sampled_from(VERSIONS), words, words)
def test_whatever_somebody_wrote_can_be_carried(version: tuple[str, str], first: str, second: str) -> None:
    """Signs that XML has none for are left out; all others come back."""
    kind, number = version
    of = letter(*KINDS[kind], patient=Person(f"x{first}", f"x{second}", "1969-11-13", "2", LINE.idents))
    text = f"a{first} . {second}b"
    says = {
        "referral": Referral(reasons=(Passage(referral.PROBLEM, text),)),
        "discharge": Discharge(passages=(Passage(Coded(name="Plan"), text),)),
        "dialog": Dialog(DIALOG.topic, text=text),
    }[kind]
    data = written(kind, number, of, says)
    assert wrong(data) == ""
    found = READS[kind][0](envelope.read(xml.parse(data)))
    read = {"referral": "reasons", "discharge": "passages"}.get(kind)
    words_read = getattr(found, read)[0].text if read else found.text
    assert words_read.split() == plain(text).split()
