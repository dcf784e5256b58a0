"""The rendering of templates in the reader's language, with filters and functions."""

from datetime import date, datetime, timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Literal

import jinja2
from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from api.pages.case_words import brief_words, case_words, held_words, person
from api.pages.event_words import event_words
from api.pages.fact_fields import FIELDS, PROFILE_FIELDS, ticked, told
from api.pages.faults import message_of
from api.pages.map import outline
from api.pages.natural_order import by_name
from api.pages.style_sheet import THEME
from placement.core import clock, practice_mode, telephone, version
from placement.core.codes import Region, Role
from placement.core.reason_codes import BREAKS_OFF, Step, find_reason, reasons_for
from placement.text.catalogue import Language, languages, translate, translations
from placement.text.days import shown_day
from placement.text.guidance import RULES, help_on
from placement.text.labels import KINDS, label, trouble_in_words
from placement.text.languages import own_name
from placement.text.rule_names import rule_name

_TEMPLATES = Path(__file__).parents[1] / "templates" / "pages"


def text_of(template: str, language: Language, **shown: object) -> str:
    return _environment(language).get_template(template).render(language=language, **shown)


@cache
def _environment(language: Language) -> jinja2.Environment:
    """Returns the template environment of a language. Cached, because it caches compiled templates."""
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
        "last_day": lambda limit: limit and _day(limit) - timedelta(days=1),
        "near_day": lambda value: format_date(_day(value), "EEE d MMM", locale=locale) if value else "",
        "weekday": lambda value: format_date(value, "EEE", locale=locale),
        "typed_day": shown_day,
        "moment": lambda value: _on_a_day(_moment(value), locale) if value else "",
        "time": lambda value: format_datetime(_moment(value), _clock_of(_moment(value)), clock.AMSTERDAM, locale),
        "iso": lambda value: _moment(value).isoformat() if value else "",
        "number": lambda value: format_decimal(value, locale=locale),
        "short": lambda value: format_decimal(float(f"{value:.2g}"), locale=locale),
        "ago": lambda value: _ago(_moment(value), locale),
        "lasting": lambda value: _lasting(_moment(value), locale),
        "minutes_since": lambda value: max(0, (clock.now() - _moment(value)) // timedelta(minutes=1)),
        "duration": lambda value: format_timedelta(value, granularity="minute", threshold=inf, locale=locale),
        "soon": lambda value: _soon(_moment(value), locale) if value else "",
        "past": lambda value: _moment(value) <= clock.now(),
        "word": lambda code, kind: translate(kind, code, language),
        "event": lambda code: event_words(code, language),
        "named": lambda one: one.name(language),
        "done": lambda done: translate("done", done["code"], language, **done["facts"]),
        "word_in": lambda code, kind, other: translate(kind, code, other),
        "rule": lambda code: rule_name(code, language),
        "reason": lambda code: _reason(code, language),
        "refusal": lambda one: message_of(one.code, one.facts, language),
        "telephone": telephone.shown,
        "dialled": telephone.dialled,
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
        "service_version": version.shown(),
        "has_theme": THEME.is_file(),
        "practice_ahead": lambda: round((clock.now() - clock.real_now()).total_seconds()),
        "practised_at": lambda: clock.now() if practice_mode.is_practice() else None,
        "offered_languages": {code: str(Locale(code).get_display_name(code)).capitalize() for code in languages()},
        "explained_rules": frozenset(rule.code for rule in RULES),
        "people": [(role.value, label("Role", role, language)) for role in Role if role.is_person],
        "outline": outline(),
        "fact_fields": FIELDS,
        "told": told,
        "ticked": ticked,
        "profile_fields": PROFILE_FIELDS,
        "choices": lambda kind: [(str(code.value), label(kind, code, language)) for code in KINDS[kind]],
        "breaks_off": BREAKS_OFF,
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
    """Returns a duration in minutes, hours or days. `placement.js` updates it in the same form."""
    return _whole(max(clock.now() - since, timedelta(0)), locale)


def _ago(at: datetime, locale: Locale) -> str:
    """Returns how long ago a moment was or how long it is still ahead, with the same number as `lasting`."""
    between = at - clock.now()
    return _whole(abs(between), locale, sign=1 if between > timedelta(0) else -1)


def _whole(time: timedelta, locale: Locale, sign: int = 0) -> str:
    """Returns the whole minutes, hours or days of a time. `sign`: 1 for a time ahead, -1 for a time ago."""
    unit: Literal["minute", "hour", "day"] = (
        "minute" if time < timedelta(hours=1) else "hour" if time < timedelta(days=1) else "day"
    )
    whole = time // timedelta(**{f"{unit}s": 1}) * timedelta(**{f"{unit}s": 1})
    return format_timedelta(
        whole * (sign or 1), granularity=unit, threshold=inf, locale=locale, add_direction=sign != 0
    )


_NEAR = 3
"""Within this number of days before or after today, a day is named by its weekday alone."""
_SAME_YEAR = timedelta(days=180)


def _soon(moment: datetime, locale: Locale) -> str:
    """Returns a time with its weekday if the day is near, otherwise with its date."""
    days = (clock.day_of(moment) - clock.day_of(clock.now())).days
    if abs(days) <= _NEAR:
        return format_datetime(moment, f"EEE {_clock_of(moment)}", clock.AMSTERDAM, locale)
    return _on_a_day(moment, locale)


def _on_a_day(moment: datetime, locale: Locale) -> str:
    """Returns a time with its date, and with the year if necessary."""
    far = abs(moment - clock.now()) > _SAME_YEAR
    return format_datetime(moment, f"EEE d MMM {'y ' if far else ''}{_clock_of(moment)}", clock.AMSTERDAM, locale)


def _clock_of(moment: datetime) -> str:
    """Returns the format of a time. The format has a time zone only in the night at the end of summer time."""
    shown = moment.astimezone(clock.AMSTERDAM)
    is_twice = shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset()
    return "HH:mm zzzz" if is_twice else "HH:mm"


def _reason(code: str, language: Language) -> str:
    return translate("reason", code, language) if find_reason(code) else code


def _day(value: str | date) -> date:
    """Returns a day. A time becomes its day in Amsterdam."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return clock.day_of(_moment(value))
    return date.fromisoformat(value) if isinstance(value, str) else value


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
