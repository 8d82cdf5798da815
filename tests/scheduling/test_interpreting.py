"""Which interpreter can be asked for. samjournal.scheduling.interpreting"""

from __future__ import annotations

from typing import Any

from samjournal.scheduling import interpreting

REQUIRED = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def patient(*spoken: str, required: bool = True) -> dict[str, Any]:
    return {
        "extension": [{"url": REQUIRED, "valueBoolean": required}],
        "communication": [{"language": {"coding": [{"code": code}]}, "preferred": True} for code in spoken],
    }


def test_every_language_that_can_be_chosen_has_a_name_in_each_of_ours() -> None:
    for reader in ("nb", "nn", "en"):
        for code, name in interpreting.languages(reader):
            assert name != code, (reader, code)
            assert interpreting.is_language(code)
    assert [interpreting.called("prs", reader) for reader in ("nb", "nn", "en")] == ["dari", "dari", "Dari"]


def test_a_language_that_few_ask_for_is_there_when_the_record_asks_for_it() -> None:
    rohingya = interpreting.needed(patient("rhg"))
    assert rohingya == "rhg"
    assert rohingya in dict(interpreting.languages("nb", also=rohingya))
    assert interpreting.needed(patient("ckb-IQ")) == "ckb"


def test_nobody_gets_an_interpreter_whose_record_says_norwegian_or_none() -> None:
    assert interpreting.needed(patient("nb-NO")) == ""
    assert interpreting.needed(patient("so", required=False)) == ""
    assert interpreting.preferred(patient("so", required=False)) == "so"
