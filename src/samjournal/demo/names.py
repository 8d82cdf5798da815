# ruff: noqa: E501 - sentences and table rows stay on one line
"""Names as they are met in Mid-Norway, combined by chance: no list of real persons lies behind them."""

from __future__ import annotations

# Born before about 1960, after 1960, after 2000: names have their time.
WOMEN = (
    "Aslaug Borghild Gerd Gunvor Solveig Magnhild Ingeborg Astrid Turid Bjørg Reidun Oddny Marit Randi Kari Torbjørg Liv Aud "
    "Sigrid Jorunn Berit Inger Brit Åse Eldbjørg Kirsten Gudrun Signe Ruth Else Klara Anna",
    "Anne Hilde Trine Tone Monica Heidi Lene Siv Marianne Kristin Elin Hege Ann-Kristin Camilla Stine Linda Silje Mari "
    "Ida Ingrid Guro Maren Lisbeth Grete Bente Unni Wenche Eva Nina Rita Laila Tove Mona",
    "Nora Emma Sofie Ella Maja Olivia Thea Ingrid Emilie Sara Frida Astrid Selma Tiril Live Hedda Alma Eline Vilde Iben "
    "Solveig Synne Tuva Amalie Jenny Signe Hanna Mathea Ronja Aurora",
)
MEN = (
    "Arne Odd Kåre Leif Per Ola Olav Knut Harald Einar Asbjørn Magne Oddvar Torleif Johan Svein Reidar Ingvar Egil Sverre "
    "Kjell Arvid Birger Bjarne Gunnar Hallvard Ivar Jon Nils Rolf Trygve Edvin",
    "Geir Morten Terje Frode Stian Thomas Lars Espen Øyvind Kristian Trond Rune Erik Anders Håvard Tor Jan-Erik Kenneth "
    "Bård Eirik Roar Stig Vidar Gaute Ole Snorre Torstein Kjetil Dag Steinar Rolf Pål Jostein",
    "Lucas Jakob Oskar Noah Emil Filip Oliver Isak Theodor Aksel William Mathias Henrik Magnus Elias Jonas Sander Sivert "
    "Tobias Håkon Odin Iver Johannes Sverre Even Ulrik Brage Viljar Trym Eskil",
)
FAMILIES = [
    "Aune",
    "Bakken",
    "Berg",
    "Bjørken",
    "Bruheim",
    "Dahl",
    "Dalen",
    "Eggen",
    "Elden",
    "Ertsås",
    "Fagerli",
    "Five",
    "Flatås",
    "Forbord",
    "Gjermstad",
    "Grande",
    "Gran",
    "Haugen",
    "Hegdal",
    "Helgås",
    "Hestnes",
    "Hjelde",
    "Holm",
    "Holte",
    "Husby",
    "Indgjerd",
    "Kjelbotn",
    "Kvalvik",
    "Kvello",
    "Lein",
    "Lerfald",
    "Lian",
    "Lunde",
    "Langåsen",
    "Melhus",
    "Moan",
    "Moen",
    "Myrvold",
    "Nergård",
    "Nilsen",
    "Nygård",
    "Nordvik",
    "Oksvold",
    "Olsen",
    "Opdal",
    "Ree",
    "Rognes",
    "Rotmo",
    "Røstad",
    "Sagmo",
    "Sandnes",
    "Selnes",
    "Skjelstad",
    "Skei",
    "Solem",
    "Solberg",
    "Stene",
    "Storholm",
    "Strand",
    "Sundet",
    "Svarva",
    "Sæther",
    "Tessem",
    "Tiller",
    "Trøan",
    "Tveit",
    "Ulvin",
    "Vang",
    "Vestrum",
    "Viken",
    "Vinje",
    "Vollan",
    "Wekre",
    "Ystad",
    "Øien",
    "Østby",
    "Ålberg",
    "Aasgård",
]

# Where people's names come from: share of the inhabitants, language, then women, men, families.
ORIGINS: tuple[tuple[float, str, str, str, str], ...] = (
    (0.020, "sma", "Máret Elle Risten Sara Anne-Lajla Berit-Ánne Láilá Ánná Inga Aila",
     "Jovnna Lars-Ánte Nils-Jovnna Ánte Mihkkal Áslat Ailo Jonar Anders Leif", "Jåma Joma Dunfjeld Bientie Kappfjell Steinfjell Jåvva"),
    (0.022, "pl", "Agnieszka Katarzyna Magdalena Zofia Joanna Ewa Maja Lena", "Piotr Tomasz Krzysztof Marek Paweł Jakub Antoni Jan",
     "Kowalczyk Nowicki Zieliński Wójcik Mazur Krawczyk"),
    (0.010, "so", "Hodan Fadumo Amina Asha Ifrah Sumaya Ubah Hafsa", "Abdi Yusuf Omar Mohamed Ismail Liban Bilal Hassan",
     "Warsame Farah Abdullahi Ali Jama Nuur"),
    (0.012, "ar", "Rana Lina Huda Maya Nour Yasmin Salma Rima", "Samir Khaled Omar Karim Tarek Adam Yousef Rami",
     "Haddad Khalil Al-Masri Darwish Shaheen Nasser"),
    (0.008, "ti", "Selam Abeba Luwam Feven Helen Saba Rahel Winta", "Filmon Dawit Merhawi Robel Yonas Samuel Natnael Abel",
     "Tesfay Gebremeskel Haile Kidane Berhe Mehari"),
    (0.014, "uk", "Oksana Iryna Olena Kateryna Sofiia Daryna Anna Mariia", "Andrii Oleksandr Mykola Dmytro Danylo Maksym Bohdan Ivan",
     "Shevchuk Bondarenko Kovalenko Melnyk Tkachenko Lysenko"),
    (0.006, "vi", "Linh Mai Thu Lan Phuong Anh Hoa Ngoc", "Minh Tuan Huy Duc Nam Khoa Bao Long", "Nguyen Tran Pham Le Vo Bui"),
    (0.010, "lt", "Rasa Daiva Ieva Greta Rūta Emilija Austėja Lina", "Tomas Mindaugas Jonas Lukas Darius Matas Rokas Paulius",
     "Kazlauskas Petrauskas Stankus Balčiūnas Urbonas"),
)  # fmt: skip


def first_names(*, woman: bool, birth_year: int) -> list[str]:
    """The Norwegian given names of that time."""
    generation = 0 if birth_year < 1960 else 1 if birth_year < 2000 else 2
    return (WOMEN if woman else MEN)[generation].split()
