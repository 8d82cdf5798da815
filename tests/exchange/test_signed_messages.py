"""What is answered to a message for the signature in it, and what becomes of the message. HISD 1168: S01, S02, S03."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from exchange.authorities import DAY, Authority
from exchange.letters import HOSPITAL, WARD, dialog, message
from exchange.signing import signed
from samjournal import access
from samjournal.exchange import Outcome, apprec, receive, take, xml
from samjournal.exchange.certificates import Trusted, Unknowable, trusted
from samjournal.exchange.cms import Key
from samjournal.exchange.outbox import Outbox, taking
from samjournal.exchange.outgoing import rendered
from samjournal.exchange.transport import Arrived
from samjournal.fhir.identifiers import HER, ORGANIZATION
from samjournal.server import exchanging, exits
from world import World, made, to

pytestmark = pytest.mark.anyio
NUMBER, OTHER = "983044778", "971033541"
CA = Authority()
GP = CA.signing("Legesenteret")
TAKEN_BACK = CA.signing("Tilbaketrukket")
CA.revoked.append(TAKEN_BACK.certificate.serial_number)


@pytest.fixture(scope="module")
async def addressed(world: World) -> World:
    def her(value: str) -> dict[str, str]:
        return {"system": HER, "value": value}

    await world.put(
        made("Organization", "hospital", name="Sykehuset", identifier=[her(HOSPITAL)]),
        made("Organization", "ward", name="Medisin 3", identifier=[her(WARD)], partOf=to("Organization/hospital")),
        made(
            "Organization",
            "gps",
            name="Fjordgløtt legesenter",
            identifier=[her("900001"), {"system": ORGANIZATION, "value": NUMBER}],
        ),
    )
    return world


async def took(world: World, data: bytes, trust: Trusted | None = CA.trust) -> Outcome:
    return await receive(world.door, access.for_job("messages"), data, now=datetime.now(UTC), trust=trust)


def codes(data: bytes) -> tuple[str, ...]:
    receipt = apprec.read(xml.parse(data))
    return (receipt.status, *(error.code for error in receipt.errors))


def of_organisation(number: str) -> Key:
    return CA.issue("Virksomhet", "content_commitment", organisation=f"NTRNO-{number}")


CASES = {
    "sound": (lambda data: signed(data, GP), ("1",)),
    "of the sender": (lambda data: signed(data, of_organisation(NUMBER)), ("1",)),
    "not signed": (lambda data: data, ("1",)),
    "changed": (lambda data: signed(data, GP).replace(b"oftere", b"sjelden"), ("2", "S01")),
    "signed twice": (lambda data: signed(signed(data, GP), GP), ("2", "S01")),
    "with SHA-1": (lambda data: signed(data, GP, algorithm="sha1"), ("2", "S01")),
    "not valid any more": (lambda data: signed(data, CA.signing("X", after=-9 * DAY, until=-DAY)), ("2", "S02")),
    "of another authority": (lambda data: signed(data, Authority("Fremmed CA").signing("X")), ("2", "S02")),
    "of another organisation": (lambda data: signed(data, of_organisation(OTHER)), ("2", "S02")),
    "taken back": (lambda data: signed(data, TAKEN_BACK), ("2", "S03")),
}


@pytest.mark.parametrize(("how", "answer"), CASES.values(), ids=CASES)
async def test_what_is_answered(addressed: World, how: object, answer: tuple[str, ...]) -> None:
    data = how(message(dialog(f"Hun faller oftere {uuid4()}")))  # type: ignore[operator]
    outcome = await took(addressed, data)
    assert [codes(receipt) for _, receipt in outcome.receipts] == [answer]
    assert outcome.state == ("received" if answer == ("1",) else "refused")


async def test_a_transport_hands_it_over_with_whom_is_trusted(addressed: World) -> None:
    outbox = Outbox(addressed.door, access.for_job("messages"), rendered, {}, trust=CA.trust)
    hand = taking(outbox)
    found = [await hand(Arrived(str(uuid4()), signed(message(dialog(f"{uuid4()}")), key))) for key in (GP, TAKEN_BACK)]
    assert [codes(one.receipts[0].data) for one in found] == [("1",), ("2", "S03")]
    assert (
        codes((await hand(Arrived("x", signed(message(dialog()), GP), "", ("S02", "")))).receipts[0].data)[1] == "S02"
    )


async def test_files_are_judged_and_what_nobody_can_judge_waits(addressed: World, tmp_path: Path) -> None:
    """One whose revocation list is out of date holds up no other, and is taken when there is a new one."""
    late = Authority("CA med gammel liste")
    lists = [late.list_(until=-DAY)]
    folder, out, lines = tmp_path / "in", tmp_path / "out", list[str]()
    folder.mkdir()
    for name, key in (("1", late.signing("Legen")), ("2", GP), ("3", TAKEN_BACK)):
        (folder / f"{name}.xml").write_bytes(signed(message(dialog(f"Melding {uuid4()}")), key))

    def trust() -> object:
        return trusted([CA.certificate, late.certificate], [CA.list_(), *lists])

    async def taken() -> list[list[str]]:
        lines.clear()
        permit = access.for_job("messages")
        await take(addressed.door, permit, [folder], out, lines.append, trust=trust)  # type: ignore[arg-type]
        return [line.split("\t")[2:4] for line in lines]

    assert await taken() == [["later", "-"], ["received", "1"], ["refused", "2 S03"]]
    assert "revocation list" in lines[0]
    lists[:] = [late.list_()]
    assert await taken() == [["received", "1"], ["duplicate", "-"], ["duplicate", "-"]]


async def test_nothing_is_kept_of_what_nobody_can_judge(addressed: World) -> None:
    late = Authority("CA uten liste")
    data = signed(message(dialog(f"{uuid4()}")), late.signing("Legen"))
    with pytest.raises(Unknowable):
        await took(addressed, data, lambda: trusted([late.certificate], []))
    assert (await took(addressed, data, late.trust)).state == "received"


async def test_where_nobody_is_trusted_only_changes_are_found(addressed: World) -> None:
    foreign = Authority("Fremmed CA").signing("Legen")
    data = signed(message(dialog(f"Hun faller oftere {uuid4()}")), foreign)
    changed = await took(addressed, data.replace(b"oftere", b"sjelden"), None)
    assert codes(changed.receipts[0][1]) == ("2", "S01")
    again = signed(message(dialog(f"{uuid4()}")), foreign)
    assert (await took(addressed, again, None)).state == "received"


async def test_sha_1_is_borne_with_where_the_operator_says_so(addressed: World) -> None:
    said = {"url": "urn:samjournal:sha-1", "valueBoolean": True}
    old = made("Organization", "old", name="Gammelt", identifier=[{"system": HER, "value": "900077"}])

    def theirs() -> bytes:
        data = message(dialog(f"Hun faller oftere {uuid4()}")).replace(b"900001", b"900077")
        return signed(data, GP, algorithm="sha1")

    await addressed.put(old)
    assert codes((await took(addressed, theirs())).receipts[0][1]) == ("2", "S01")
    await addressed.put({**old, "extension": [said]})
    assert (await took(addressed, theirs())).state == "received"
    changed = await took(addressed, theirs().replace(b"oftere", b"sjelden"))
    assert codes(changed.receipts[0][1]) == ("2", "S01")


async def test_a_receipt_whose_signature_does_not_hold_counts_for_nothing(addressed: World) -> None:
    (name, receipt), *_ = (await took(addressed, message(dialog(f"{uuid4()}")))).receipts
    assert name
    outcome = await took(addressed, signed(receipt, Authority("Fremmed CA").signing("X")))
    assert (outcome.state, outcome.told) == ("receipt", "its signature does not hold")


@pytest.mark.parametrize(("file", "state"), [(True, "refused"), (False, "received")])
async def test_the_command_asks_whom_its_file_trusts(
    addressed: World, tmp_path: Path, *, file: bool, state: str
) -> None:
    for folder in ("authorities", "lists"):
        (tmp_path / folder).mkdir()
    (tmp_path / "authorities" / "ca.pem").write_bytes(CA.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "lists" / "ca.crl").write_bytes(CA.list_().public_bytes(Encoding.DER))
    config = tmp_path / "connections.toml"
    config.write_text('[trust]\nauthorities = "authorities"\nrevocation-lists = "lists"\n')
    letter = tmp_path / "letter.xml"
    letter.write_bytes(signed(message(dialog(f"{uuid4()}")), TAKEN_BACK))
    lines = list[str]()
    given = config if file else None
    assert (
        await exchanging.receive(addressed.pool, [letter], tmp_path / "out", tell=lines.append, file=given) == exits.OK
    )
    assert lines[0].split("\t")[2] == state


async def test_a_file_that_is_wrong_is_told_before_anything_is_taken(addressed: World, tmp_path: Path) -> None:
    with pytest.raises(exits.Usage, match="cannot be read"):
        await exchanging.receive(addressed.pool, [], tmp_path / "out", tell=print, file=tmp_path / "nowhere.toml")
