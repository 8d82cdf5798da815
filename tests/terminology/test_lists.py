"""Lists of codes are read in the forms that operators get them in; what is wrong is told by its place."""

from __future__ import annotations

from datetime import date

import pytest

from samjournal.terminology.lists import CodeList, Fault, decoded, read
from samjournal.terminology.systems import ATC, ICD_10, ICPC_2, NLK, VOLVEN

TODAY = date(2026, 11, 22)


def one(name: str, text: str, **asked: str) -> tuple[CodeList, list[Fault]]:
    lists, faults = read(name, text, system=asked.get("system"), version=asked.get("version"), today=TODAY)
    assert len(lists) == 1, faults
    return lists[0], faults


def test_a_plain_table_has_a_system_a_version_and_codes() -> None:
    made, faults = one(
        "mine.csv",
        "# system: http://example.no/kodeverk\n# version: 3.1\n# title: Mine koder\n"
        "code;display;parent;nn;en;synonyms\nA;Alle;;Alle;All;hele | samtlige\nA1;Noen;A;Nokre;Some;\n",
    )
    assert (made.system, made.version, made.title, faults) == ("http://example.no/kodeverk", "3.1", "Mine koder", [])
    assert made.items["A"].synonyms == ("hele", "samtlige")
    assert (made.items["A1"].parent, made.items["A1"].nn, made.items["A1"].en) == ("A", "Nokre", "Some")


@pytest.mark.parametrize("between", [";", ",", "\t"])
def test_the_sign_between_columns_is_found(between: str) -> None:
    made, _ = one("atc.csv", f"kode{between}tekst\nN02BE01{between}Paracetamol\n")
    assert made.system == ATC
    assert made.items["N02BE01"].display == "Paracetamol"


def test_the_table_of_icpc_2_has_its_headings_in_a_comment_and_codes_more_than_once() -> None:
    made, faults = one(
        "ICPC-2n-RASTXT_CSV.txt",
        "--This file is generated 2008-09-25 12:02\n--Columns: ICPC2_Code,Title,Shorttitle,Icd10_DATCODE\n-----\n"
        '"A04","Slapphet/tretthet","Slapphet","R53"\n"A04","Slapphet/tretthet","Slapphet","G933"\n',
    )
    assert (made.system, made.version, faults) == (ICPC_2, "2008-09-25", [])
    assert made.items["A04"].synonyms == ("Slapphet",)


def test_the_laboratory_codes_tell_unit_and_what_is_withdrawn() -> None:
    made, _ = one(
        "norsk_laboratoriekodeverk_7280.77.csv",
        "kode,gyldig_til,erstattes_av,norsk_bruksnavn,kodedefinisjon,enhet\n"
        'NOR1,2020-02-29 23:59:00,NPU1,P-ACE,,\nNPU1,,,P-ACE,"P<sub>x</sub>, ACE",U/L\n',
    )
    assert (made.system, made.version) == (NLK, "7280.77")
    assert [(item.active, item.replaced, item.unit) for item in made.items.values()] == [
        (False, "NPU1", ""),
        (True, "", "U/L"),
    ]
    assert made.items["NPU1"].synonyms == ("Px, ACE",)


def test_json_lists_come_as_entries_as_codes_and_as_the_volven_collection() -> None:
    entries, _ = one("ICD10.json", '[{"code": "I509", "text": "Uspesifisert hjertesvikt"}]')
    assert (entries.system, list(entries.items)) == (ICD_10, ["I50.9"])
    codes, _ = one("kommunenummer-3402.json", '{"5001": "Trondheim - Tråante"}')
    assert (codes.system, codes.items["5001"].display) == (f"{VOLVEN}3402", "Trondheim - Tråante")
    lists, faults = read(
        "kodeverk.json",
        '{"8116": {"oid": "2.16.578.1.12.4.1.1.8116", "codes": {"FNR": "Fødselsnummer"}},'
        ' "7110": {"oid": "2.16.578.1.12.4.1.1.7110", "codes": {"A00": "Kolera", "A01": ""}}}',
        system=None,
        version=None,
        today=TODAY,
    )
    assert [made.system for made in lists] == [f"{VOLVEN}8116", ICD_10]
    assert faults == [Fault("7110, code A01", "it has no text")]


def test_each_bad_line_is_told_with_every_reason_and_the_rest_is_taken() -> None:
    made, faults = one(
        "x.csv",
        "code;display\nA;Alfa\n;Uten kode\nB C  D;\nC;HjertesvÃ¥kt\nA;Annet\nD;Delta\n",
        system="http://example.no/x",
    )
    assert list(made.items) == ["A", "D"]
    assert [fault.where for fault in faults] == ["line 3", "line 4", "line 5", "line 6"]
    assert faults[1].text == "the code 'B C  D' has a space where none may be; it has no text"
    assert "decoded wrongly" in faults[2].text
    assert faults[3].text == "the code A stands in line 2 with another text, which is kept"


def test_lines_of_json_are_told_and_where_it_breaks_off() -> None:
    made, faults = one("icpc2.json", '[\n {"code": "A01", "text": "Smerte"},\n {"code": "A02"},\n {"code": "A0')
    assert list(made.items) == ["A01"]
    assert [fault.where for fault in faults] == ["line 3", "line 4"]


def test_a_list_that_does_not_say_what_it_is_of_is_refused_in_words() -> None:
    lists, faults = read("list-2024.csv", "code;display\nA;B\n", system=None, version=None, today=TODAY)
    assert (lists, faults[0].text) == ([], "it does not say which code system it is of: name it with --system")
    _, faults = one("x.csv", "nummer;hva\n1;2\n", system="9060")
    assert faults[0].text.startswith("no column is headed code and display")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found(encoding: str) -> None:
    assert decoded("kode;tekst\nH;Hjertesvikt på øya".encode(encoding))[0].endswith("på øya")


def test_a_code_that_is_withdrawn_and_valid_is_valid() -> None:
    text = "kode;tekst;gyldig_til\nA;Ny;\nA;Gammel;2020-01-01\nB;Gammel;2020-01-01\nB;Ny;2030-01-01\n"
    made, faults = one("x.csv", text, system="http://example.no/x")
    assert [(item.display, item.active) for item in made.items.values()] == [("Ny", True), ("Ny", True)]
    assert faults == []


def test_a_line_with_two_faults_tells_both_and_a_letter_that_cannot_be_shown_is_a_fault() -> None:
    _, faults = one("x.csv", "code;display;nn\nA;Al\x07fa;Be\x08ta\n", system="http://example.no/x")
    assert faults[0].text.count("has a character that cannot be shown") == 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" + "1" * 10_000 + "]",
        '[{"code": "\\ud800", "text": "x"}]',
        "[1, null, []]",
        'code;display\nA;"' + "x" * 200_000,
        "code;display\n\x00;\x00",
        '{"7110": {"codes": {"A": null}}}',
        "{}",
    ],
    ids=lambda text: text[:6],
)
def test_rubbish_is_told_and_never_stops_the_rest(text: str) -> None:
    lists, faults = read("x", text, system="http://example.no/x", version=None, today=TODAY)
    assert faults
    assert not any(made.items for made in lists)
