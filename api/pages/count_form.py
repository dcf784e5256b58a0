"""The fields of a count record, their choices, and the records or cases that can fill them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from babel import Locale

from api.http.context import Output
from api.pages.form_results import given
from api.pages.forms import Form
from api.pages.input_values import values_of
from api.v1.count_records import CountRecordIn
from api.v1.registrations import RegistrationOut
from placement.access.permissions import Permission
from placement.areas.lookup import registrant_units
from placement.core.codes import AgeGroup
from placement.core.context import Act
from placement.core.count_codes import NO_SECTOR, UNKNOWN, CountFile, CountList
from placement.core.errors import Invalid
from placement.counts.code_lists import code_lists
from placement.registrants.senders import sender_of
from placement.registrations.entitlement import ADULT
from placement.text.catalogue import Language, translate

Options = list[tuple[str, str]]
COUNT = "count"
"""The prefix of the count record's fields on the page of a registration."""
_AGES = ((12, "0-11"), (18, "12-17"), (24, "18-23"), (30, "24-29"), (40, "30-39"), (50, "40-49"))


@dataclass(frozen=True, slots=True)
class CountChoices:
    """The choices of a form. `lists`: this month's codes with their texts. `month`: this month."""

    lists: Mapping[str, Options]
    units: Options
    month: str
    names_reporter: bool
    """True if the sender types who reported; false for a registrant, who reports for a unit."""


def count_choices(act: Act, language: Language) -> CountChoices:
    """Returns the choices of the form. A registrant chooses among the units of their own organisation."""
    month = act.day.replace(day=1)
    own = Permission.SENT_SEND.is_of(act.actor)
    units = sender_of(act).units if own else registrant_units(act.session, act.day)
    return CountChoices(
        lists={name: _options(name, month, language) for name in CountList},
        units=sorted(((code, place.value.name) for code, place in units.items()), key=lambda one: one[1]),
        month=f"{month:%Y-%m}",
        names_reporter=not own,
    )


def words_of(of_list: str, code: str, language: Language) -> str:
    """Returns the text of a code. For a country, returns its name in CLDR."""
    if of_list == CountList.COUNTRY:
        names = Locale(language).territories
        return names.get(code, code) if code != UNKNOWN else translate("count.gender", UNKNOWN, language)
    return translate(f"count.{of_list}", code, language)


def _options(of_list: CountList, month: date, language: Language) -> Options:
    codes = [code.code for code in code_lists()[of_list].of_month(month)]
    if of_list is CountList.SECTOR:
        codes = [NO_SECTOR, *codes]
    found = [(code, words_of(of_list, code, language)) for code in codes]
    return sorted(found, key=lambda one: (one[0] == UNKNOWN, one[1])) if of_list is CountList.COUNTRY else found


def filled_by(one: Output) -> Form:
    """Returns a form filled with the facts of a record."""
    fields: list[tuple[str, str]] = []
    for name, value in one.model_dump(mode="json").items():
        if isinstance(value, list):
            fields += [(name, str(code)) for code in value]
        elif isinstance(value, bool):
            fields += [(name, "yes")] if value else []
        elif value is not None:
            fields.append((name, str(value)[:7] if name == "month" else str(value)))
    return Form(fields)


def count_in(form: Form) -> CountRecordIn | None:
    """Returns the count record in the form of a registration; `None` if no form of exploitation was chosen."""
    part = form.part(COUNT)
    if not part.get("exploitation"):
        return None
    with faults_within(COUNT):
        return given(CountRecordIn, values_of(CountRecordIn, part))


@contextmanager
def faults_within(part: str) -> Iterator[None]:
    """Adds the prefix of a part of the form to the fields of faults."""
    try:
        yield
    except Invalid as error:
        raise Invalid([replace(one, field=f"{part}.{one.field}") for one in error.faults]) from error


def facts_of_case(one: RegistrationOut) -> dict[str, object]:
    """Returns the facts of a registration's first person as codes of a count record."""
    person = one.persons[0] if one.persons else None
    if person is None:
        return {}
    is_minor = person.presumed is AgeGroup.MINOR if person.age is None else person.age < ADULT
    return {
        "reporter": one.registrant,
        "unit": one.registrant_unit or "",
        "age": age_band(person.age),
        "gender": person.gender,
        "alone": is_minor and not any(other.guardian for other in one.persons),
        "file": CountFile.WITH_SHELTER,
    }


def age_band(age: int | None) -> str:
    """Returns the age band of an age; `unknown` without an age."""
    if age is None:
        return UNKNOWN
    return next((band for most, band in _AGES if age < most), "50+")
