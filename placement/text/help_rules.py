"""Help texts: what each hard rule means, who imposes it, who may set it aside, and its source; the terms of the field;
and what each role does in a day. Sources as in `docs/domain.md`; *assumed*: a choice of this project.
"""

from dataclasses import dataclass

from placement.core.codes import Role
from placement.text.rule_names import rule_name

Both = tuple[str, str]
"""Dutch and English."""

_CLIENT: Both = ("De cliënt, met haar zorgcoördinator.", "The client, with her care coordinator.")
_COORDINATOR: Both = (
    "De zorgcoördinator, of de desk waar er geen is.",
    "The care coordinator, or the desk where there is none.",
)
_SHELTER: Both = ("De opvang, in haar profiel.", "The shelter, in its profile.")
_SECOND: Both = ("Een tweede persoon, van de desk, met een reden.", "A second person, of the desk, with a reason.")
_DATED: Both = (
    "Een tweede persoon, van de desk, met een reden en een dag waarop iemand opnieuw kijkt.",
    "A second person, of the desk, with a reason and a day on which somebody looks again.",
)
_ASSUMED: Both = ("Aanname van deze dienst: geen bron gevonden.", "Assumed by this service: no source was found.")


@dataclass(frozen=True, slots=True)
class RuleHelp:
    code: str
    means: Both
    imposed_by: Both
    put_aside_by: Both
    source: Both

    @property
    def name(self) -> Both:
        return rule_name(self.code, "nl").capitalize(), rule_name(self.code, "en").capitalize()


@dataclass(frozen=True, slots=True)
class Term:
    nl: str
    en: str
    means: Both
    source: str


_SAME = "comensha.nl, Coördinatie zorg & opvang; wegwijzermensenhandel.nl, FAQ 1"

RULES: tuple[RuleHelp, ...] = (
    RuleHelp(
        "scheme",
        ("De plaats hoort bij een regeling die voor haar openstaat. Welke dat zijn, volgt uit haar verblijfsrecht, leeftijd en problemen.", "The place is of a scheme that is open to her. Which are open follows from her right of residence, age and problems."),
        ("De wet en de afspraken per regeling. De dienst zegt bij elke aanmelding de grond.", "The law, and what was agreed for each scheme. The service names the ground at each registration."),
        _SECOND, (_SAME, _SAME),
    ),
    RuleHelp(
        "gender",
        ("De plaats neemt mensen van haar geslacht op. Kinderen die meekomen, tellen hier niet.", "The place admits people of her gender. Children who come along do not count here."),
        _SHELTER, _SECOND,
        ("Aparte plaatsen voor vrouwen en mannen: comensha.nl, Aanbesteding COSM, 2017", "Separate places for women and men: comensha.nl, Aanbesteding COSM, 2017"),
    ),
    RuleHelp(
        "mixed_accepted",
        ("Wil zij niet in een huis met mannen en vrouwen? Dan wordt er geen voorgesteld.", "If she does not want a house with men and women, none is proposed."),
        _CLIENT, _SECOND, _ASSUMED,
    ),
    RuleHelp(
        "age",
        ("Haar leeftijd ligt binnen de grenzen van de plaats, in hele jaren op vandaag.", "Her age is within the limits of the place, in completed years today."),
        _SHELTER, _SECOND,
        ("COSM is voor volwassenen: comensha.nl, Aanbesteding COSM, 2017. Andere grenzen: aanname.", "COSM is for adults: comensha.nl, Aanbesteding COSM, 2017. Other limits: assumed."),
    ),
    RuleHelp(
        "children",
        ("De plaats neemt de kinderen op die meekomen; voor jongens kan de grens lager zijn.", "The place takes the children who come along; for boys the limit can be lower."),
        _SHELTER, _SECOND, _ASSUMED,
    ),
    RuleHelp(
        "language",
        ("Is een gedeelde taal nodig? Dan spreekt iemand van het personeel die, of een tolk.", "If a common language is required, staff or an interpreter speak it."),
        _COORDINATOR, _SECOND, _ASSUMED,
    ),
    RuleHelp(
        "threat_distance",
        ("De plaats ligt ten minste zo ver van elk gevaarlijk punt als is opgegeven. De dienst rekent met een vak van ongeveer 10 km, en telt de helft van de schuine zijde erbij: zo klopt de afstand altijd, en verraadt zij geen adres.", "The place is at least as far from every danger point as was asked. The service reckons with a cell of about 10 km and adds half its diagonal: so the distance always holds, and gives away no address."),
        _COORDINATOR, _DATED, _ASSUMED,
    ),
    RuleHelp(
        "avoided_region",
        ("Zij wil of mag niet in deze regio zijn.", "She does not want to be in this region, or must not be."),
        _CLIENT, _DATED, ("De wens om buiten een regio te zijn: comensha.nl, Blog #2", "The wish to be outside a region: comensha.nl, Blog #2"),
    ),
    RuleHelp(
        "avoided_location",
        ("Deze locatie wordt voor haar gemeden, bijvoorbeeld na een weigering om veiligheid. De zorgcoördinator kan dat opheffen.", "This location is avoided for her, for example after a refusal for safety. The care coordinator can lift that."),
        _COORDINATOR, _DATED, _ASSUMED,
    ),
    RuleHelp(
        "avoided_provider",
        ("Alle huizen van deze aanbieder worden voor haar gemeden.", "Every house of this provider is avoided for her."),
        _COORDINATOR, _DATED, _ASSUMED,
    ),
    RuleHelp(
        "avoided_unit",
        ("Deze afdeling weigerde, of zij wil er niet heen. Dat kan worden opgeheven.", "This unit refused her, or she does not want to go there. That can be lifted."),
        _COORDINATOR, _DATED, _ASSUMED,
    ),
    RuleHelp(
        "needs",
        ("De plaats biedt alle hulp waar zij niet zonder kan.", "The place offers all the help that she cannot do without."),
        _COORDINATOR, _SECOND,
        ("Hulp bij een verstandelijke beperking, psychische problemen of verslaving: comensha.nl, OMM, 2019", "Help with an intellectual disability, psychiatric problems or addiction: comensha.nl, OMM, 2019"),
    ),
    RuleHelp(
        "keep_apart",
        ("Twee mensen die niet bij elkaar mogen zijn, komen niet op dezelfde locatie. De opvang hoort niet wie.", "Two people who must not be together do not come to the same location. The shelter is not told who."),
        _COORDINATOR, _DATED, _ASSUMED,
    ),
    RuleHelp(
        "high_care",
        ("Een afdeling neemt niet meer mensen met zware zorg op dan zij zegt aan te kunnen.", "A unit takes no more people who need high care than it says it can bear."),
        _SHELTER, _SECOND, _ASSUMED,
    ),
    RuleHelp(
        "rooms",
        ("Er is een bed of een kamer die vrij is, op tijd, bij mensen van hetzelfde geslacht; volwassenen en minderjarigen apart. Een gezin krijgt kamers voor zichzelf.", "There is a bed or a room that is free, in time, with people of the same gender; adults and minors apart. A family gets rooms to itself."),
        ("Het huis zelf: een bed dat er niet is, kan niemand geven.", "The house itself: a bed that is not there, nobody can give."),
        ("Niemand.", "Nobody."),
        ("Kinderen bezetten ook plaatsen: comensha.nl, Aanbesteding, 2017. Wie met wie een kamer deelt: aanname.", "Children take up places too: comensha.nl, Aanbesteding, 2017. Who shares a room with whom: assumed."),
    ),
)  # fmt: skip

TERMS: tuple[Term, ...] = (
    Term("aangifte", "criminal complaint", ("Melding van een misdrijf bij de politie. Na de bedenktijd is zij voorwaarde voor een vergunning als getuige.", "Telling the police of a crime. After the reflection period it is the condition for a permit as a witness."), "WBV 2023/11"),
    Term("aanmelding, aanmelder", "registration, registrant", ("Het verzoek om een plaats, en wie het doet.", "The request for a place, and who makes it."), "comensha.nl, Registratie"),
    Term("amv", "unaccompanied minor", ("Minderjarige van buiten de EU zonder ouder of voogd hier. Nidos is voogd en plaatst.", "A minor from outside the EU without parent or guardian here. Nidos is the guardian, and places."), "wegwijzermensenhandel.nl, FAQ 1"),
    Term("bedenktijd", "reflection period", ("Ten hoogste drie maanden om tot rust te komen en te kiezen of men aangifte doet; 30 dagen bij een Dublinclaim.", "At most three months to come to rest and choose whether to file a complaint; 30 days for a Dublin claimant."), "WBV 2023/11"),
    Term("bezetting", "occupancy", ("Bedden die in gebruik zijn.", "Beds that are in use."), "docs/domain.md 8"),
    Term("bemiddeling", "mediation", ("CoMensha zoekt mee, maar de aanbieder of gemeente beslist.", "CoMensha helps to look, but the provider or municipality decides."), "wegwijzermensenhandel.nl, FAQ 1"),
    Term("bovenregionale plaatsing", "placement across regions", ("Een plaats buiten de eigen regio, vaak om veiligheid.", "A place outside one's own region, often for safety."), "docs/domain.md 8"),
    Term("centrumgemeente", "central municipality", ("Een van de 35 gemeenten die de opvang regelen.", "One of the 35 municipalities that arrange shelter."), "wegwijzermensenhandel.nl, FAQ 1"),
    Term("contra-indicatie", "contra-indication", ("Wat maakt dat een opvang iemand niet goed kan opnemen.", "What makes that a shelter cannot well take somebody in."), "comensha.nl, Blog #13"),
    Term("COSM", "COSM", ("Categorale opvang van slachtoffers van mensenhandel, in de bedenktijd. Alleen CoMensha plaatst.", "Categorical shelter for victims of trafficking, in the reflection period. CoMensha alone places."), "comensha.nl, Coördinatie zorg & opvang"),
    Term("doorplaatsing, uitstroom", "onward placement, outflow", ("Van de eerste opvang naar een volgende, of naar een woning.", "From the first shelter to a next one, or to housing."), "Kamerstuk 28638-92"),
    Term("knelpunt", "bottleneck", ("Wat maakt dat mensen wachten, en waar één plaats erbij helpt.", "What keeps people waiting, and where one more place helps."), "docs/domain.md 7"),
    Term("LVB, GGZ", "mild intellectual disability, mental health care", ("Licht verstandelijke beperking; geestelijke gezondheidszorg.", "Mild intellectual disability; mental health care."), "docs/domain.md 8"),
    Term("MOB", "left to unknown destination", ("Met onbekende bestemming vertrokken.", "Left without anybody knowing where to."), "docs/domain.md 8"),
    Term("noodbed", "emergency bed", ("Een bed in de regio voor acute gevallen. De politie plaatst.", "A bed in the region for acute cases. The police place."), "comensha.nl, Pilot 24/7 bereikbaarheid"),
    Term("OMM", "OMM", ("Opvang voor slachtoffers met meer problemen tegelijk: een verstandelijke beperking, psychische problemen of verslaving.", "Shelter for victims with several problems at once: an intellectual disability, psychiatric problems or addiction."), "comensha.nl, OMM, 2019"),
    Term("plaatsingsbevoegdheid", "authority to place", ("Wie beslist dat iemand een plaats krijgt. Bij COSM en OMM is dat CoMensha.", "Who decides that somebody gets a place. For COSM and OMM that is CoMensha."), "comensha.nl, Coördinatie zorg & opvang"),
    Term("vermoedelijk slachtoffer", "presumed victim", ("Bij de minste aanwijzing van mensenhandel; bewijs is niet nodig.", "At the slightest indication of trafficking; proof is not needed."), "comensha.nl, Aanbesteding, 2017"),
    Term("vrouwen-, mannen-, maatschappelijke opvang", "women's, men's, social shelter", ("Opvang van gemeenten (Wmo) voor wie Nederlands of EU-burger is, of een vergunning heeft.", "Shelter of municipalities (Wmo) for who is Dutch, an EU citizen or has a permit."), "wegwijzermensenhandel.nl, FAQ 1"),
    Term("zorgcoördinator", "care coordinator", ("Regelt de zorg en de volgende plaats voor slachtoffers in haar regio.", "Arranges care and the next place for victims in her region."), "mensenhandel.nl, Coördinatie"),
)  # fmt: skip

_FIND: Both = (
    "Open een aanmelding en kies ‘Zoek een plaats’. U ziet de beste plaats, tot vijf andere, en waarom de rest niet kan.",
    "Open a registration and choose 'Find a place'. You see the best place, up to five others, and why the rest cannot be.",
)
_DECIDE: Both = (
    "U beslist: aannemen, een andere plaats kiezen met een reden, of afwijzen. De dienst plaatst nooit zelf.",
    "You decide: accept, choose another place with a reason, or decline. The service never places by itself.",
)

JOURNEYS: dict[Role, tuple[Both, ...]] = {
    Role.DESK: (
        ("‘Vandaag’ toont wat nu op u wacht: besluiten om te bevestigen, reserveringen met hun klok, tellingen die oud zijn.", "'Today' shows what waits for you now: decisions to confirm, holds with their clocks, counts that are old."),
        _FIND, _DECIDE,
        ("Een plaatsing in COSM of OMM door een zorgcoördinator bevestigt u, of u zegt van niet.", "You confirm a coordinator's placement in COSM or OMM, or say that it is not so."),
        ("Een aanmelding met een zorgcoördinator opent u met een reden. Dat staat in het logboek.", "You open a registration that has a care coordinator with a reason. That is in the log."),
    ),
    Role.COORDINATOR: (
        ("Meld iemand aan: vul in wat een plaats nodig heeft, en wat gevaarlijk is. Een nationaliteit vragen we niet.", "Register somebody: fill in what a place needs, and what is dangerous. We ask for no nationality."),
        _FIND, _DECIDE,
        ("Voor COSM en OMM wacht uw besluit op de desk. Daarna antwoordt de opvang.", "For COSM and OMM your decision waits for the desk. Then the shelter answers."),
        ("Het adres ziet u pas als de opvang heeft bevestigd, na nog een keer uw code.", "You see the address only once the shelter has confirmed, after your code once more."),
    ),
    Role.SHELTER_STAFF: (
        ("‘Mijn kamers’: klopt alles? Eén tik bevestigt de telling. Anders past u een kamer aan.", "'My rooms': is all right? One tap confirms the count. Else change a room."),
        ("‘Reserveringen’: u ziet wat u van haar moet weten, en niet meer. Bevestig of weiger, met een reden, binnen vier uur.", "'Holds': you see what you must know of her, and no more. Confirm or refuse, with a reason, within four hours."),
        ("Is zij er? Tik op ‘Zij is aangekomen’. Dan begint de klok van het verblijf.", "Is she there? Tap 'She has arrived'. The clock of the stay begins then."),
        ("‘Verblijven’: wie er woont, en wanneer de drie maanden om zijn. Vertrek meldt u met een reden.", "'Stays': who lives there, and when the three months are over. You report leaving with a reason."),
    ),
    Role.READER: (("U leest rapporten over plaatsen. U ziet geen mensen.", "You read reports on places. You see no people."),),
    Role.AUDITOR: (
        ("‘Logboek’ toont wie wat deed, wanneer en vanwaar. Zoek op gebruiker, aanmelding, gebeurtenis of dag.", "'Log' shows who did what, when and from where. Search by user, registration, event or day."),
        ("‘Controle’ toont wat opviel. Bekijk elk punt, vraag na, en vink het af met wat het was.", "'Review' shows what was odd. Look at each, ask, and tick it off with what it was."),
    ),
    Role.ADMIN: (
        ("‘Accounts’: nodig iemand uit, wijzig een rol, sluit een account. Het geldt meteen.", "'Accounts': invite somebody, change a role, close an account. It counts at once."),
        ("‘Instellingen’: bekijk eerst wat andere gewichten vandaag zouden doen. Stel ze dan in, met een reden.", "'Settings': see first what other weights would do today. Then set them, with a reason."),
        ("U ziet geen aanmeldingen. Dat is met opzet zo.", "You see no registrations. That is on purpose."),
    ),
}  # fmt: skip


def rule_help(code: str) -> RuleHelp:
    """The help on this rule. Raises `KeyError` for what is no rule."""
    return {rule.code: rule for rule in RULES}[code]
