# ruff: noqa: E501 - a table row stays on one line
"""The three hospital trusts of Mid-Norway with their hospitals, clinics, wards and beds; counts are about right.

Trusts and hospitals bear their names; wards are named as wards are, and no real one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from samjournal.demo.municipalities import FEW, municipalities
from samjournal.demo.personas import UNIT_NAMES
from samjournal.demo.unit import Unit

WHOLE = 600_000
"""From so many inhabitants on the hospitals have all their beds."""

_TRUSTS = (
    ("st-olavs-hospital", "St. Olavs hospital HF", "5001"),
    ("helse-nord-trondelag", "Helse Nord-Trøndelag HF", "5037"),
    ("helse-more-romsdal", "Helse Møre og Romsdal HF", "1508"),
)

# Id, name, trust, municipality, whether each patient has a room alone.
_HOSPITALS = (
    ("fjordheim-sykehus", "Sykehuset Levanger", "helse-nord-trondelag", "5037", False),
    ("namsos", "Sykehuset Namsos", "helse-nord-trondelag", "5007", False),
    ("st-olavs", "St. Olavs hospital, Øya", "st-olavs-hospital", "5001", True),
    ("orkdal", "Orkdal sjukehus", "st-olavs-hospital", "5059", False),
    ("alesund", "Ålesund sjukehus", "helse-more-romsdal", "1508", False),
    ("volda", "Volda sjukehus", "helse-more-romsdal", "1577", False),
    ("hjelset", "Sjukehuset Nordmøre og Romsdal, Hjelset", "helse-more-romsdal", "1506", True),
    ("kristiansund", "Sjukehuset Nordmøre og Romsdal, Kristiansund", "helse-more-romsdal", "1505", False),
)

# What each clinic has: hospital, clinic, then units. A number after a ward is its beds, one after another unit how
# many work there; a star says that the smallest region has it too.
_CLINICS = """
st-olavs|Klinikk for hjertemedisin|Hjertemedisin 1 24*;Hjertemedisin 2 22;Hjerteovervåking 10;Hjertepoliklinikk p70
st-olavs|Medisinsk klinikk|Infeksjon 24;Gastromedisin 22;Nyre 18;Geriatri 24;Endokrinologi 10;Medisinsk poliklinikk p120;Dialyse p50
st-olavs|Klinikk for lungemedisin|Lunge 1 26;Lunge 2 16;Lungepoliklinikk p40
st-olavs|Kreftklinikken|Onkologi 26;Hematologi 20;Palliasjon 12;Stråleterapi p70;Kreftpoliklinikk p90
st-olavs|Kirurgisk klinikk|Gastrokirurgi 28*;Urologi 20;Karkirurgi 14;Bryst og endokrin 10;Hjerte- og lungekirurgi 20;Kirurgisk poliklinikk p90
st-olavs|Ortopedisk klinikk|Ortopedisk traume 28;Planlagt ortopedi 22;Revmatologi 12;Hud 6;Ortopedisk poliklinikk p70
st-olavs|Nevroklinikken|Nevrologi 26;Slagenhet 18;Nevrokirurgi 22;Nevropoliklinikk p60
st-olavs|Kvinneklinikken|Føden 18;Barsel 24*;Gynekologi 16;Kvinnepoliklinikk p80
st-olavs|Barne- og ungdomsklinikken|Barn 1 18*;Barn 2 14;Nyfødt intensiv 20;Barnepoliklinikk p70
st-olavs|Klinikk for øre-nese-hals og øye|Øre-nese-hals 12;Øyepoliklinikk p60
st-olavs|Klinikk for fysikalsk medisin og rehabilitering|Rehabilitering Lian 30;Ryggpoliklinikk p50
st-olavs|Klinikk for akuttmedisin og intensiv|Akuttmottak p180*;Intensiv 18;Postoperativ p90;Operasjon p420;Observasjonspost 12
st-olavs|Klinikk for psykisk helsevern|Akuttpost Østmarka 24;Sikkerhetspost Østmarka 16;Alderspsykiatri 14;Nidelv DPS 24;Tiller DPS 24;Nidaros DPS 16;Voksenpsykiatrisk poliklinikk p260;BUP Trondheim p190;BUP akutt 8
st-olavs|Klinikk for rus- og avhengighetsmedisin|Avrusning 16;Ruspoliklinikk p80
st-olavs|Klinikk for laboratoriemedisin|Medisinsk biokjemi p190*;Mikrobiologi p110;Patologi p90;Blodbank p60
st-olavs|Klinikk for bildediagnostikk|Radiologi p230*;Nukleærmedisin p40
orkdal|Klinikk for medisin og kirurgi|Medisin Orkdal 26*;Kirurgi og ortopedi Orkdal 16;Dagkirurgi Orkdal p60;Poliklinikk Orkdal p60;Akuttmottak Orkdal p50;Intensiv Orkdal 5;Laboratorium Orkdal p30;DPS Orkdal p50
fjordheim-sykehus|Kirurgisk klinikk|Kirurgi 2 22;Urologi 10;Operasjon p130;Intensiv 8;Akuttmottak p70*;Dagkirurgi p40
fjordheim-sykehus|Medisinsk klinikk|Slag og geriatri 18;Infeksjon 12;Medisinsk poliklinikk p50;Dialyse p25*
fjordheim-sykehus|Kvinne- og barneklinikken|Barn og ungdom 10*;Gynekologi 8;Nyfødt 6
fjordheim-sykehus|Klinikk for psykisk helsevern og rus|Akuttpsykiatri 14;DPS Stjørdal p60;Rusklinikk 12;BUP Levanger p50;Voksenpoliklinikk p60
namsos|Medisinsk klinikk|Medisin Namsos 24*;Slag og rehabilitering 12;Poliklinikk Namsos p50;Dialyse Namsos p18
namsos|Kirurgisk klinikk|Kirurgi og ortopedi Namsos 18*;Føde og barsel Namsos 6;Operasjon Namsos p60;Intensiv Namsos 5;Akuttmottak Namsos p40
namsos|Klinikk for psykisk helsevern og rus|DPS Kolvereid 10;Psykiatri Namsos 12;BUP Namsos p35
namsos|Klinikk for medisinsk service|Laboratorium Namsos p45*;Røntgen Namsos p30
alesund|Medisinsk klinikk|Medisin A 24*;Hjerte 20;Lunge 18;Nyre og endokrin 12;Gastro 16;Nevrologi og slag 24;Medisinsk poliklinikk p120;Dialyse p35
alesund|Kreftklinikken|Onkologi 18;Kreftpoliklinikk p50;Stråleterapi p40
alesund|Kirurgisk klinikk|Kirurgi A 24*;Ortopedi 26;Urologi 12;Øre-nese-hals 8;Auge p30;Kirurgisk poliklinikk p80;Operasjon p190
alesund|Klinikk for kvinner, barn og ungdom|Føde og barsel Ålesund 18*;Gynekologi 10;Barn Ålesund 16*;Nyfødt intensiv 14;Barnepoliklinikk p40
alesund|Klinikk for akuttmedisin|Akuttmottak p90*;Intensiv 12;Observasjonspost 10
alesund|Klinikk for psykisk helsevern og rus|Akuttpsykiatri 18;Psykose og rehabilitering 20;DPS Ålesund p120;BUP Ålesund p90;Rus 12
alesund|Klinikk for medisinsk service|Medisinsk biokjemi p90*;Mikrobiologi p50;Patologi p40;Radiologi p100
volda|Klinikk for medisin og kirurgi|Medisin Volda 24*;Kirurgi Volda 18*;Føde og barsel Volda 8;Intensiv Volda 5;Akuttmottak Volda p40;Operasjon Volda p60;Poliklinikk Volda p50
volda|Klinikk for psykisk helsevern og medisinsk service|DPS Volda 12;BUP Volda p35;Laboratorium Volda p35;Røntgen Volda p25
hjelset|Medisinsk klinikk|Medisin 1 24*;Medisin 2 22;Slag og geriatri 16;Revmatologi p20;Medisinsk poliklinikk p80;Dialyse p25
hjelset|Kirurgisk klinikk|Kirurgi og ortopedi 28*;Føde og barsel Hjelset 10;Barn Hjelset 8;Intensiv 8;Operasjon p120;Akuttmottak p70
hjelset|Klinikk for psykisk helsevern|Akuttpsykiatri 16;Alderspsykiatri 12;DPS Molde p70;BUP Molde p50
hjelset|Klinikk for medisinsk service|Laboratorium p60*;Radiologi p50
kristiansund|Klinikk for dagbehandling|Medisinsk dagpost p12*;Dagkirurgi p70;Poliklinikk Kristiansund p90;Dialyse p20;Røntgen p30;Laboratorium p30;DPS Kristiansund p50;BUP Kristiansund p40
"""

# The hospital of the personas: its units are in every region as they are, and their ids stand in many tests.
_PERSONAS = (
    Unit("medisinsk-klinikk", "Medisinsk klinikk", "dept", "Klinikk", "fjordheim-sykehus"),
    Unit("medisin-2", "Medisin 2, Sykehuset Levanger", "dept", "Sengepost", "medisinsk-klinikk"),
    Unit("medisin-3", UNIT_NAMES["medisin-3"], "dept", "Sengepost", "medisinsk-klinikk", phone="+4774000130"),
    Unit("hjertepoliklinikken", "Hjertepoliklinikken, Sykehuset Levanger", "dept", "Poliklinikk", "medisinsk-klinikk"),
    Unit("lungepoliklinikken", "Lungepoliklinikken, Sykehuset Levanger", "dept", "Poliklinikk", "medisinsk-klinikk"),
    Unit("kirurgisk-klinikk", "Kirurgisk klinikk", "dept", "Klinikk", "fjordheim-sykehus"),
    Unit("ortopedi-1", "Ortopedi 1, Sykehuset Levanger", "dept", "Sengepost", "kirurgisk-klinikk"),
    Unit("kvinne-barn", "Kvinne- og barneklinikken", "dept", "Klinikk", "fjordheim-sykehus"),
    Unit("barsel", "Føde og barsel, Sykehuset Levanger", "dept", "Sengepost", "kvinne-barn"),
    Unit("barnepoliklinikken", "Barnepoliklinikken, Sykehuset Levanger", "dept", "Poliklinikk", "kvinne-barn"),
    Unit("ergo-fysio", "Fysio- og ergoterapi, Sykehuset Levanger", "dept", "Fagavdeling", "fjordheim-sykehus"),
    Unit("laboratoriet", "Laboratoriet, Sykehuset Levanger", "dept", "Laboratorium", "fjordheim-sykehus"),
    Unit("mikrobiologi", "Medisinsk mikrobiologi, Sykehuset Levanger", "dept", "Laboratorium", "fjordheim-sykehus"),
    Unit("bildediagnostikk", "Bildediagnostikk, Sykehuset Levanger", "dept", "Fagavdeling", "fjordheim-sykehus"),
)

BEDS = {
    "medisin-3": tuple(f"{room} {place}" for room in range(308, 317) for place in ("dør", "vindu")),
    "medisin-2": tuple(f"{room} {place}" for room in range(208, 214) for place in ("dør", "vindu")),
    "ortopedi-1": tuple(f"{room} {place}" for room in range(410, 415) for place in ("dør", "vindu")),
    "barsel": tuple(f"{room}" for room in range(501, 507)),
}
"""The beds of the wards that every region has as they are."""

# Clinics that the personas' hospital has already, and that get more wards in larger regions.
_THERE = {
    "Kirurgisk klinikk": "kirurgisk-klinikk",
    "Medisinsk klinikk": "medisinsk-klinikk",
    "Kvinne- og barneklinikken": "kvinne-barn",
}


def hospital_units(region: int) -> Iterator[Unit]:
    """Trusts, hospitals, clinics, wards and stations; a unit comes after the one it is part of."""
    for id_, name, municipality in _TRUSTS:
        yield Unit(id_, name, "prov", "Helseforetak", None, municipality)
    for id_, name, trust, municipality, _ in _HOSPITALS:
        nynorsk = trust == "helse-more-romsdal"
        phone = "+4774000100" if id_ == "fjordheim-sykehus" else ""
        yield Unit(id_, name, "prov", "Sjukehus" if nynorsk else "Sykehus", trust, municipality, phone, nynorsk=nynorsk)
        if id_ == "fjordheim-sykehus":
            yield from (_persona_unit(unit, region) for unit in _PERSONAS)
    for line in _CLINICS.strip().splitlines():
        yield from _clinic(line, region)
    yield from _ambulances(region)


def _persona_unit(unit: Unit, region: int) -> Unit:
    beds = BEDS.get(unit.id, ())
    posts = _people(_CREW_OF.get(unit.id, unit.what), round(45 * size(region))) if region > FEW * 25 else ()
    if beds and region > FEW * 25:
        posts = _ward_posts(unit.name, len(beds), region)
    return Unit(unit.id, unit.name, unit.kind, unit.what, unit.part_of, "5037", unit.phone, posts, beds)


def size(region: int) -> float:
    """How much of the whole hospitals there is."""
    return min(1.0, region / WHOLE)


def _clinic(line: str, region: int) -> Iterator[Unit]:
    hospital, name, rows = line.split("|")
    _, title, trust, municipality, single = next(row for row in _HOSPITALS if row[0] == hospital)
    stem = {"fjordheim-sykehus": "levanger"}.get(hospital, hospital)
    nynorsk = trust == "helse-more-romsdal"
    there = _THERE.get(name) if stem == "levanger" else None
    clinic = there or f"{stem}-{slug(name)}"
    wards = [found for row in rows.split(";") if (found := _ward(row, region))]
    if not wards:
        return
    if there is None:
        yield Unit(clinic, f"{name}, {title}", "dept", "Klinikk", hospital, municipality, nynorsk=nynorsk)
    for number, (ward, beds, people) in enumerate(wards):
        here = ward if any(word in title for word in ward.split()[1:] if word.istitle()) else f"{ward}, {title}"
        what = "Sengepost" if beds else kind_of(ward)
        posts = _ward_posts(ward, beds, region) if beds else _people(what, people)
        places = tuple(_places(beds, number + 1, single=single, nynorsk=nynorsk))
        yield Unit(f"{stem}-{slug(ward)}", here, "dept", what, clinic, municipality, "", posts, places, nynorsk)


def _ward(row: str, region: int) -> tuple[str, int, int] | None:
    """A ward's name, beds and people in a region of this size; None where it has none."""
    name, _, count = row.rpartition(" ")
    always, count = count.endswith("*"), count.rstrip("*")
    whole = int(count.lstrip("p"))
    here = whole * size(region)
    if count.startswith("p"):
        return (name, 0, max(3, round(here))) if always or here >= 4 else None
    return (name, min(whole, max(4, ceil(here))), 0) if always or here >= 3 else None


def kind_of(name: str) -> str:
    """What a unit without beds is, by its name."""
    for words, what in _KINDS:
        if any(word in name.lower() for word in words.split()):
            return what
    return "Fagavdeling"


_KINDS = (
    ("laborator biokjemi mikrobiologi patologi blodbank", "Laboratorium"),
    ("radiologi røntgen nukleær", "Bildediagnostikk"),
    ("dps bup voksenpoliklinikk voksenpsyk", "Distriktspsykiatri"),
    ("akuttmottak", "Akuttmottak"),
    ("poliklinikk dialyse dagpost revmatologi auge", "Poliklinikk"),
)
_MIND = ("psyk", "dps", "rus", "bup", "avrusning", "sikkerhet", "østmarka")

# Shares of those who work in a unit without beds, by its kind.
_CREWS: dict[str, tuple[tuple[str, float], ...]] = {
    "Laboratorium": (("lab", 0.8), ("secretary", 0.1), ("consultant", 0.1)),
    "Bildediagnostikk": (("radiographer", 0.6), ("consultant", 0.2), ("resident", 0.1), ("secretary", 0.1)),
    "Distriktspsykiatri": (
        ("psychologist", 0.3),
        ("mental-nurse", 0.25),
        ("social-educator", 0.2),
        ("consultant", 0.15),
        ("secretary", 0.1),
    ),
    "Akuttmottak": (("nurse", 0.7), ("resident", 0.15), ("consultant", 0.05), ("secretary", 0.1)),
    "Poliklinikk": (("nurse", 0.45), ("consultant", 0.2), ("secretary", 0.2), ("resident", 0.15)),
    "Fagavdeling": (
        ("nurse", 0.6),
        ("consultant", 0.15),
        ("resident", 0.15),
        ("physiotherapist", 0.05),
        ("secretary", 0.05),
    ),
}

_CREW_OF = {"ergo-fysio": "Fysioterapi", "bildediagnostikk": "Bildediagnostikk"}


def _people(what: str, count: int) -> tuple[tuple[str, int], ...]:
    crew = _CREWS.get(what, ())
    return tuple((post, round(count * share)) for post, share in crew if round(count * share))


def _ward_posts(name: str, beds: int, region: int) -> tuple[tuple[str, int], ...]:
    """Three shifts of nurses and a few doctors; in a small region what keeps a ward open."""
    if region <= FEW * 25:
        return (("consultant", 1), ("nurse", 2))
    mind = any(word in name.lower() for word in _MIND)
    nurse = (
        "midwife" if any(word in name.lower() for word in ("føde", "barsel")) else "mental-nurse" if mind else "nurse"
    )
    found = [("consultant", 0.22), ("resident", 0.2), (nurse, 1.55), ("helper", 0.4), ("secretary", 0.06)]
    found += [("psychologist", 0.1), ("social-educator", 0.4)] if mind else [("physiotherapist", 0.04)]
    return tuple((post, max(1, round(beds * share))) for post, share in found)


def _places(beds: int, floor: int, *, single: bool, nynorsk: bool) -> Iterator[str]:
    for bed in range(beds):
        if single:
            yield str(100 * floor + bed + 1)
        else:
            yield f"{100 * floor + bed // 2 + 1} {('dør', 'vindauge' if nynorsk else 'vindu')[bed % 2]}"


def _ambulances(region: int) -> Iterator[Unit]:
    """A station in every municipality; a small region has those beside the hospitals."""
    trusts = {row[0]: row[2] for row in _HOSPITALS}
    towns = {row[3] for row in _HOSPITALS}
    for trust, name, municipality in _TRUSTS:
        yield Unit(f"{trust}-prehospital", f"Prehospital klinikk, {name}", "dept", "Klinikk", trust, municipality)
    for here in municipalities().values():
        if here.number in towns or region > FEW * 25:
            clinic = f"{trusts[here.hospital]}-prehospital"
            posts = (("paramedic", max(2, round(14 * size(region)))),)
            station = f"{here.name} ambulansestasjon"
            yield Unit(
                f"{here.stem}-ambulanse",
                station,
                "dept",
                "Ambulansestasjon",
                clinic,
                here.number,
                "",
                posts,
                nynorsk=here.nynorsk,
            )


_PLAIN = str.maketrans({"æ": "ae", "ø": "o", "å": "a", " ": "-", ",": "", ".": ""})


def slug(name: str) -> str:
    """A name as a part of an id."""
    return re.sub("-+", "-", name.lower().translate(_PLAIN))[:24].rstrip("-")
