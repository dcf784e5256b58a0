"""The retention schedule (`schedule.py`) in Dutch: what each kind is, and why it is kept so long."""

from placement.retention.kinds import Kind
from placement.text.languages import Language

_SINCE = {
    "made": "gemaakt",
    "closed": "gesloten",
    "answered": "beantwoord",
    "ended": "beëindigd",
    "asked": "gevraagd",
    "over": "voorbij",
    "begun": "begonnen",
    "expired": "verlopen",
    "lapsed": "vervallen",
    "last used": "laatst gebruikt",
    "last tried": "laatst geprobeerd",
    "ticked off": "afgevinkt",
    "ran": "gedaan",
    "settled": "afgehandeld",
    "reported": "gemeld",
    "decided": "besloten",
    "written": "geschreven",
}
"""The event with which a term began."""

_OPENS_NOTHING = "het geeft nergens meer toegang toe"
_NEN = "NEN 7513: vijf jaar"

_DUTCH: dict[str, tuple[str, str]] = {
    "drafts": (
        "een aanmelding die nooit is opengezet, in haar geheel",
        "niemand doet iets met een concept: bewaren heeft geen doel (AVG 5.1.c en e)",
    ),
    "registration_content": (
        "alias, gevaarpunten, wensplaats, teksten, en wat of wie gemeden wordt, van een gesloten aanmelding",
        "een klacht, of een terugkeer van dezelfde persoon, kan een jaar lang worden beantwoord",
    ),
    "registration_facts": (
        "personen, talen, behoeften en wensen van een gesloten aanmelding",
        f"zo lang als het logboek erover spreekt ({_NEN}); daarna is alleen het aantal nodig",
    ),
    "frozen_problems": (
        "waaruit een voorstel is gemaakt, wat het rekenprogramma antwoordde, en de tekst bij het besluit",
        "een klacht over een plaatsing, en het narekenen ervan, komt binnen een half jaar",
    ),
    "hold_texts": (
        "wat een opvang schreef bij een weigering, of iemand bij het teruggeven van een plaats",
        "de reden in code blijft en is genoeg",
    ),
    "stay_texts": (
        "wat is geschreven over het einde van een verblijf, of over wat iemand tegenhield",
        "de reden in code blijft en is genoeg",
    ),
    "legal_holds": ("een bewaarplicht die voorbij is", f"zo lang als het logboek erover spreekt ({_NEN})"),
    "openings": (
        "dat een dossier buiten de eigen regio is geopend, en waarom",
        "zo lang als de inhoud die is geopend; het logboek spreekt er langer over",
    ),
    "answers": (
        "het bewaarde antwoord op een wijziging, voor als die opnieuw wordt gestuurd",
        "opnieuw sturen gebeurt binnen minuten",
    ),
    "answer_keys": ("de sleutel van de bewaarde antwoorden van één dag", "als het laatste antwoord van die dag weg is"),
    "access_tokens": ("een token waarvoor een sleutel is ingewisseld", _OPENS_NOTHING),
    "api_keys": (
        "een sleutel die is verlopen of eerder is ingetrokken",
        "een vraag over het gebruik komt snel, en het logboek noemt het account",
    ),
    "invitations": (
        "een uitnodiging, aangenomen of niet",
        "wie door wie is uitgenodigd wordt snel gevraagd, en het logboek noemt het account",
    ),
    "askings": ("wat een beheerder een andere vroeg goed te keuren", "zoals bij een uitnodiging"),
    "sessions": (
        "dat iemand was aangemeld",
        "geen sessie leeft zo lang zonder gebruik; het logboek bewaart wie zich aanmeldde en wanneer dat eindigde",
    ),
    "sign_in_challenges": ("een wachtwoord dat is gegeven, en op een code wacht", _OPENS_NOTHING),
    "sso_requests": ("dat iemand naar de eigen aanmelding van haar organisatie is gestuurd", _OPENS_NOTHING),
    "known_devices": ("dat iemand zich met deze browser heeft aangemeld", "niemand heeft er nog iets aan"),
    "tries": (
        "hoe vaak iets is geprobeerd, als hash van wie en waar",
        "langer dan iemand erdoor wordt vertraagd",
    ),
    "oddities": (
        "wat opviel in het logboek, nadat iemand het heeft afgevinkt, met de notitie",
        f"zo lang als de regels waar het over gaat ({_NEN})",
    ),
    "job_runs": (
        "dat een taak van de klok is gedaan",
        "zo draait geen taak twee keer; er staat geen persoon in",
    ),
    "messages": (
        "dat iemand een bericht kreeg, van welke soort, en wanneer het aankwam of is opgegeven",
        "of een bericht aankwam wordt snel gevraagd; er wordt geen tekst bewaard",
    ),
    "reminders": (
        "dat een reservering, een verblijf of een telling op iemand wachtte",
        "langer dan het ding zelf wacht, zodat niets twee keer wordt gezegd",
    ),
    "daily_runs": (
        "dat het werk van een dag is gedaan",
        "wat is overgeslagen wordt na een pauze ingehaald; er staat geen persoon in",
    ),
    "webhooks": (
        "welke software wat te horen krijgt, met het versleutelde geheim",
        "zolang die iets te horen krijgt, en daarna uitgezet; het logboek noemt wie hem maakte",
    ),
    "capacity_reports": (
        "wat opvangen over hun kamers meldden",
        "aantallen, geen personen; de database weigert wijzigen en wissen, want de bezetting wordt eruit berekend",
    ),
    "daily_reports": (
        "het capaciteitsrapport van elke dag, met de rijen waaruit het is gemaakt",
        "aantallen, codes en duren zonder verwijzing; de database weigert er een te wijzigen of te wissen",
    ),
    "shelters": (
        "opvangen, hun plaatsen, profielen en versleutelde adressen",
        "zolang de opvang meedoet; niets van een persoon",
    ),
    "accounts": (
        "wie binnen mag komen, van welke organisatie, met de vingerafdrukken van de herstelcodes",
        "het logboek noemt een account vijf jaar bij zijn kenmerk; het wordt uitgezet als iemand vertrekt",
    ),
    "data_keys": (
        "dat een sleutel is gemaakt en vernietigd, zonder de sleutel",
        "het bewijs dat inhoud onleesbaar is",
    ),
    "placements": (
        "wie waar is voorgesteld, vastgehouden en gehuisvest, als kenmerken en codes, zonder teksten",
        "cijfers van het register; als haar inhoud is gewist zegt niets in deze dienst nog wie een kenmerk was",
    ),
    "audit_lines": (
        "het logboek van wie wat deed en las",
        f"ten minste vijf jaar ({_NEN}); elke regel bewijst de vorige, dus wordt het alleen aan het begin korter",
    ),
}
"""By the name of a kind: what it is, and why it is kept as long as it is."""


def in_words(kind: Kind, language: Language) -> tuple[str, str, str]:
    """What it is, since which event it is kept, and why so long. Raises `KeyError` for a kind without words."""
    if language == "en":
        return kind.what, kind.since, kind.why
    what, why = _DUTCH[kind.name]
    return what, _SINCE[kind.since], why
