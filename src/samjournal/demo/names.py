# ruff: noqa: E501 - sentences and table rows stay on one line
"""Names as they are met in Mid-Norway, combined by chance: no list of real persons lies behind them."""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> tuple[str, ...]:
    """A list of words as it is easiest to read."""
    return tuple(text.split())


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
FAMILIES = words(
    "Aune Bakken Berg Bjørken Bruheim Dahl Dalen Eggen Elden Ertsås Fagerli Five Flatås Forbord Gjermstad Grande Gran "
    "Haugen Hegdal Helgås Hestnes Hjelde Holm Holte Husby Indgjerd Kjelbotn Kvalvik Kvello Lein Lerfald Lian Lunde Langåsen "
    "Melhus Moan Moen Myrvold Nergård Nilsen Nygård Nordvik Oksvold Olsen Opdal Ree Rognes Rotmo Røstad Sagmo Sandnes "
    "Selnes Skjelstad Skei Solem Solberg Stene Storholm Strand Sundet Svarva Sæther Tessem Tiller Trøan Tveit Ulvin Vang "
    "Vestrum Viken Vinje Vollan Wekre Ystad Øien Østby Ålberg Aasgård Aalberg Aalmo Aarnes Aas Alstad Amdal Andersen "
    "Arnstad Aspås Aukan Aunmo Austad Bakk Barstad Beitland Bekken Bergli Bjerkan Bjørgen Bjørkmo Blekken Bolme Borgen "
    "Brandsegg Brandvik Brattli Brekke Brevik Bruset Bråten Buaas Bye Bævre Børset Bøe Dalsaune Devle Dombu Drageset "
    "Dretvik Drilen Duås Eide Eidem Eikrem Ekle Eliassen Elnes Enge Engan Eriksen Espnes Evensen Farstad Finseth Fiskvik "
    "Fjeldvær Fjærli Flaten Flatmo Folden Foss Fossum Frengen Frisvoll Furunes Gangstad Garberg Gaustad Gjelsvik Gjervan "
    "Gjerde Godø Grav Grendal Grimstad Grindvik Grytbakk Gudmundsen Haarstad Halsan Halseth Hammer Hansen Haram Hasselø "
    "Haugan Haugland Hegge Heggem Hella Helland Hernes Hjelle Hofstad Hoem Hoff Holan Holberg Hollås Hov Hovde Hovland "
    "Husdal Husås Hustad Høgset Iversen Jacobsen Jensen Johansen Johnsen Jullum Kjesbu Kjøsnes Kleiven Klokk Knutsen "
    "Kolstad Korsnes Kristiansen Krogstad Kvam Kvande Kvernmo Larsen Leira Leite Lervik Lillebø Lilleås Lund Løkken Løvik "
    "Løvås Mardal Meland Melbye Meldal Michaelsen Midthjell Mjelva Mork Mosbakk Myklebust Myran Møller Naustvik Nerland "
    "Nesset Nordgård Nordli Nyhus Næss Oddan Ofstad Olaussen Opheim Orset Otnes Overvik Pedersen Pettersen Ramsøy Reinås "
    "Reitan Riise Risan Rokseth Romstad Rønning Røsvik Sakshaug Sandvik Sandø Schei Selbekk Sellæg Selvåg Setsaas Silseth "
    "Singsås Sjåstad Skarsvåg Skjervø Skogan Skårvold Slettvåg Sletten Smenes Snekvik Solli Sollid Sørensen Sørli Stavik "
    "Steen Stokke Storli Støre Sunde Svendsen Svensli Svinsås Syltevik Talberg Teigen Tevik Thoresen Tingstad Tofte Tonning "
    "Torvik Torske Tranø Troset Trønnes Tusvik Ulset Urkedal Utgård Valderhaug Valstad Vanvik Vartdal Vatn Vattøy Veiseth "
    "Venås Vestnes Vik Vikan Voldsund Volden Warholm Wiggen Wold Ytterås Øverland Øvrebø Øwre Ålvik Årnes Ås Åsbø"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Names of those whose families came from somewhere: a share of the inhabitants, and their language."""

    share: float
    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


_ORIGINS = (
    (0.004, "sma", "Aanna Maarja Læjsa Sanna Ella Marja Kristine Maja Elsa Risten Jenny Saara", "Laara Aanta Jåhkoe Nila Jonar Leif Anders Lars-Aanta Maahke Paavvele Jovnna Tomas",
     "Jåma Joma Dunfjeld Bientie Kappfjell Steinfjell Åhrén Danielsen Westerfjell Toven Holm Nordfjell"),
    (0.026, "pl", "Agnieszka Katarzyna Magdalena Zofia Joanna Ewa Maja Lena", "Piotr Tomasz Krzysztof Marek Paweł Jakub Antoni Jan",
     "Kowalczyk Nowicki Zieliński Wójcik Mazur Krawczyk"),
    (0.008, "so", "Hodan Fadumo Amina Asha Ifrah Sumaya Ubah Hafsa", "Abdi Yusuf Omar Mohamed Ismail Liban Bilal Hassan",
     "Warsame Farah Abdullahi Ali Jama Nuur"),
    (0.014, "ar", "Rana Lina Huda Maya Nour Yasmin Salma Rima", "Samir Khaled Omar Karim Tarek Adam Yousef Rami",
     "Haddad Khalil Al-Masri Darwish Shaheen Nasser"),
    (0.009, "ti", "Selam Abeba Luwam Feven Helen Saba Rahel Winta", "Filmon Dawit Merhawi Robel Yonas Samuel Natnael Abel",
     "Tesfay Gebremeskel Haile Kidane Berhe Mehari"),
    (0.018, "uk", "Oksana Iryna Olena Kateryna Sofiia Daryna Anna Mariia", "Andrii Oleksandr Mykola Dmytro Danylo Maksym Bohdan Ivan",
     "Shevchuk Bondarenko Kovalenko Melnyk Tkachenko Lysenko"),
    (0.005, "vi", "Linh Mai Thu Lan Phuong Anh Hoa Ngoc", "Minh Tuan Huy Duc Nam Khoa Bao Long", "Nguyen Tran Pham Le Vo Bui"),
    (0.012, "lt", "Rasa Daiva Ieva Greta Rūta Emilija Austėja Lina", "Tomas Mindaugas Jonas Lukas Darius Matas Rokas Paulius",
     "Kazlauskas Petrauskas Stankus Balčiūnas Urbonas"),
    (0.008, "fa", "Zahra Maryam Parisa Fatemeh Shirin Laleh Nasrin Mina", "Reza Ali Mehdi Farid Navid Habib Amir Jawad",
     "Ahmadi Karimi Rezaei Hosseini Noori Rahimi"),
    (0.006, "fil", "Maricel Rosalie Jennifer Analyn Grace Cristina Lovely Angel", "Jose Mark Rodel Jerome Carlo Paolo Miguel Rey",
     "Santos Reyes Cruz Garcia Mendoza Villanueva"),
    (0.006, "th", "Malee Siriporn Kanya Ploy Suda Nok Wanida Pim", "Somchai Anan Niran Kittisak Thana Prasit Chai Arthit",
     "Srisuk Wongsawat Chaiyo Saelim Bunmee"),
    (0.007, "de", "Katrin Sabine Anja Johanna Heike Lena Clara Greta", "Stefan Jürgen Markus Matthias Felix Jonas Moritz Uwe",
     "Schneider Fischer Weber Becker Hoffmann Schäfer"),
    (0.006, "ro", "Elena Andreea Ioana Mihaela Cristina Daria Sofia Ana", "Andrei Mihai Ionuț Alexandru Radu Vlad Luca Matei",
     "Popescu Ionescu Munteanu Dumitru Stoica"),
    (0.005, "sw", "Neema Furaha Esther Amani Grace Aline Rehema Zawadi", "Baraka Emmanuel Daudi Jean Patrick Moise Eric Samuel",
     "Mukendi Kabila Byamungu Bahati Mwamba"),
)  # fmt: skip

ORIGINS = tuple(
    Origin(share, language, words(women), words(men), words(families))
    for share, language, women, men, families in _ORIGINS
)


def first_names(*, woman: bool, birth_year: int) -> list[str]:
    """The Norwegian given names of that time."""
    return _FIRST[woman][0 if birth_year < 1960 else 1 if birth_year < 2000 else 2]


_FIRST = {True: [names.split() for names in WOMEN], False: [names.split() for names in MEN]}
