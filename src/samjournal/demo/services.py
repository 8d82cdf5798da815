# ruff: noqa: E501 - a table row stays on one line
"""What a municipality has: care at home and in nursing homes, GPs, child health, out-of-hours clinics and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from random import Random

from samjournal.demo.chance import chance
from samjournal.demo.municipalities import Municipality, expected, municipalities
from samjournal.demo.names import words
from samjournal.demo.personas import UNIT_NAMES
from samjournal.demo.unit import Unit

GP_LIST = 880
"""How many inhabitants a GP has, about; lists differ, and the longest stay below 1,100."""

# Units that the personas and their colleagues work in, by municipality: home care, then GP offices.
_HOME_CARE = {"5006": ("egge-hjemmesykepleie", UNIT_NAMES["egge-hjemmesykepleie"])}
_OFFICES = {
    "5006": (("furutoppen-legesenter", UNIT_NAMES["furutoppen-legesenter"]), ("elvekanten-legekontor", "Elvekanten legekontor")),
    "5038": (("kornmoen-legesenter", "Kornmoen legesenter"),),
    "5053": (("sundbrua-legekontor", "Sundbrua legekontor"),),
    "5041": (("vannsiden-legekontor", "Vannsiden legekontor"),),
    "1520": (("fjordglott-legekontor", "Fjordgløtt legekontor"),),
    "1566": (("laksehylla-legekontor", "Laksehylla legekontor"),),
}  # fmt: skip

# Id, name, the municipality that runs it for its neighbours.
_OUT_OF_HOURS = (
    ("legevakt", UNIT_NAMES["legevakt"], "5006"),
    ("trondheim-legevakt", "Trondheim legevakt", "5001"),
    ("varnes-legevakt", "Værnes legevakt", "5035"),
    ("namdal-legevakt", "Namdal legevakt", "5007"),
    ("ytre-namdal-legevakt", "Ytre Namdal legevakt", "5060"),
    ("fosen-legevakt", "Fosen legevakt", "5057"),
    ("orkdal-legevakt", "Orkdal legevakt", "5059"),
    ("oppdal-legevakt", "Oppdal og Rennebu legevakt", "5021"),
    ("roros-legevakt", "Røros legevakt", "5025"),
    ("hitra-froya-legevakt", "Hitra og Frøya legevakt", "5056"),
    ("kristiansund-legevakt", "Kristiansund legevakt", "1505"),
    ("nordmore-legevakt", "Indre Nordmøre legevakt", "1566"),
    ("molde-legevakt", "Molde legevakt", "1506"),
    ("alesund-legevakt", "Ålesund legevakt", "1508"),
    ("storfjord-legevakt", "Storfjord legevakt", "1525"),
    ("volda-legevakt", "Ørsta og Volda legevakt", "1577"),
    ("ytre-soere-legevakt", "Ytre Søre Sunnmøre legevakt", "1516"),
)  # fmt: skip

_NAMES = words(
    "Granlia Elvebakken Solsia Fjordgløtt Torghjørnet Brattlia Nordlys Åkeren Bjørkhagen Havblikk Tangen Kvernhaugen Lysgården "
    "Myrsnipa Hasselhaugen Skogbrynet Strandgata Steinhaugen Rosenlund Kleivhaugen Fossegrimen Vårsol Tunet Blåfjell Neset Enga "
    "Sørlia Ospelunden Tverrelva Haugtun Lerkelunden Fururabben Smia Kaikanten Bergtrappa Hylla Stasjonsgården Grendahuset "
    "Bekkefaret Ravnbergan Langvatnet Gammelvika Østersia Midtbygda Solgløtt Tåresoleia Kystvegen Hovbakken Fiolen Rypa Storfossen "
    "Måsøra Bygdeporten Kolåsen Sletta Rognlia Einervegen Multemyra Kråkbakken Trollgarden"
)
_HOUSES = words(
    "Solbakken Fjellgløtt Sjøtun Granheim Elvetun Lyngbo Havtun Bjørkelia Furuheim Åstun Nordtun Vikatun Engtun Steintun Breidablikk "
    "Solhaug Moatun Kirketun Fjordtun Heggtun Rosetun Skogtun Sundtun Haugheim Bakketun Lundtun Strandheim Liatun Nestun Ødegårdstun"
)
_ZONES = ("øst", "vest", "nord", "sør", "sentrum", "øvre", "nedre", "ytre", "indre")
_SPECIALISTS = ("Øyelege", "Hudlege", "Øre-nese-halslege", "Gynekolog", "Psykiater", "Psykologspesialist", "Hjertespesialist",
                "Revmatolog", "Nevrolog", "Barnelege", "Ortoped", "Lungespesialist")  # fmt: skip


def municipal_units(of: Municipality, region: int) -> Iterator[Unit]:
    """The municipality and all that it runs, and the GPs who have an agreement with it."""
    people = expected(of.number, region)
    yield Unit(of.body, f"{of.name} kommune", "govt", "Kommune", None, of.number, nynorsk=of.nynorsk)
    yield from _home_care(of, people)
    yield from _small_services(of, people)
    yield from _nursing_homes(of, people)
    yield from _shared_homes(of, people)
    yield from _offices(of, people)
    yield from _specialists(of, people)


def shared_units(region: int) -> Iterator[Unit]:
    """What several municipalities have together."""
    for id_, name, host in _OUT_OF_HOURS:
        people = sum(expected(m.number, region) for m in municipalities().values() if m.out_of_hours == id_)
        posts = (("duty-doctor", _posts(people, 0.3, 2)), ("nurse", _posts(people, 0.35, 2)))
        nynorsk = municipalities()[host].nynorsk
        phone = "+4774116117" if id_ == "legevakt" else ""
        yield Unit(
            id_, name, "team", "Legevakt", f"{municipalities()[host].stem}-kommune", host, phone, posts, nynorsk=nynorsk
        )


def _posts(people: float, per_thousand: float, at_least: int) -> int:
    return max(at_least, round(people * per_thousand / 1000))


def _part(of: Municipality, id_: str, name: str, what: tuple[str, str], posts: tuple[tuple[str, int], ...]) -> Unit:
    return Unit(id_, name, "team", what[of.nynorsk], of.body, of.number, "", posts, nynorsk=of.nynorsk)


def _home_care(of: Municipality, people: float) -> Iterator[Unit]:
    word = "heimesjukepleie" if of.nynorsk else "hjemmesykepleie"
    first = _HOME_CARE.get(of.number, (f"{of.stem}-{word}", f"{of.name} {word}"))
    zones = max(1, round(people / 7000))
    posts = (("home-nurse", _posts(people / zones, 6.0, 2)), ("home-helper", _posts(people / zones, 6.0, 0)))
    for zone in range(zones):
        id_, name = first if zone == 0 else (f"{of.stem}-{word}-{zone + 1}", f"{of.name} {word}, {_zone(zone)}")
        yield _part(of, id_, name, ("Hjemmesykepleie", "Heimesjukepleie"), posts)


def _zone(number: int) -> str:
    return f"sone {_ZONES[number - 1]}" if number <= len(_ZONES) else f"sone {number}"


def _small_services(of: Municipality, people: float) -> Iterator[Unit]:
    """What even a small municipality has one of."""
    stem, name = of.stem, of.name
    child = (("health-nurse", _posts(people, 0.75, 1)), ("midwife", _posts(people, 0.12, 0)))
    yield _part(of, f"{stem}-helsestasjon", f"{name} helsestasjon", ("Helsestasjon",) * 2, child)
    school = f"Skulehelsetenesta i {name} kommune" if of.nynorsk else f"Skolehelsetjenesten i {name} kommune"
    yield _part(
        of,
        f"{stem}-skolehelse",
        school,
        ("Skolehelsetjeneste", "Skulehelseteneste"),
        (("health-nurse", _posts(people, 0.7, 1)),),
    )
    mind = (
        ("mental-nurse", _posts(people, 1.5, 1)),
        ("social-educator", _posts(people, 0.8, 0)),
        ("psychologist", _posts(people, 0.1, 0)),
    )
    yield _part(
        of, f"{stem}-psykisk-helse", f"Psykisk helse og rus i {name} kommune", ("Psykisk helse og rus",) * 2, mind
    )
    move = (("physiotherapist", _posts(people, 0.9, 1)), ("occupational-therapist", _posts(people, 0.5, 0)))
    yield _part(of, f"{stem}-rehab", f"Fysio- og ergoterapi i {name} kommune", ("Rehabilitering",) * 2, move)
    office = "Tildelingskontoret i Steinkjer" if of.number == "5006" else f"Tildelingskontoret i {name} kommune"
    yield _part(of, f"{stem}-tildeling", office, ("Tildeling",) * 2, (("case-worker", _posts(people, 0.45, 1)),))


def _nursing_homes(of: Municipality, people: float) -> Iterator[Unit]:
    """Homes of some forty places in wards of some twenty; everybody has a room."""
    places = max(4, ceil(people * 0.0078))
    homes = max(1, round(places / 42))
    word, ward_word = ("sjukeheim", "Sjukeheimsavdeling") if of.nynorsk else ("sykehjem", "Sykehjemsavdeling")
    names = _drawn(of, _HOUSES, "homes")
    for number in range(homes):
        id_ = f"{of.stem}-{word}" + (f"-{number + 1}" if number else "")
        name = f"{names[number % len(names)]} {word}"
        doctor = (("nursing-home-doctor", max(1, round(places / homes / 45))),)
        yield _part(of, id_, name, ("Sykehjem", "Sjukeheim"), doctor)
        here = places // homes + (number < places % homes)
        wards = max(1, round(here / 21))
        for ward in range(wards):
            rooms = here // wards + (ward < here % wards)
            letter = "ABCDEFGH"[ward]
            posts = (("nurse", max(1, round(rooms * 0.4))), ("helper", max(1, round(rooms * 0.8))))
            beds = tuple(str(100 * (ward + 1) + room + 1) for room in range(rooms))
            title = f"{name}, avdeling {letter}"
            yield Unit(f"{id_}-{letter.lower()}", title, "team", ward_word, id_, of.number, "", posts, beds, of.nynorsk)


def _shared_homes(of: Municipality, people: float) -> Iterator[Unit]:
    """Homes with staff for people with disabilities; small regions have none."""
    for number in range(int(people / 3500)):
        name = f"{_drawn(of, _NAMES, 'shared')[number % len(_NAMES)]} bofellesskap"
        posts = (("social-educator", 7), ("helper", 12))
        yield _part(of, f"{of.stem}-bofellesskap-{number + 1}", name, ("Bofellesskap",) * 2, posts)


def _offices(of: Municipality, people: float) -> Iterator[Unit]:
    """GP offices; the first have the GPs of the personas' lists."""
    named = _OFFICES.get(of.number, ())
    gps = max(3 if of.number == "5006" else 1, ceil(people / GP_LIST))
    names = _drawn(of, _NAMES, "offices")
    for number, here in enumerate(_filled(gps, 2 if len(named) > 1 else 5, at_least=max(1, len(named)))):
        if number < len(named):
            id_, name = named[number]
        else:
            name = f"{names[number % len(names)]} {'legesenter' if number % 3 else 'legekontor'}"
            id_ = f"{of.stem}-lege-{number + 1}"
        posts = (("gp", here), ("secretary", max(1, here)))
        yield Unit(id_, name, "prov", "Fastlegekontor", None, of.number, "", posts, nynorsk=of.nynorsk)


def _filled(gps: int, first: int, *, at_least: int) -> list[int]:
    """How many GPs each office has: the first ones as they are, then up to five in each."""
    counts = [min(first, gps)] + [1] * (at_least - 1)
    rest = gps - sum(counts)
    for number, count in enumerate(counts):
        more = min(5 - count, rest)
        counts[number] += more
        rest -= more
    return counts + [5] * (rest // 5) + ([rest % 5] if rest % 5 else [])


def _specialists(of: Municipality, people: float) -> Iterator[Unit]:
    """Specialists in practice by agreement with the health authority: in the towns."""
    if of.inhabitants < 14_000:
        return
    always = 1 if of.number in ("5001", "5006", "1505", "1506", "1508") else 0
    for number in range(max(always, int(people / 4600))):
        kind = _drawn(of, _SPECIALISTS, "specialists")[number % len(_SPECIALISTS)]
        more = f" {number // len(_SPECIALISTS) + 1}" if number >= len(_SPECIALISTS) else ""
        name = f"{kind} i {of.name}{more}, avtalepraksis"
        posts = (("private-psychologist" if kind.startswith("Psykolog") else "specialist", 1), ("secretary", 1))
        yield Unit(
            f"{of.stem}-spesialist-{number + 1}",
            name,
            "prov",
            "Avtalespesialist",
            None,
            of.number,
            "",
            posts,
            nynorsk=of.nynorsk,
        )


def _drawn(of: Municipality, names: tuple[str, ...], kind: str) -> list[str]:
    """Names in an order of the municipality's own."""
    rng: Random = chance("units", of.number, kind)
    return rng.sample(list(names), len(names))
