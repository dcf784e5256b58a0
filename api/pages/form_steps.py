"""The steps of the registration form. A user can choose between steps and a single page."""

from collections.abc import Sequence
from datetime import date

from api.pages.forms import Form, day_in
from api.pages.frame import Page, Reply
from api.pages.sealed_cookies import keep, kept
from api.v1.registrations import RegistrationOut
from placement.core import clock
from placement.core.codes import RegistrationStatus, Urgency
from placement.registrations.registrations import follows_urgency, last_day
from placement.tables.facts import Section
from placement.text.days import Typed

KEPT = "form"
_URGENCIES = frozenset(str(one.value) for one in Urgency)
STEPS: Sequence[tuple[Section, ...]] = (
    (Section.WHO, Section.PERSONS),
    (Section.WHEN, Section.LANGUAGES),
    (Section.NEEDS,),
    (Section.PLACE, Section.SAFETY),
    (Section.SHARING,),
)
"""The sections of each step. The first step has all fields that a draft needs."""


def step_of(form: Form) -> int:
    """Returns the number of the step that was sent; 0 for the single page."""
    written = form.get("step")
    return int(written) if written in {str(number + 1) for number in range(len(STEPS))} else 0


def sections_of(step: int) -> tuple[Section, ...]:
    return STEPS[step - 1] if 0 < step <= len(STEPS) else tuple(Section)


def step_with(section: str) -> int:
    return next(number for number, sections in enumerate(STEPS, 1) if section in sections)


def chosen(request: Page, asked: int | None) -> int:
    """Returns the requested step. By default: the first step, or 0 (the single page) if this browser used it last."""
    if asked is not None:
        return asked if asked <= len(STEPS) else 0
    return 1 if kept(request, KEPT) else 0


def last_day_of(form: Form) -> dict[str, str]:
    """Returns `needed_by` as derived from the urgency, if the field is empty."""
    urgency, written = form.get("urgency"), form.get("needed_from")
    begins = day_in(written) if written else ""
    if form.get("needed_by") or urgency not in _URGENCIES or isinstance(begins, Typed):
        return {}
    needed_from = date.fromisoformat(begins) if begins else None
    return {"needed_by": last_day(clock.day_of(clock.now()), int(urgency), needed_from).isoformat()}


def as_chosen(one: RegistrationOut, filled: Form) -> Form:
    """Returns the form fields of a draft, without an urgency or `needed_by` that nobody has chosen."""
    days = clock.day_of(one.waits_since), clock.day_of(clock.now())
    if one.status != RegistrationStatus.DRAFT or not follows_urgency(
        one.needed_by, one.urgency, one.needed_from, *days
    ):
        return filled
    unsaid = {"needed_by", *(("urgency",) if one.urgency == Urgency.WEEK else ())}
    return Form((name, value) for name, value in filled.fields if name not in unsaid)


def remember(request: Page, answer: Reply, step: int) -> None:
    """Stores in the browser whether the user prefers steps."""
    if bool(kept(request, KEPT)) != bool(step):
        keep(request, answer, KEPT, "steps" if step else None)
