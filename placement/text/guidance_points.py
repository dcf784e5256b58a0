"""Help texts on what is no hard rule: each term of the points, each scheme, and the clock of a stay.

What it means, who imposes it, and its source as in `docs/domain.md`; *assumed*: a choice of this project.
"""

from dataclasses import dataclass
from typing import Literal

from matching import say_term
from placement.core.codes import Scheme
from placement.text.labels import label

Both = tuple[str, str]
"""Dutch and English."""

Kind = Literal["term", "scheme", "clock"]


@dataclass(frozen=True, slots=True)
class Explained:
    kind: Kind
    code: str
    name: Both
    means: Both
    imposed_by: Both
    source: Both


_SETTINGS: Both = (
    "De beheerder, in de instellingen, met een reden. Nooit een harde regel.",
    "The admin, in the settings, with a reason. Never a hard rule.",
)
_OURS: Both = ("Aanname van deze dienst: geen bron gevonden.", "Assumed by this service: no source was found.")
_COMENSHA: Both = ("Alleen CoMensha plaatst.", "CoMensha alone places.")
_MUNICIPALITY: Both = ("De gemeente of de opvang beslist.", "The municipality or the shelter decides.")
_FAQ = "wegwijzermensenhandel.nl, FAQ 1"


def _term(code: str, means: Both) -> Explained:
    name = (say_term(code, "nl").capitalize(), say_term(code, "en").capitalize())
    return Explained("term", code, name, means, _SETTINGS, _OURS)


def _scheme(code: Scheme, means: Both, imposed_by: Both, source: str) -> Explained:
    name = (label("Scheme", code, "nl"), label("Scheme", code, "en"))
    return Explained("scheme", code.value, name, means, imposed_by, (source, source))


EXPLAINED: tuple[Explained, ...] = (
    _term(
        "serve",
        ("Wat het waard is dat zij een plaats krijgt: meer bij spoed, en elke dag wachten telt mee. Het is voor elke plaats gelijk.", "What it is worth that she gets a place: more where it is urgent, and each day of waiting counts. It is the same for every place."),
    ),
    _term(
        "language",
        ("Iemand van het personeel spreekt een taal die zij spreekt. Beter naarmate zij die beter spreekt.", "Somebody of the staff speaks a language that she speaks; the better she speaks it, the better."),
    ),
    _term(
        "preferred_needs",
        ("Hulp die fijn zou zijn, en die deze plaats biedt.", "Help that would be good, and that this place offers."),
    ),
    _term(
        "scheme",
        ("Een andere regeling past beter bij haar. Aftrek voor elke stap daarvandaan, zodat een crisisbed geen vaste plaats wordt.", "Another scheme fits her better. Taken off for each step from it, so that a crisis bed does not become a lasting place."),
    ),
    _term(
        "near",
        ("Aftrek per kilometer vanaf de plaats waar zij graag bij in de buurt is.", "Taken off for each kilometre from where she would like to be near."),
    ),
    _term(
        "scarce",
        ("De plaats heeft iets schaars, zoals een rolstoelkamer, dat zij niet nodig heeft. Een ander die het wel nodig heeft, kan er dan niet heen.", "The place has something scarce, such as a room for a wheelchair, that she does not need. Somebody who does need it then cannot go there."),
    ),
    _term(
        "blocked_beds",
        ("In de kamer blijven bedden leeg die niemand anders kan gebruiken.", "Beds stay empty in the room that nobody else can use."),
    ),
    _term(
        "rooms",
        ("De groep wordt over meer dan één kamer verdeeld.", "The group is spread over more than one room."),
    ),
    _scheme(
        Scheme.COSM,
        ("Categorale opvang van slachtoffers van mensenhandel van buiten de EU, in de bedenktijd, met hun kinderen.", "Categorical shelter for victims of trafficking from outside the EU, in the reflection period, with their children."),
        _COMENSHA, "comensha.nl, Coördinatie zorg & opvang",
    ),
    _scheme(
        Scheme.OMM,
        ("Opvang voor slachtoffers met meer problemen tegelijk: een verstandelijke beperking, psychische problemen of verslaving.", "Shelter for victims with several problems at once: an intellectual disability, psychiatric problems or addiction."),
        _COMENSHA, "comensha.nl, OMM, 2019",
    ),
    _scheme(
        Scheme.WOMENS,
        ("Opvang van gemeenten (Wmo) voor vrouwen die Nederlands of EU-burger zijn, of een vergunning hebben.", "Shelter of municipalities (Wmo) for women who are Dutch or EU citizens, or have a permit."),
        _MUNICIPALITY, _FAQ,
    ),
    _scheme(
        Scheme.MENS,
        ("Opvang van gemeenten (Wmo) voor mannen die Nederlands of EU-burger zijn, of een vergunning hebben.", "Shelter of municipalities (Wmo) for men who are Dutch or EU citizens, or have a permit."),
        _MUNICIPALITY, _FAQ,
    ),
    _scheme(
        Scheme.SOCIAL,
        ("Opvang van gemeenten (Wmo) voor wie geen huis heeft. Voor wie Nederlands of EU-burger is, of een vergunning heeft.", "Shelter of municipalities (Wmo) for who has no home. For who is Dutch or an EU citizen, or has a permit."),
        _MUNICIPALITY, _FAQ,
    ),
    _scheme(
        Scheme.MINORS,
        ("Voor minderjarigen van buiten de EU zonder ouder of voogd in Nederland.", "For minors from outside the EU without a parent or guardian in the Netherlands."),
        ("Nidos is de voogd, en plaatst.", "Nidos is the guardian, and places."), _FAQ,
    ),
    _scheme(
        Scheme.CRISIS,
        ("Een bed voor de eerste nachten, als er nog geen vaste plaats is.", "A bed for the first nights, while there is no lasting place yet."),
        ("De politie, voor noodbedden in de regio.", "The police, for emergency beds in the region."), "comensha.nl, Pilot 24/7 bereikbaarheid",
    ),
    Explained(
        "clock", "stay", ("De klok van een verblijf", "The clock of a stay"),
        ("Een verblijf is bedoeld voor de bedenktijd: ten hoogste drie maanden, 30 dagen bij een Dublinclaim. De dienst waarschuwt op dag 60, 75 en 90 (bij 30 dagen op dag 20, 25 en 30). Is de grens voorbij, dan zegt u wat haar hier houdt. Niemand hoeft daarom weg.", "A stay is meant for the reflection period: three months at most, 30 days for a Dublin claim. The service warns on days 60, 75 and 90 (of 30 days: on days 20, 25 and 30). Past the limit you say what keeps her here. Nobody has to leave because of it."),
        ("De bedenktijd: de wet. De dagen van waarschuwing, en de grens buiten de bedenktijd: deze dienst.", "The reflection period: the law. The days of warning, and the limit outside the reflection period: this service."),
        ("WBV 2023/11. De dagen van waarschuwing: aanname van deze dienst.", "WBV 2023/11. The days of warning: assumed by this service."),
    ),
)  # fmt: skip


def explained(kind: Kind, code: str) -> Explained:
    """The help on this code. Raises `KeyError` for one without help."""
    return {(one.kind, one.code): one for one in EXPLAINED}[kind, code]
