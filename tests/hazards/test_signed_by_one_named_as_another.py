"""Somebody with a sound certificate of his own writes that he is part of another organisation. He could answer for it
that it took over what it never got, and take back its referrals.

Every HER-id that a message says it is from is that of who signed it, or of the organisation that the register says he
lies in. A professional without a HER-id in a service with one is no other sender.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from exchange.letters import dialog, ident, message
from exchange.queues import KEYS, OURS, SIGNING, THEIRS, TRUST, Registered, party
from samjournal.exchange import apprec, cms, wire
from samjournal.exchange.arriving import SEALED, Judged, judged
from samjournal.exchange.envelope import Ident, Party
from samjournal.exchange.xml import Coded

pytestmark = pytest.mark.anyio
PARENT, VICTIM = "100", "555"


async def came(data: bytes, register: Registered | None = None) -> Judged:
    given = {"fromHerId": THEIRS, "toHerId": OURS, "applicationTimeStamp": "2026-11-29T09:00:00Z"}
    body = cms.protected(data, SIGNING[THEIRS], KEYS[OURS].certificate)
    sealed = wire.Message(
        str(uuid4()), f"{OURS}_async", "X", f"{THEIRS}_async", content_type=SEALED, properties=given, body=body
    )
    return await judged(sealed, [OURS], keys=[KEYS[OURS]], trust=TRUST, register=register or Registered(), kinds=None)


def letter(outer: str, inner: str) -> bytes:
    data = message(dialog(), to=("800001", OURS))
    return data.replace(b"900001", outer.encode()).replace(b"900002", inner.encode())


def receipt(*levels: tuple[str, ...]) -> bytes:
    """A receipt from parties within each other, each with its HER-ids."""
    made: Party | None = None
    for ids in reversed(levels):
        made = Party("Noen", tuple(Ident(one, "HER") for one in ids), within=made)
    assert made is not None
    return apprec.write(
        apprec.Receipt(
            id=str(uuid4()),
            made="2026-11-29T09:00:00",
            version="1.1",
            sender=made,
            receiver=Party("Vi", (Ident(OURS, "HER"),)),
            status="1",
            errors=(),
            original=str(uuid4()),
            original_kind=Coded("HENVISNING"),
            original_made="2026-11-29T08:00:00",
            role="PRIM",
        )
    )


FORGED = {
    "a message of another organisation": letter(VICTIM, THEIRS),
    "a message of another service": letter(PARENT, VICTIM),
    "a receipt of another organisation": receipt((VICTIM,), (THEIRS,)),
    "a receipt with another number beside his own": receipt((PARENT,), (THEIRS, VICTIM)),
    "a receipt of his organisation, and of another": receipt((PARENT, VICTIM), (THEIRS,)),
}


@pytest.mark.parametrize("how", FORGED)
async def test_nobody_writes_in_the_name_of_another(how: str) -> None:
    found = await came(FORGED[how])
    assert found.arrived is None
    assert found.problem is not None
    assert (found.problem.condition, found.problem.about[1]) == ("abuse:spoofing-attack", f"application:{VICTIM}")


def within_a_service(professional: str) -> bytes:
    """A person within the service that sends, as a doctor of a department is named."""
    data = letter(PARENT, "900002").decode()
    start, end = data.index("<HealthcareProfessional>"), data.index("</Organisation></Sender>")
    him = f"<HealthcareProfessional><FamilyName>Lin</FamilyName>{professional}</HealthcareProfessional>"
    service = f"<Organisation><OrganisationName>Avdelingen</OrganisationName>{ident('HER', THEIRS)}{him}</Organisation>"
    return (data[:start] + service + data[end:]).encode()


SOUND = {
    "a message": letter(PARENT, THEIRS),
    "a receipt": receipt((PARENT,), (THEIRS,)),
    "a professional in the service": within_a_service(ident("HPR", "9144900")),
}


@pytest.mark.parametrize("how", SOUND)
async def test_who_writes_in_his_own_name_is_heard(how: str) -> None:
    found = await came(SOUND[how])
    assert (found.problem, found.arrived and found.arrived.sender) == (None, THEIRS)


async def test_who_came_under_another_organisation_today_is_asked_for_anew() -> None:
    class Moved(Registered):
        async def __call__(self, her: str, *, fresh: bool = False) -> object:  # type: ignore[override]
            return party(her, parent=PARENT if fresh else "99")

    found = await came(letter(PARENT, THEIRS), Moved())
    assert found.arrived is not None
