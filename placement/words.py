"""Every sentence that the service says about what is wrong, in Dutch and English. `{name}`: a fact of the fault."""

from collections.abc import Mapping
from typing import Any

from placement.labels import label
from placement.languages import LANGUAGES, Language

__all__ = ["LANGUAGES", "Language", "known_codes", "say"]

_MESSAGES: dict[str, tuple[str, str]] = {
    # who, and whether
    "not_found": ("Dit bestaat niet, of het is niet van u.", "This does not exist, or it is not yours."),
    "key_refused": ("Deze sleutel is onbekend, verlopen of ingetrokken.", "This key is unknown, expired or revoked."),
    "token_refused": ("Het token ontbreekt, is verlopen of onbekend. Vraag een nieuw op met POST /api/v1/token.", "The token is missing, expired or unknown. Get a new one with POST /api/v1/token."),
    "role_may_not": ("Met uw rol mag dit niet ({permission}).", "Your role may not do this ({permission})."),
    "route_is_shut": ("Deze route is voor niemand open.", "This route is open to nobody."),
    "key_may_not": ("Deze sleutel heeft het bereik ‘{scope}’ niet.", "This key does not have the scope '{scope}'."),
    "session_refused": ("U bent niet aangemeld, of niet meer. Meld u opnieuw aan.", "You are not signed in, or no longer. Sign in again."),
    "sign_in_refused": ("Aanmelden is niet gelukt: het e-mailadres, het wachtwoord of de code klopt niet. Begin opnieuw.", "Signing in failed: the e-mail address, the password or the code is not right. Begin again."),
    "sign_in_needed": ("Dit kan niet met een sleutel. Meld u aan met uw wachtwoord en code.", "This cannot be done with a key. Sign in with your password and code."),
    "sso_not_offered": ("Aanmelden via uw organisatie is hier niet ingesteld.", "Signing in by your organisation is not set up here."),
    "sso_refused": ("Aanmelden via uw organisatie is niet gelukt. Begin opnieuw, of vraag uw beheerder.", "Signing in by your organisation failed. Begin again, or ask your admin."),
    "sso_unreachable": ("Het aanmeldpunt van uw organisatie antwoordt niet. Probeer het zo opnieuw.", "Your organisation's sign-in does not answer. Try again in a moment."),
    "invitation_refused": ("Deze uitnodiging is onbekend, gebruikt of verlopen. Vraag een nieuwe.", "This invitation is unknown, used or expired. Ask for a new one."),
    "csrf_refused": ("Stuur X-CSRF-Token mee: de csrf_token uit GET /api/v1/session.", "Send X-CSRF-Token along: the csrf_token of GET /api/v1/session."),
    "second_factor_needed": ("Geef eerst opnieuw uw code: POST /api/v1/session/second-factor. Die geldt kort.", "Give your code again first: POST /api/v1/session/second-factor. It counts for a short while."),
    "reason_needed": ("Deze aanmelding heeft een zorgcoördinator. Zeg eerst waarom u haar opent: POST /api/v1/registrations/{{id}}/opening.", "This registration has a care coordinator. Say first why you open it: POST /api/v1/registrations/{{id}}/opening."),
    "desk_finds_place": ("Zij mag niet op één plaats komen met iemand uit een andere regio. De plaatsingsdesk zoekt haar plaats: bel de desk.", "She must be kept apart from somebody of another region. The placement desk finds the place: ring it."),
    "one_place_shown": ("Van dit voorstel ziet u alleen de voorgestelde plaats. Vraag een nieuw voorstel om een andere te kiezen.", "Of this proposal you see the proposed place only. Ask for a new proposal to choose another."),
    "case_is_open": ("Deze aanmelding is al voor u open.", "This registration is open to you already."),
    "address_not_shown": ("Het adres is er alleen van bevestiging tot het einde van het verblijf; de reservering heeft de status ‘{status}’, het verblijf ‘{stay}’.", "The address is shown from confirmation to the end of the stay only; the hold has the status '{status}', the stay '{stay}'."),
    "desk_has_not_agreed": ("De plaatsingsdesk heeft deze plaatsing niet bevestigd. Vraag de desk naar het adres.", "The placement desk has not agreed with this placement. Ask the desk for the address."),
    "address_unknown": ("Van deze locatie is geen adres bekend. Bel de opvang.", "No address is known of this location. Telephone the shelter."),
    "host_unknown": ("Deze dienst heeft die naam niet. Controleer het adres.", "This service does not have that name. Check the address."),
    "too_many_tries": ("Te vaak geprobeerd. Wacht {seconds} seconden.", "Tried too often. Wait {seconds} seconds."),
    "account_exists": ("Er is al een account met dit e-mailadres. Nodig die persoon opnieuw uit bij het account.", "There is an account with this e-mail address. Invite that person again at the account."),
    "account_without_organisation": ("Dit account heeft nog geen organisatie. Geef het die eerst.", "This account has no organisation yet. Give it one first."),
    "second_admin_needed": ("U hebt dit zelf gevraagd: een andere beheerder moet het goedkeuren.", "You asked for this yourself: another admin must grant it."),
    "second_admin_let_in": ("U en wie dit vroeg tellen niet als twee: de een heeft de toegang van de ander gevraagd. Vraag een derde beheerder.", "You and who asked do not count as two: one asked for the other's access. Ask a third admin."),
    "asking_settled": ("Dit is al goedgekeurd of ingetrokken, of het is verlopen.", "This was granted or withdrawn already, or it has lapsed."),
    "asker_is_no_admin": ("Wie dit vroeg, is geen beheerder meer. Vraag het zelf opnieuw.", "Who asked for this is no admin any more. Ask for it anew."),
    "webhook_without_address": ("Wie deze webhook maakte, is weg; het adres is gewist. Maak een nieuwe.", "Who made this webhook has left; its address is forgotten. Make another."),
    "not_oneself": ("Dit kunt u niet bij uzelf doen. Vraag een andere beheerder.", "You cannot do this to yourself. Ask another admin."),
    "organisation_exists": ("Deze opvang heeft al een organisatie.", "This shelter has an organisation already."),
    "write_without_read": ("Noem ook ‘read’: wie schrijft, leest in het antwoord wat er staat.", "Name 'read' too: whoever writes reads in the answer what is there."),
    "password_not_right": ("Dit is niet uw wachtwoord van nu.", "This is not your present password."),
    "password_first": ("Kies eerst een wachtwoord: POST /api/v1/invitations/password.", "Choose a password first: POST /api/v1/invitations/password."),
    # requests
    "invalid": ("Er klopt iets niet; zie ‘errors’. Er is niets opgeslagen.", "Something is not right; see 'errors'. Nothing was stored."),
    "form_invalid": ("Kijk naar wat hieronder is gemerkt. Er is niets opgeslagen.", "Look at what is marked below. Nothing was stored."),
    "not_chosen": ("Kies er een.", "Choose one."),
    "form_text_missing": ("Schrijf in woorden waarom.", "Write in words why."),
    "form_refused": ("Dit formulier hoort bij een vorige keer dat u was aangemeld. Laad de pagina opnieuw.", "This form belongs to an earlier time that you were signed in. Load the page again."),
    "malformed": ("Dit is geen geldige JSON.", "This is not valid JSON."),
    "malformed_cut_off": ("Deze JSON breekt af: het einde ontbreekt.", "This JSON breaks off: its end is missing."),
    "malformed_at": ("Dit is geen geldige JSON: er staat iets verkeerds bij byte {byte}.", "This is not valid JSON: something is wrong at byte {byte}."),
    "too_large": ("Het bericht is groter dan 1 MB.", "The message is larger than 1 MB."),
    "too_many_requests": ("Te veel verzoeken. Wacht even.", "Too many requests. Wait a moment."),
    "no_such_method": ("Deze methode kan hier niet.", "This method cannot be used here."),
    "not_acceptable": (
        "Dit is te krijgen als {offered}. Vraag daarom met `Accept`, of laat die weg.",
        "This can be had as {offered}. Ask for one of these with `Accept`, or leave it out.",
    ),
    "not_acceptable_body": ("Stuur JSON, met ‘Content-Type: application/json’.", "Send JSON, with 'Content-Type: application/json'."),
    "form_server_fault": ("Er ging bij ons iets mis. Er is niets opgeslagen. Ga terug en probeer het opnieuw.", "Something went wrong on our side. Nothing was stored. Go back and try again."),
    "server_fault": ("Er ging bij ons iets mis. Er is niets opgeslagen. Probeer het opnieuw met dezelfde Idempotency-Key.", "Something went wrong on our side. Nothing was stored. Try again with the same Idempotency-Key."),
    "busy": ("De dienst is even te druk. Probeer het zo opnieuw.", "The service is too busy just now. Try again in a moment."),
    "version_missing": ("Zeg met If-Match welke versie u wijzigt: de ETag van uw laatste GET.", "Say with If-Match which version you change: the ETag of your last GET."),
    "version_passed": ("Iemand was u voor: u wijzigt versie {given}, de nieuwste is {newest}. Haal die eerst op.", "Somebody was faster: you change version {given}, the newest is {newest}. Get that first."),
    "version_unreadable": ('If-Match moet de ETag van uw laatste GET zijn, zoals "3"; er staat: {given}.', 'If-Match must be the ETag of your last GET, such as "3"; it says: {given}.'),
    "key_used_otherwise": ("Deze Idempotency-Key hoort bij een ander verzoek. Gebruik een nieuwe.", "This Idempotency-Key belongs to another request. Use a new one."),
    "request_in_progress": ("Ditzelfde verzoek wordt nog verwerkt. Probeer het zo opnieuw.", "This same request is still being carried out. Try again in a moment."),
    # fields
    "missing": ("Dit veld ontbreekt.", "This field is missing."),
    "field_unknown": ("Dit veld bestaat niet; haal het weg.", "There is no such field; remove it."),
    "not_in_range": ("Dit moet een geheel getal van {ge} tot en met {le} zijn.", "This must be a whole number from {ge} to {le}."),
    "not_whole": ("Dit moet een geheel getal zijn.", "This must be a whole number."),
    "not_number": ("Dit moet een getal zijn.", "This must be a number."),
    "too_low": ("Dit moet {ge} of meer zijn.", "This must be {ge} or more."),
    "too_high": ("Dit moet {le} of minder zijn.", "This must be {le} or less."),
    "not_listed": ("Dit moet een van deze zijn: {expected}.", "This must be one of these: {expected}."),
    "not_a_code": ("Dit moet een code of id zijn: letters, cijfers en leestekens, zonder spaties.", "This must be a code or id: letters, digits and punctuation, without spaces."),
    "filter_unknown": ("Dit filter bestaat hier niet; wel: {allowed}.", "There is no such filter here; there are: {allowed}."),
    "not_text": ("Dit moet tekst zijn.", "This must be text."),
    "not_yes_or_no": ("Dit moet true of false zijn.", "This must be true or false."),
    "not_a_day": ("Dit moet een dag zijn, zoals 2026-11-24.", "This must be a day, such as 2026-11-24."),
    "not_a_moment": ("Dit moet een tijdstip met tijdzone zijn, zoals 2026-11-24T18:00:00+01:00.", "This must be a moment with its time zone, such as 2026-11-24T18:00:00+01:00."),
    "not_this_century": ("Dit moet in de jaren 2000 tot en met 2099 zijn.", "This must be in the years 2000 to 2099."),
    "not_a_list": ("Dit moet een lijst zijn.", "This must be a list."),
    "not_an_object": ("Dit moet een object zijn, met velden.", "This must be an object, with fields."),
    "too_few": ("Noem er minstens {min_length}.", "Name at least {min_length}."),
    "too_many": ("Noem er hoogstens {max_length}.", "Name at most {max_length}."),
    "empty": ("Vul dit in.", "Fill this in."),
    "text_too_short": ("Te kort; het kleinste aantal tekens is {min_length}.", "Too short; the least number of characters is {min_length}."),
    "text_too_long": ("Hoogstens {max_length} tekens.", "At most {max_length} characters."),
    "password_common": ("Dit wachtwoord is makkelijk te raden. Neem bijvoorbeeld vier willekeurige woorden.", "This password is easy to guess. Take four random words, for example."),
    "password_has_name": ("Het wachtwoord mag uw e-mailnaam niet bevatten.", "The password must not contain the name in your e-mail address."),
    "code_refused": ("Deze code klopt niet, of is al gebruikt. Wacht op de volgende code.", "This code is not right, or was used already. Wait for the next code."),
    "not_an_email": ("Dit moet een e-mailadres zijn.", "This must be an e-mail address."),
    "role_not_a_persons": ("Deze rol is niet van een persoon; kies uit: {expected}.", "This is not the role of a person; choose from: {expected}."),
    "organisation_does_not_fit": ("Wie {role} is, werkt bij een organisatie van deze soort: {expected}.", "Who is {role} works at an organisation of this kind: {expected}."),
    "regions_missing": ("Noem minstens één regio: de rol is coordinator.", "Name at least one region: the role is coordinator."),
    "regions_not_wanted": ("Alleen een coordinator heeft regio’s; laat dit leeg.", "Only a coordinator has regions; leave this empty."),
    "shelter_not_wanted": ("Alleen een organisatie van de soort shelter hoort bij een opvang.", "Only an organisation of the kind shelter belongs to a shelter."),
    "not_right": ("Deze waarde klopt niet.", "This value is not right."),
    "region_not_yours": ("Deze regio is niet van u; de uwe: {allowed}.", "This region is not yours; yours: {allowed}."),
    "language_unknown": ("Taal {found!r} bestaat niet; gebruik een code van BCP 47, zoals nl, en, ti.", "There is no language {found!r}; use a BCP 47 code, such as nl, en, ti."),
    "language_missing": ("Noem minstens één taal, of zeg dat een gedeelde taal niet nodig is (language_required: false).", "Name at least one language, or say that none need be shared (language_required: false)."),
    "no_language_chosen": ("Noem minstens één taal, of vink uit dat een gemeenschappelijke taal nodig is.", "Name at least one language, or untick that a common language is required."),
    "need_twice": ("{found} staat ook bij wat niet kan ontbreken; het is een eis of een wens.", "{found} is among what is required too; it is either required or preferred."),
    "place_unknown": ("Plaats {found!r} staat niet in de lijst; geef lat en lon.", "Place {found!r} is not in the list; give lat and lon."),
    "place_ambiguous": ("Er zijn meer plaatsen die {found!r} heten; noem er een: {allowed}.", "More than one place is called {found!r}; name one: {allowed}."),
    "place_or_point": ("Geef óf place (een Nederlandse plaats) óf lat en lon.", "Give either place (a Dutch place) or lat and lon."),
    "target_unknown": ("Geen {kind} met id {found!r}.", "No {kind} with id {found!r}."),
    "registration_unknown": ("Geen andere aanmelding met referentie {found!r}.", "No other registration with reference {found!r}."),
    "room_unknown": ("Kamer {room!r} is niet van deze opvang.", "Room {room!r} is not of this shelter."),
    "room_twice": ("Kamer {room!r} staat er twee keer.", "Room {room!r} stands twice."),
    "room_missing": ("Kamer {room!r} ontbreekt: meld alle kamers in één keer.", "Room {room!r} is missing: report all rooms in one call."),
    "room_needs_report": ("Over kamer {room!r} is nog nooit iets gemeld: meld eerst alle kamers.", "Nothing was ever reported of room {room!r}: report all rooms first."),
    "too_many_beds": ("{found} bedden kan niet: deze kamer heeft er {beds}.", "{found} beds cannot be: this room has {beds}."),
    "ages_reversed": ("min_age is hoger dan max_age.", "min_age is above max_age."),
    "boys_above_children": ("boys_max_age is hoger dan max_age.", "boys_max_age is above max_age."),
    "reason_missing": ("Kies een reden: {allowed}.", "Choose a reason: {allowed}."),
    "reason_unknown": ("Reden {found!r} kan hier niet; kies uit: {allowed}.", "Reason {found!r} cannot be given here; choose from: {allowed}."),
    "text_missing": ("Schrijf erbij waarom: de reden is {reason}.", "Write why: the reason is {reason}."),
    "review_missing": ("Geef de dag waarop dit opnieuw wordt bekeken; gebroken veiligheidsregels: {rules}.", "Give the day on which this will be looked at again; safety rules broken: {rules}."),
    "review_too_far": ("Hoogstens {days} dagen vooruit; dan kijkt iemand opnieuw.", "At most {days} days ahead; somebody looks again then."),
    "until_without_effect": ("Een dag hoort niet bij deze reden. Laat haar leeg, of kies ‘kamer buiten gebruik’ of ‘te weinig personeel’.", "A day does not go with this reason. Leave it empty, or choose 'room out of service' or 'too few staff'."),
    "day_passed": ("{found} is geen dag in de toekomst.", "{found} is not a day in the future."),
    "free_too_far_ahead": ("{found} is te ver weg; hoogstens {furthest}. Is een kamer zo lang dicht, meld de bedden dan buiten gebruik.", "{found} is too far ahead; at most {furthest}. Where a room is shut for so long, report its beds out of service."),
    "too_far_ahead": ("Hoogstens {days} dagen vooruit; wie later komt, wordt dan opnieuw geplaatst.", "At most {days} days ahead; who comes later is placed again then."),
    "moment_passed": ("Dit moment is voorbij.", "This moment has passed."),
    "bed_not_free_yet": ("Het bed is vrij vanaf {free_from}.", "The bed is free from {free_from} on."),
    "unit_unknown": ("Geen unit met id {found!r}.", "No unit with id {found!r}."),
    "unit_not_proposed": ("Voorgesteld is {proposed}; een andere unit kiest u met override.", "Proposed is {proposed}; choose another unit with override."),
    "unit_is_proposed": ("{found} is al voorgesteld; gebruik accept.", "{found} is what was proposed; use accept."),
    "weight_unknown": ("Dit gewicht bestaat niet.", "There is no such weight."),
    "weights_unchanged": ("Er is niets gewijzigd: dit zijn de gewichten die al gelden.", "Nothing is changed: these are the weights in force."),
    "weights_reversed": ("Dit mag niet meer zijn dan het gewicht erboven ({above}): wie dringender wacht, gaat voor.", "This must not be more than the weight above it ({above}): who waits more urgently goes first."),
    # states
    "registration_not_changeable": ("Deze aanmelding heeft de status ‘{status}’: alleen een concept of open aanmelding kan worden gewijzigd of gesloten.", "This registration has the status '{status}': only a draft or open one can be changed or closed."),
    "registration_not_open": ("Deze aanmelding heeft de status ‘{status}’; een plaats zoeken kan alleen voor een open aanmelding.", "This registration has the status '{status}'; only for an open one a place can be sought."),
    "content_unreadable": ("De sleutel van {owner} ontbreekt: gevaarpunten en andere geheimen daarvan zijn niet te lezen, en er wordt geen plaats gezocht. Vraag de beheerder de sleutel terug te zetten (placement keys missing).", "The key of {owner} is missing: its danger points and other secrets cannot be read, and no place is sought. Ask the admin to put the key back (placement keys missing)."),
    "decision_waits": ("Om {since} uur is al een plaats gekozen ({decision}): {status}, en het bed wordt vastgehouden tot {until} uur. Kijk bij dat besluit, of geef het bed eerst terug.", "A place was chosen at {since} already ({decision}): {status}, and the bed is kept until {until}. Look at that decision, or give the bed back first."),
    "content_erased": ("De bewaartermijn is voorbij: deze inhoud is gewist en niet terug te halen.", "Its time has passed: this content was erased and cannot be brought back."),
    "legal_hold_stands": ("Er geldt of wacht al een bewaarplicht ({status}).", "There is a legal hold already ({status})."),
    "legal_hold_not_waiting": ("Deze bewaarplicht is {status}: er valt niets toe te staan.", "This legal hold is {status}: there is nothing to grant."),
    "legal_hold_not_standing": ("Er geldt geen bewaarplicht die kan worden opgeheven.", "There is no legal hold that could be lifted."),
    "registration_changed": ("De aanmelding is intussen gewijzigd. Vraag een nieuw voorstel.", "The registration has been changed since. Ask for a new proposal."),
    "already_lifted": ("Dit was al opgeheven.", "This was lifted already."),
    "proposal_not_open": ("Dit voorstel heeft de status ‘{status}’; er kan niet meer over worden beslist. Vraag een nieuw voorstel.", "This proposal has the status '{status}'; it can no longer be decided on. Ask for a new proposal."),
    "proposal_decided": ("Iemand was u voor: over dit voorstel is net beslist. Haal het opnieuw op.", "Somebody was faster: this proposal has just been decided on. Get it again."),
    "nothing_proposed": ("Er is niets voorgesteld dat u kunt aannemen: nu kan niemand deze aanmelding plaatsen.", "Nothing was proposed that you can accept: nobody can take this registration now."),
    "situation_changed": ("De situatie is veranderd sinds het voorstel; nu breekt dit: {rules}. Vraag een nieuw voorstel.", "Things have changed since the proposal; now this breaks: {rules}. Ask for a new proposal."),
    "rooms_gone": ("Er is daar geen bed meer ({why}). Een bed dat er niet is, kan niemand geven. Vraag een nieuw voorstel.", "There is no bed there any more ({why}). Nobody can give a bed that is not there. Ask for a new proposal."),
    "bed_taken": ("Iemand was u voor: dit bed is net vergeven. Vraag een nieuw voorstel.", "Somebody was faster: this bed has just been given. Ask for a new proposal."),
    "decision_not_waiting": ("Deze beslissing heeft de status ‘{status}’ en wacht niet op de desk.", "This decision has the status '{status}' and does not wait for the desk."),
    "second_person_needed": ("Een tweede persoon moet dit bevestigen, niet wie besliste.", "A second person must confirm this, not the one who decided."),
    "about_yourself": ("Dit gaat over u, of over wie uw toegang vroeg: iemand anders moet het bekijken.", "This is about you, or about who asked for your access: somebody else must look at it."),
    "already_ticked": ("Iemand was u voor: dit is al afgevinkt.", "Somebody was faster: this was ticked off already."),
    "hold_expired": ("Deze reservering is om {at} uur verlopen; de aanmelding wacht weer op een voorstel.", "This hold expired at {at}; the registration waits for a proposal again."),
    "hold_not_open": ("Deze reservering heeft de status ‘{status}’ en wacht niet meer op antwoord.", "This hold has the status '{status}' and no longer waits for an answer."),
    "hold_not_confirmed": ("Deze reservering heeft de status ‘{status}’; alleen na bevestiging kan iemand aankomen.", "This hold has the status '{status}'; somebody can arrive after it was confirmed only."),
    "stay_not_planned": ("Dit verblijf heeft de status ‘{status}’.", "This stay has the status '{status}'."),
    "stay_not_in_house": ("Dit verblijf heeft de status ‘{status}’; alleen van wie er woont wordt gezegd wat haar ophoudt.", "This stay has the status '{status}'; what keeps somebody is said of those in house only."),
    "arrived_already": ("Zij is aangekomen; kies de reden waarom zij nu vertrekt.", "She has arrived; choose the reason why she leaves now."),
    # the daily report
    "report_to_come": ("Dit rapport komt nog: op {from_moment}, tijd in Nederland.", "This report is still to come: on {from_moment}, Dutch time."),
    "report_none_yet": ("Er is nog geen rapport; het eerste wordt om zeven uur ’s ochtends gemaakt.", "There is no report yet; the first one is made at seven in the morning."),
    "report_before_first": ("Van deze dag is er geen rapport; het eerste is van {first}.", "There is no report of that day; the first is of {first}."),
    "report_unchanged": ("Er is niets anders dan in het rapport staat.", "Nothing is otherwise than the report says."),
    "message_settled": ("Dit bericht is {status}: er valt niets opnieuw te proberen.", "This message is {status}: there is nothing to try again."),
    "webhooks_enough": ("Er zijn al {most} webhooks in gebruik. Zet er eerst een uit.", "There are {most} webhooks in use already. Disable one of them first."),
    "webhook_is_disabled": ("Deze webhook is uitgezet. Zet hem eerst weer aan.", "This webhook is disabled. Enable it first."),
    "not_an_https_address": ("Dit moet een adres zijn dat met https:// begint, zonder naam, wachtwoord of #.", "This must be an address that begins with https://, without a name, password or #."),
    "subscription_unknown": ("Deze link hoort bij geen abonnement. Meld u aan om het te wijzigen.", "This link belongs to no subscription. Sign in to change it."),
    "stay_ended": ("Dit verblijf is al beëindigd.", "This stay has ended already."),
}  # fmt: skip

_KINDS = {
    "registration_not_changeable": {"status": "RegistrationStatus"},
    "registration_not_open": {"status": "RegistrationStatus"},
    "proposal_not_open": {"status": "ProposalStatus"},
    "decision_not_waiting": {"status": "DecisionStatus"},
    "decision_waits": {"status": "DecisionStatus"},
    "hold_not_open": {"status": "HoldStatus"},
    "hold_not_confirmed": {"status": "HoldStatus"},
    "address_not_shown": {"status": "HoldStatus", "stay": "StayStatus"},
    "stay_not_planned": {"status": "StayStatus"},
    "stay_not_in_house": {"status": "StayStatus"},
    "region_not_yours": {"allowed": "Region"},
    "need_twice": {"found": "Specialism"},
    "rooms_gone": {"why": "RoomsLack"},
}
"""Facts that are codes of a list with labels, or `-` for none: a sentence says the label."""

_NO_SCHEME = {"nl": "{nl} Grond: {ground}.", "en": "{en} Ground: {ground}."}


def say(code: str, facts: Mapping[str, Any], language: Language) -> str:
    """The sentence for a code, in this language. A code without words is a fault of ours: KeyError."""
    if code == "no_scheme_open":  # the entitlement brings its own words
        return _NO_SCHEME[language].format(**facts)
    words = _MESSAGES[code][LANGUAGES.index(language)]
    kinds = _KINDS.get(code, {})
    return words.format(**{name: _shown(value, kinds.get(name), language) for name, value in facts.items()})


def known_codes() -> frozenset[str]:
    return frozenset({*_MESSAGES, "no_scheme_open"})


def _shown(value: Any, kind: str | None, language: Language) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(_shown(one, kind, language)) for one in value)
    return value if kind is None or value == "-" else label(kind, value, language)
