"""Rendering of pages: one template in a common frame, in the reader's language, with errors next to their fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import jinja2
from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from litestar import MediaType, Request, Response
from litestar.response import Redirect
from pydantic import BaseModel, ValidationError

from api.http.context import Acts, Output
from api.http.cookies import session_secret_of
from api.http.problems import fault_of, status_of
from api.http.refusal_log import REFUSED, Refusal
from api.pages import theme
from api.pages.by_name import by_name
from api.pages.case_words import brief_words, case_words, held_words, person
from api.pages.fact_fields import FIELDS, PROFILE_FIELDS, told
from api.pages.faults import Faults, faults_of, message_of
from api.pages.forms import Form
from api.pages.kept import keep, kept
from api.pages.map import outline
from api.pages.translation import reader_language
from placement.access.permissions import WITHOUT_PASSKEY, Permission
from placement.accounts import sessions
from placement.core import clock, telephone
from placement.core.codes import Region, Role
from placement.core.context import Act, Actor, Factor
from placement.core.errors import Fault, Invalid, PlacementError
from placement.core.ids import new_secret
from placement.core.reason_codes import Step, find_reason, reasons_for
from placement.text.catalogue import Language, languages, translate, translations
from placement.text.days import Typed, days_meant, shown_day
from placement.text.guidance import RULES, help_on
from placement.text.labels import KINDS, label, trouble_in_words
from placement.text.languages import own_name
from placement.text.rule_names import rule_name

Page = Request[Actor, Any, Any]
"""A request for a page."""
Reply = Response[Any]
"""A page, or a redirect to one."""
Model = TypeVar("Model", bound=BaseModel)
SEE_OTHER: Literal[303] = 303
UNDO, SAVED = "undo", "saved"
UNDO_FOR = timedelta(seconds=10)
ON_THE_WAY = timedelta(seconds=5)
"""How much later than offered an undo still counts: the page has to come, and the answer to go."""

_TEMPLATES = Path(__file__).parents[1] / "templates" / "pages"

Entry = tuple[str, str, Permission]
NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Placing",
        (
            ("/", "Today", Permission.REGISTRATIONS_READ),
            ("/registrations", "Registrations", Permission.REGISTRATIONS_READ),
            ("/places", "Places", Permission.COUNTRY_READ),
            ("/capacity", "My rooms", Permission.CAPACITY_REPORT),
            ("/holds", "Holds", Permission.HOLD_READ),
            ("/stays", "Stays", Permission.STAY_READ),
        ),
    ),
    (
        "Overview",
        (
            ("/country", "Country", Permission.COUNTRY_READ),
            ("/shelters", "Shelters", Permission.REGISTER_READ),
            ("/reports", "Report", Permission.REPORTS_READ),
            ("/on-call", "On call", Permission.ON_CALL_READ),
        ),
    ),
    (
        "Oversight",
        (
            ("/log", "Log", Permission.AUDIT_READ),
            ("/review", "Review", Permission.REVIEW_READ),
            ("/retention", "Retention", Permission.RETENTION_READ),
        ),
    ),
    (
        "Running the service",
        (
            ("/accounts", "Accounts", Permission.ACCOUNT_READ),
            ("/set-up", "Set up", Permission.ACCOUNT_READ),  # others are led there by their first page, and by the help
            ("/settings", "Settings", Permission.POLICY_READ),
            ("/encryption-keys", "Keys", Permission.ENCRYPTION_KEYS_READ),
            ("/messages", "Messages", Permission.MESSAGES_READ),
            ("/webhooks", "Webhooks", Permission.WEBHOOKS_READ),
        ),
    ),
)
ABOUT_ME: tuple[Entry, ...] = (
    ("/help", "Help", Permission.SESSION_READ),
    ("/account", "Account", Permission.SESSION_READ),
)
"""Address, text, and required permission: grouped as a phone shows them; and the entries shown apart."""

_WEB = {"http:", "https:"}


class FormShown(NamedTuple):
    """What a form of a page with several shows: its faults, and what was typed, where it is the one that was sent."""

    faults: Faults
    filled: Form | None


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a form is shown again: its errors by field, the message above it, and what was typed."""

    status: int
    faults: Faults
    message: str
    typed: Form | None = None


def page(
    request: Page,
    template: str,
    view: object = None,
    wrong: Wrong | None = None,
    *,
    status: int = 200,
    filled: Form | None = None,
    **more: object,
) -> Response[str]:
    """Renders a template. All pages share the frame, and browsers never store them.

    `view`: the read model of the page, a dataclass: the template has its fields by name, beside what is in `more`.
    `filled`: what the form has. `wrong`: of one that is shown again, with what was typed instead. Where a page has
    several, the template asks by `refused` for that of the form with this action: the others stay as they are.
    """
    faults, none = wrong.faults if wrong else Faults({}), FormShown(Faults({}), None)
    filled = (wrong.typed if wrong else None) or filled
    language = reader_language(request)
    actor: Actor | None = request.scope.get("user")
    secret = session_secret_of(request) if actor else None
    saved = actor is not None and not wrong and bool(kept(request, SAVED))
    text = text_of(
        template,
        language,
        path=request.url.path,
        shown_at=_shown_at(request),
        actor=actor,
        navigation=[(name, found) for name, entries in NAVIGATION if (found := _seen_by(actor, entries))],
        about_me=_seen_by(actor, ABOUT_ME),
        may_search=actor is not None and _may_go(actor, Permission.REGISTRATION_SEARCH),
        new_key=lambda: new_secret("plf"),
        **{
            "csrf_token": sessions.csrf_token_of(secret) if secret else "",
            "may": lambda name: actor is not None and Permission[name].is_of(actor),
            "sso": request.app.state.settings.sso is not None,
            "faults": faults,
            "refused": lambda action: FormShown(faults, filled) if request.url.path == action else none,
            "wrong": wrong.message if wrong else None,
            "undo_until": _undo_until(request) if actor else None,
            "saved": saved,
            "filled": filled,
            "ring": getattr(request.state, "ring", None) or request.app.state.desk_numbers.latest(),
            **({} if view is None else {one.name: getattr(view, one.name) for one in fields(view)}),  # type: ignore[arg-type]  # a dataclass
            **more,
        },
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    answer = Response(text, media_type=MediaType.HTML, status_code=wrong.status if wrong else status, headers=headers)
    if saved:
        keep(request, answer, SAVED, None)
    return answer


def _shown_at(request: Page) -> str:
    """The address of the page; where a form is answered by one, that of the page that the form was on."""
    before, ours, path = request.headers.get("referer", "").partition(f"//{request.headers.get('host')}/")
    return f"/{path.partition('?')[0]}" if ours and before in _WEB and request.method != "GET" else request.url.path


def text_of(template: str, language: Language, **shown: Any) -> str:
    return _environment(language).get_template(template).render(language=language, **shown)


def _seen_by(actor: Actor | None, entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    return [(to, words) for to, words, permission in entries if actor and _may_go(actor, permission)]


def _may_go(actor: Actor, permission: Permission) -> bool:
    return actor.role in permission.reach and (actor.factor is not Factor.MISSING or permission in WITHOUT_PASSKEY)


def offer_undo(request: Page, answer: Reply, kind: str, was: object, *, subject: str = "", version: int = 0) -> None:
    """The next page offers to put back what was, for ten seconds (`undo.py`); an answer that refuses offers nothing."""
    if answer.status_code == SEE_OTHER and was:
        until = (clock.now() + UNDO_FOR).isoformat()
        value = {"kind": kind, "subject": subject, "was": was, "version": version, "until": until}
        keep(request, answer, UNDO, value, int((UNDO_FOR + ON_THE_WAY).total_seconds()))


def _undo_until(request: Page) -> datetime | None:
    """Until when the newest act can be undone, while it can."""
    offered = kept(request, UNDO)
    until = datetime.fromisoformat(offered["until"]) if offered else None
    return until if until and until > clock.now() else None


def go(to: str) -> Reply:
    """Redirect after a form, so that a reload does not send it again."""
    return Redirect(to, status_code=SEE_OTHER)


def given(model: type[Model], facts: Mapping[str, object]) -> Model:
    """Validates form fields with the API's input model. Raises `Invalid`, naming every invalid field."""
    try:
        return model.model_validate(dict(facts))
    except ValidationError as error:
        raise Invalid([_day_fault(facts, one) or fault_of(one) for one in error.errors()]) from error


def _day_fault(facts: Mapping[str, object], found: Mapping[str, Any]) -> Fault | None:
    """Of what was typed as a day and is none, or could be two, with the days that may be meant."""
    written: Any = facts
    for step in found["loc"]:
        known = (isinstance(written, list) and isinstance(step, int)) or (
            isinstance(written, Mapping) and step in written
        )
        written = written[step] if known else None
    if not isinstance(written, Typed):
        return None
    field, meant = fault_of(found).field, days_meant(written, clock.day_of(clock.now()))
    if not meant:
        return Fault(field, "form_day_unknown", {"found": str(written)})
    return Fault(field, "form_day_meant", {"found": str(written), "allowed": meant})


def done(request: Page, do: Callable[[], str], show: Callable[[Wrong], Reply], typed: Form | None = None) -> Reply:
    """Executes a form and redirects to the result; if it is refused, shows the same page with the errors."""
    try:
        answer = go(do())
    except PlacementError as error:
        return again(request, error, show, typed)
    keep(request, answer, UNDO, None)  # what was offered before was of an earlier act
    return answer


def sent(
    request: Page, do: Callable[[], object], to: str, show: Callable[[Wrong], Reply], typed: Form | None = None
) -> Reply:
    """As `done`, where it is known before to where the form leads: often the same page, so the next one says it."""

    def there() -> str:
        do()
        return to

    answer = done(request, there, show, typed)
    if answer.status_code == SEE_OTHER:
        keep(request, answer, SAVED, True, int(ON_THE_WAY.total_seconds()))
    return answer


def acted(
    request: Page, acts: Acts, do: Callable[[Act], Output], to: str, show: Callable[..., Reply], *of: str
) -> Reply:
    """As `sent`, where nothing is taken from the form. `show`: of request, acts, `of` and what is wrong."""
    return sent(request, lambda: acts.write(do), to, lambda wrong: show(request, acts, *of, wrong))


def again(request: Page, error: PlacementError, show: Callable[[Wrong], Reply], typed: Form | None = None) -> Reply:
    """The same page with errors next to their fields, and the typed values; a refusal writes an audit event."""
    language = reader_language(request)
    faults = faults_of(error, language)
    answer = show(Wrong(status_of(error), faults, message_of(error.code, error.facts, language), typed))
    return Refusal(answer, error) if isinstance(error, REFUSED) else answer


@cache
def _environment(language: Language) -> jinja2.Environment:
    """One environment per language, with its own filters; caches compiled templates."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # of the extension
    locale = Locale(language)
    environment.filters |= {
        "day": lambda value: format_date(_day(value), "d MMM y", locale=locale) if value else "",
        "typed_day": shown_day,
        "moment": lambda value: _on_a_day(_moment(value), locale) if value else "",
        "iso": lambda value: _moment(value).isoformat() if value else "",
        "number": lambda value: format_decimal(value, locale=locale),
        "short": lambda value: format_decimal(float(f"{value:.2g}"), locale=locale),
        "ago": lambda value: format_timedelta(_moment(value) - clock.now(), add_direction=True, locale=locale),
        "lasting": lambda value: _lasting(_moment(value), locale),
        "soon": lambda value: _soon(_moment(value), locale) if value else "",
        "past": lambda value: _moment(value) <= clock.now(),
        "word": lambda code, kind: translate(kind, code, language),
        "named": lambda one: one.name(language),
        "word_in": lambda code, kind, other: translate(kind, code, other),
        "rule": lambda code: rule_name(code, language),
        "reason": lambda code: _reason(code, language),
        "telephone": telephone.shown,
        "trouble": lambda code: trouble_in_words(code, language),
        "kinds_in_words": lambda kinds: [(kind.value, label("MessageKind", kind, language)) for kind in kinds],
        "area": jinja2.pass_context(
            lambda page, code: dict(page.get("areas") or ()).get(
                code, label("Region", code, language) if code in set(Region) else code
            )
        ),
        "by_name": by_name,
        "case": case_words,
        "person": lambda one: person(one, language),
        "brief": lambda one: brief_words(one, language),
        "held_brief": lambda held: held_words(held, language),
        "own_name": own_name,
        "tongue": lambda code: locale.languages.get(code.replace("-", "_"), code),
    }
    environment.globals |= {
        "help_on": help_on,
        "has_theme": theme.accepted() is not None,
        "offered_languages": {code: str(Locale(code).get_display_name(code)).capitalize() for code in languages()},
        "explained_rules": frozenset(rule.code for rule in RULES),
        "people": [(role.value, label("Role", role, language)) for role in Role if role.is_person],
        "outline": outline(),
        "fact_fields": FIELDS,
        "told": told,
        "profile_fields": PROFILE_FIELDS,
        "choices": lambda kind: [(str(code.value), label(kind, code, language)) for code in KINDS[kind]],
        "known_reasons": lambda step: [(reason.code, _reason(reason.code, language)) for reason in reasons_for(step)],
        "reason_choices": lambda reasons, step: [(one.code, one.words) for one in reasons if step in one.steps],
        "reasons_with_effect": lambda reasons, step: [
            (one.code, one.words, one.effect if step != Step.CLOSE else None) for one in reasons if step in one.steps
        ],
        "tongues": lambda: sorted(
            ((code, name) for code, name in locale.languages.items() if "_" not in code), key=lambda one: one[1].lower()
        ),
    }
    return environment


def _lasting(since: datetime, locale: Locale) -> str:
    """The duration, in the format in which `placement.js` updates it: minutes, then hours, then days."""
    lasted = max(clock.now() - since, timedelta(0))
    unit: Literal["minute", "hour", "day"] = (
        "minute" if lasted < timedelta(hours=1) else "hour" if lasted < timedelta(days=1) else "day"
    )
    whole = lasted // timedelta(**{f"{unit}s": 1}) * timedelta(**{f"{unit}s": 1})
    return format_timedelta(whole, granularity=unit, threshold=inf, locale=locale)


_NEAR = 3
"""So many days before and after today each day of the week comes once."""
_SAME_YEAR = timedelta(days=180)


def _soon(moment: datetime, locale: Locale) -> str:
    """A day of the week, where only one can be meant."""
    days = (clock.day_of(moment) - clock.day_of(clock.now())).days
    if abs(days) <= _NEAR:
        return format_datetime(moment, f"EEE {_clock_of(moment)}", clock.AMSTERDAM, locale)
    return _on_a_day(moment, locale)


def _on_a_day(moment: datetime, locale: Locale) -> str:
    """With its year where it is so far away that the day could be taken for one of another year."""
    far = abs(moment - clock.now()) > _SAME_YEAR
    return format_datetime(moment, f"EEE d MMM {'y ' if far else ''}{_clock_of(moment)}", clock.AMSTERDAM, locale)


def _clock_of(moment: datetime) -> str:
    """The time; in the night in which the clock shows an hour twice, with the name of which it is."""
    shown = moment.astimezone(clock.AMSTERDAM)
    is_twice = shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset()
    return "HH:mm zzzz" if is_twice else "HH:mm"


def _reason(code: str, language: Language) -> str:
    return translate("reason", code, language) if find_reason(code) else code


def _day(value: str | date) -> date:
    """The day in Amsterdam, of a moment too."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return clock.day_of(_moment(value))
    return date.fromisoformat(value) if isinstance(value, str) else value


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
