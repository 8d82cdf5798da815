"""What medicines are for: beginnings of ATC codes, and the ICPC-2 and ICD-10 codes they are given for here."""

from __future__ import annotations

INDICATIONS: dict[str, frozenset[str]] = {
    atc: frozenset(codes.split())
    for atc, codes in {
        "A02BC": "D84 K21.9 K92.2 K25.4 D87",
        "A06AD": "D12",
        "A10": "T89 T90 E10.9 E11.9",
        "A10BK": "K77 U99 I50.0 I50.9 N18.3",
        "A11CC": "L95 M81.9",
        "A12AX": "L95 M81.9",
        "B01AB": "S72.0 M16.9 I26.9 I80.2",
        "B01AC": "K74 K75 K76 K90 I25.1 I21.4 I63.9 I20.9",
        "B01AF": "K78 I48.9 I48.0 I48.2 I26.9 I80.2",
        "B03AA": "B80 D50.9",
        "B03XA": "U99",
        "C01CA24": "J45.0",
        "C01DA": "K74 K76 I25.1 I20.9",
        "C03": "K77 K86 I50.9 I50.0 I10",
        "C07AB02": "K74 K76 K77 K78 K86 I48.9 I48.2 I25.1 I50.0",
        "C07AB07": "K77 I50.9 I50.0 K78",
        "C08CA": "K86 I10",
        "C09": "K86 K77 N89 I10 I50.0 I50.9",
        "C10AA": "T93 K76 K90 E78.0 I25.1 I21.4 I63.9 E11.9 T90",
        "D07": "S87 S91 L20.9",
        "G03AC": "W11",
        "G03FA": "X11",
        "G04CA": "Y85 N40 N20.1",
        "H02AB": "L88 R95 M06.9 J44.1 J44.9 J44.0",
        "H03AA": "T86 E03.9",
        "J01AA": "R81 R95 J44.1 J44.0 J18.9",
        "J01CA08": "U71 N30.0",
        "J01CE": "R72 R75 R81 S76 H71 J18.9 A46 J02.0 R74",
        "J01DC": "N10 U70",
        "J01DD": "J18.9 N39.0 A41.9 N10",
        "J01EA": "U71 N30.0 N39.0",
        "J01EE": "N10 N39.0 U71",
        "J01FA": "R72 R75 R81 S76 H71 J18.9 R74 A46",
        "J01FF": "A46",
        "J05AB": "S70",
        "L02BG": "X76 C50.9",
        "L04AX": "L88 M06.9",
        "M01AE": "L03 L08 L86 L88",
        "M04AA": "T92 M10.9",
        "M05BA": "L95 M81.9",
        "N02AA": "C61 S72.0 M16.9",
        "N02BE": "L90 L03 L08 L86 M17.9 S72.0 S52.5 M16.9 K35.8 K80.2 K57.3 N20.1 C50.9 C61 L88 S82.6",
        "N02CC": "N89 G43.9",
        "N03AX": "N88 G40.9",
        "N04BA": "N87 G20",
        "N05CF": "P06",
        "N05CH": "P06 P82",
        "N06AB": "P76 P74 F32.1 F41.1",
        "N06AX": "P76 F32.1",
        "N06BA": "P81 F90.0",
        "N06DA": "P70 F00.1",
        "R01AD": "R97 J30.1",
        "R03A": "R96 R95 J45.9 J44.9 J44.1 J44.0 J45.0",
        "R03BA": "R96 J45.9 J45.0",
        "R03BB": "R95 J44.9",
        "R06A": "R97 J30.1 J45.0",
        "V03AE": "U99",
    }.items()
}


def is_for(atc: str, code: str) -> bool:
    """Whether a medicine is given for what this code stands for."""
    return any(atc.startswith(start) and code in codes for start, codes in INDICATIONS.items())
