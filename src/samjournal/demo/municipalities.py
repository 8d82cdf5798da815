# ruff: noqa: E501 - a table row stays on one line
"""The 65 municipalities of Trøndelag and Møre og Romsdal: what is public about each. ssb.no/en/klass/klassifikasjoner/131

Numbers and names are those of 2024 and later; inhabitants are rounded, for shares; postal towns are some of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Municipality:
    """`stem` begins the ids of its units; `hospital` and `out_of_hours` are ids of the units that serve it."""

    number: str
    stem: str
    name: str
    inhabitants: int
    hospital: str
    out_of_hours: str
    towns: tuple[tuple[str, str], ...]
    centre: tuple[float, float]
    sami: str = ""
    nynorsk: bool = False

    @property
    def body(self) -> str:
        """The id of the municipality as an organisation."""
        return f"{self.stem}-kommune"

    @property
    def official(self) -> str:
        """The name as the register of municipalities writes it, with the Sami one where that is official."""
        pair = (self.sami, self.name) if self.number in _SAMI_FIRST else (self.name, self.sami)
        return " - ".join(name for name in pair if name)


_SAMI_FIRST = {"5041", "5043"}

# Number, id stem, name, Sami name, inhabitants, hospital, out-of-hours clinic, postal codes with their town.
# A star after the name: the municipality writes nynorsk.
_TABLE = """
5006|steinkjer|Steinkjer|Stïentje|24100|fjordheim-sykehus|legevakt|7713,7715,7725,7712 Steinkjer;7730 Beitstad;7710 Sparbu;7720 Malm
5001|trondheim|Trondheim|Tråante|216500|st-olavs|trondheim-legevakt|7010,7014,7018,7020,7021,7022,7023,7024,7025,7026,7027,7028,7029,7030,7031,7032,7033,7036,7037,7040,7041,7042,7043,7044,7045,7046,7048,7049,7050,7051,7052 Trondheim;7053,7054,7055,7056 Ranheim;7057 Jonsvatnet;7058 Jakobsli;7070 Bosberg;7072,7080,7088 Heimdal;7074 Spongdal;7075,7091,7092 Tiller;7078,7097,7098 Saupstad;7081 Sjetnemarka;7082 Kattem;7083 Leinstrand;7540 Klæbu
5007|namsos|Namsos|Nåavmesjenjaelmie|15000|namsos|namdal-legevakt|7800,7801,7804 Namsos;7820 Spillum;7856 Jøa;7750 Namdalseid
5014|froya|Frøya||5500|orkdal|hitra-froya-legevakt|7260 Sistranda;7263 Hamarvik;7270 Dyrvik;7273 Norddyrøy
5020|osen|Osen||900|namsos|fosen-legevakt|7740 Steinsdalen
5021|oppdal|Oppdal||7400|orkdal|oppdal-legevakt|7340 Oppdal;7342 Lønset;7345 Driva
5022|rennebu|Rennebu||2550|orkdal|oppdal-legevakt|7391 Rennebu
5025|roros|Røros|Rosse|5700|st-olavs|roros-legevakt|7374 Røros;7370 Brekkebygd;7372 Glåmos
5026|holtalen|Holtålen||2050|st-olavs|roros-legevakt|7380 Ålen;7383 Haltdalen
5027|midtre-gauldal|Midtre Gauldal||6200|st-olavs|trondheim-legevakt|7290 Støren;7288 Soknedal;7295 Rognes;7298 Budalen;7387 Singsås
5028|melhus|Melhus||17400|st-olavs|trondheim-legevakt|7224 Melhus;7227 Gimse;7228 Kvål;7232 Lundamo;7234 Ler;7236 Hovin i Gauldal;7212 Korsvegen
5029|skaun|Skaun||8700|orkdal|orkdal-legevakt|7350 Buvika;7353 Børsa;7354 Viggja;7357 Skaun
5031|malvik|Malvik||15000|st-olavs|trondheim-legevakt|7550 Hommelvik;7560 Vikhammer;7562 Saksvik;7563 Malvik
5032|selbu|Selbu||4150|st-olavs|varnes-legevakt|7580 Selbu;7584 Selbustrand
5033|tydal|Tydal||780|st-olavs|varnes-legevakt|7590 Tydal
5034|meraker|Meråker||2450|fjordheim-sykehus|varnes-legevakt|7530 Meråker
5035|stjordal|Stjørdal||25000|fjordheim-sykehus|varnes-legevakt|7500,7503,7505,7506,7507 Stjørdal;7510 Skatval;7517 Hell;7520 Hegra
5036|frosta|Frosta||2650|fjordheim-sykehus|varnes-legevakt|7633 Frosta
5037|levanger|Levanger|Levangke|20600|fjordheim-sykehus|legevakt|7600,7601,7603,7604,7606 Levanger;7620 Skogn;7623 Ronglan;7624 Ekne;7629 Ytterøy;7630 Åsen
5038|verdal|Verdal||15300|fjordheim-sykehus|legevakt|7650,7652,7654,7656 Verdal;7660 Vuku
5041|snasa|Snåsa|Snåase|2050|fjordheim-sykehus|legevakt|7760 Snåsa
5042|lierne|Lierne||1300|namsos|namdal-legevakt|7882 Nordli;7884 Sørli
5043|royrvik|Røyrvik|Raarvihke|400|namsos|namdal-legevakt|7898 Limingen
5044|namsskogan|Namsskogan||800|namsos|namdal-legevakt|7890 Namsskogan;7892 Trones;7896 Brekkvasselv
5045|grong|Grong||2300|namsos|namdal-legevakt|7870 Grong;7873 Harran
5046|hoylandet|Høylandet||1200|namsos|namdal-legevakt|7977 Høylandet;7976 Kongsmoen
5047|overhalla|Overhalla||3950|namsos|namdal-legevakt|7863 Overhalla;7860 Skage i Namdalen
5049|flatanger|Flatanger||1100|namsos|namdal-legevakt|7770 Flatanger
5052|leka|Leka||560|namsos|ytre-namdal-legevakt|7994 Leka;7993 Gutvik
5053|inderoy|Inderøy||7000|fjordheim-sykehus|legevakt|7670 Inderøy;7690 Mosvik
5054|indre-fosen|Indre Fosen||9900|st-olavs|fosen-legevakt|7100 Rissa;7105 Stadsbygd;7112 Hasselvika;7114 Råkvåg;7120 Leksvik;7125 Vanvikan
5055|heim|Heim||6050|orkdal|orkdal-legevakt|7200 Kyrksæterøra;7203 Vinjeøra;7206 Hellandsjøen;6680 Halsanaustan;6683 Vågland
5056|hitra|Hitra||5350|orkdal|hitra-froya-legevakt|7240 Hitra;7241 Ansnes;7242 Knarrlagsund;7250 Melandsjø
5057|orland|Ørland||10800|st-olavs|fosen-legevakt|7130 Brekstad;7140 Opphaug;7142 Uthaug;7160 Bjugn;7165 Oksvoll;7168 Lysøysundet
5058|afjord|Åfjord||4300|st-olavs|fosen-legevakt|7170 Åfjord;7178 Stokkøy;7180 Roan
5059|orkland|Orkland||19000|orkdal|orkdal-legevakt|7300 Orkanger;7310 Gjølme;7315 Lensvik;7320 Fannrem;7327 Svorkmo;7332 Løkken Verk;7336 Meldal
5060|naroysund|Nærøysund||9900|namsos|ytre-namdal-legevakt|7900 Rørvik;7940 Ottersøy;7950 Abelvær;7960 Salsbruket;7970 Kolvereid
5061|rindal|Rindal||1950|orkdal|orkdal-legevakt|6657 Rindal
1505|kristiansund|Kristiansund||24500|kristiansund|kristiansund-legevakt|6509,6510,6511,6512,6514,6515,6516,6517,6518 Kristiansund N;6523,6524,6525 Frei
1506|molde|Molde||33000|hjelset|molde-legevakt|6410,6411,6412,6413,6414,6415,6416,6418,6419 Molde;6453 Kleive;6454 Hjelset;6456 Skåla;6460 Eidsvåg i Romsdal;6475 Midsund
1508|alesund|Ålesund||59200|alesund|alesund-legevakt|6002,6003,6004,6005,6006,6007,6008,6009,6010,6011,6012,6013,6014,6015,6016,6017,6018 Ålesund;6057 Ellingsøy;6240 Ørskog;6260 Skodje
1511|vanylven|Vanylven*||3000|volda|ytre-soere-legevakt|6140 Syvde;6141 Rovde;6143 Fiskåbygd;6144 Sylte;6146 Åheim
1514|sande|Sande*||2450|volda|ytre-soere-legevakt|6082 Gursken;6083 Gjerdsvika;6084 Larsnes
1515|heroy|Herøy*||9000|volda|ytre-soere-legevakt|6070 Tjørvåg;6076 Moltustranda;6080 Gurskøy;6090,6091 Fosnavåg;6094 Leinøy;6096 Runde
1516|ulstein|Ulstein*||8900|volda|ytre-soere-legevakt|6065,6067 Ulsteinvik;6064 Haddal
1517|hareid|Hareid*||5350|volda|ytre-soere-legevakt|6060 Hareid;6062 Brandal;6063 Hjørungavåg
1520|orsta|Ørsta*||11000|volda|volda-legevakt|6150,6151,6153 Ørsta;6160 Hovdebygda;6165 Sæbø;6170 Vartdal
1525|stranda|Stranda*||4450|alesund|storfjord-legevakt|6200 Stranda;6212 Liabygda;6216 Geiranger;6218 Hellesylt
1528|sykkylven|Sykkylven*||7650|alesund|storfjord-legevakt|6230,6239 Sykkylven;6220 Straumgjerde;6222 Ikornnes
1531|sula|Sula*||9850|alesund|alesund-legevakt|6030 Langevåg;6035 Fiskarstrand;6036 Mauseidvåg;6037 Eidsnes
1532|giske|Giske*||8850|alesund|alesund-legevakt|6040 Vigra;6050 Valderøya;6052 Giske;6055 Godøya
1535|vestnes|Vestnes*||7150|hjelset|molde-legevakt|6390 Vestnes;6391 Tresfjord;6392 Vikebukt;6393 Tomrefjord;6394 Fiksdal
1539|rauma|Rauma||7150|hjelset|molde-legevakt|6300 Åndalsnes;6310 Veblungsnes;6315 Innfjorden;6320 Isfjorden;6386 Måndalen
1547|aukra|Aukra*||3650|hjelset|molde-legevakt|6480 Aukra
1554|averoy|Averøy||5950|kristiansund|kristiansund-legevakt|6530,6531,6538 Averøy
1557|gjemnes|Gjemnes*||2750|hjelset|molde-legevakt|6631 Batnfjordsøra;6636 Angvika;6638 Osmarka;6639 Torvikbukt
1560|tingvoll|Tingvoll*||3050|kristiansund|nordmore-legevakt|6630 Tingvoll;6628 Meisingset;6629 Torjulvågen;6674 Kvisvik
1563|sunndal|Sunndal||7050|kristiansund|nordmore-legevakt|6600 Sunndalsøra;6612 Grøa;6613 Gjøra;6620 Ålvundeidet;6622 Ålvundfjord
1566|surnadal|Surnadal*||6000|kristiansund|nordmore-legevakt|6650,6652 Surnadal;6640 Kvanne;6644 Bæverfjord;6645 Todalen
1573|smola|Smøla||2200|kristiansund|kristiansund-legevakt|6570,6571 Smøla
1576|aure|Aure||3450|kristiansund|nordmore-legevakt|6690 Aure;6590 Tustna;6694 Foldfjorden;6697 Vihals;6699 Kjørsvikbugen
1577|volda|Volda*||11000|volda|volda-legevakt|6100,6101,6103 Volda;6110 Austefjorden;6120 Folkestad;6133 Lauvstad;6763 Hornindal
1578|fjord|Fjord*||2550|alesund|storfjord-legevakt|6210 Valldal;6213 Tafjord;6214 Norddal;6215 Eidsdal;6250 Stordal
1579|hustadvika|Hustadvika*||13400|hjelset|molde-legevakt|6440 Elnesvågen;6430 Bud;6433 Hustad;6443 Tornes i Romsdal;6444 Farstad;6445 Malmefjorden
1580|haram|Haram*||9700|alesund|alesund-legevakt|6270 Brattvåg;6264 Tennfjord;6265 Vatne;6272 Hildre;6280 Søvik;6290 Haramsøya
"""

# Where each has its centre: latitude and longitude.
_CENTRES = """5006 64.01 11.50;5001 63.43 10.40;5007 64.47 11.50;5014 63.73 8.83;5020 64.30 10.50;5021 62.59 9.69;5022 62.83 10.01;5025 62.57 11.38
5026 62.84 11.31;5027 63.04 10.29;5028 63.29 10.28;5029 63.33 10.07;5031 63.41 10.80;5032 63.22 11.04;5033 63.06 11.57;5034 63.42 11.74
5035 63.47 10.92;5036 63.59 10.75;5037 63.75 11.30;5038 63.79 11.48;5041 64.25 12.38;5042 64.46 13.60;5043 64.88 13.56;5044 64.93 13.16
5045 64.46 12.31;5046 64.63 12.30;5047 64.51 11.96;5049 64.45 10.90;5052 65.09 11.70;5053 63.87 11.30;5054 63.58 9.96;5055 63.29 9.09
5056 63.60 8.95;5057 63.69 9.61;5058 63.96 10.22;5059 63.30 9.85;5060 64.86 11.24;5061 63.05 9.21;1505 63.11 7.73;1506 62.74 7.16
1508 62.47 6.15;1511 62.08 5.60;1514 62.20 5.67;1515 62.34 5.64;1516 62.34 5.85;1517 62.37 6.03;1520 62.20 6.13;1525 62.31 6.93
1528 62.39 6.58;1531 62.44 6.20;1532 62.50 6.13;1535 62.63 7.09;1539 62.57 7.69;1547 62.79 6.92;1554 63.03 7.58;1557 62.97 7.92
1560 62.91 8.21;1563 62.68 8.56;1566 62.97 8.72;1573 63.42 7.98;1576 63.27 8.53;1577 62.15 6.07;1578 62.30 7.26;1579 62.85 7.13
1580 62.60 6.45
"""


@cache
def municipalities() -> dict[str, Municipality]:
    """Every municipality by number; Steinkjer, where the personas live, comes first."""
    found = [_read(line) for line in _TABLE.strip().splitlines()]
    return {municipality.number: municipality for municipality in found}


def _read(line: str) -> Municipality:
    number, stem, name, sami, inhabitants, hospital, out_of_hours, towns = line.split("|")
    _, latitude, longitude = next(row for row in _centres() if row[0] == number)
    return Municipality(
        number,
        stem,
        name.rstrip("*"),
        int(inhabitants),
        hospital,
        out_of_hours,
        tuple(town for group in towns.split(";") for town in _postal(group)),
        (float(latitude), float(longitude)),
        sami,
        name.endswith("*"),
    )


@cache
def _centres() -> list[list[str]]:
    return [row.split() for row in _CENTRES.replace("\n", ";").strip(";").split(";")]


def _postal(group: str) -> list[tuple[str, str]]:
    codes, _, town = group.partition(" ")
    return [(code, town) for code in codes.split(",")]


FEW = 400
"""The first inhabitants of any region live mostly where the personas do, so that a small demo has full wards and lists."""

FOCUS = {"5006": 0.44, "5038": 0.15, "5053": 0.07, "5041": 0.05, "1520": 0.10, "1566": 0.07}
"""Their shares; the rest is spread as the inhabitants are."""


@cache
def expected(number: str, region: int) -> float:
    """How many of a region's inhabitants live in a municipality, about."""
    few = min(region, FEW)
    share = municipalities()[number].inhabitants / total()
    focus = FOCUS.get(number, 0.0) + (1 - sum(FOCUS.values())) * share
    return few * focus + (region - few) * share


@cache
def total() -> int:
    """The inhabitants of all 65."""
    return sum(found.inhabitants for found in municipalities().values())
