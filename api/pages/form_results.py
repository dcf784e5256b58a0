"""The results of forms: the next page, or the same page with errors."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.http.problems import fault_of, status_of
from api.http.refusal_log import REFUSED, Refusal
from api.pages.acts_done import Done
from api.pages.faults import faults_of, message_of
from api.pages.forms import Form
from api.pages.frame import SAVED, Page, Reply, Wrong, go
from api.pages.sealed_cookies import keep
from api.pages.translation import reader_language
from placement.core import clock
from placement.core.errors import Fault, Invalid, PlacementError
from placement.text.days import Typed, days_meant

Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[..., str | Reply]
_ON_THE_WAY = 5
"""How many seconds the browser has to request the next page, which shows that the form was saved."""


def given(model: type[Model], facts: Mapping[str, object]) -> Model:
    """Makes the API's input model from form fields. Raises `Invalid` with every invalid field."""
    try:
        return model.model_validate(dict(facts))
    except ValidationError as error:
        raise Invalid([_day_fault(facts, one) or fault_of(one) for one in error.errors()]) from error


def _day_fault(facts: Mapping[str, object], found: Mapping[str, Any]) -> Fault | None:
    """Returns a fault if a text is not a day, or can mean two days; with the possible days."""
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


def form_on(shown: Callable[..., Reply], *, typed: bool = True) -> Callable[[Handler], Callable[..., Reply]]:
    """Returns a decorator for the handler of a form. The handler returns the address of the next page, which then shows
    that the form was saved. Or it returns a complete answer. If the form is refused, its page is shown again.

    `shown`: the page of the form. It takes the request, the errors (`wrong`), and those arguments of the handler that
    it names. `typed`: true if the page keeps the typed values.
    """
    taken = signature(shown).parameters

    def of(do: Handler) -> Callable[..., Reply]:
        known = {"request", "wrong", *signature(do).parameters}
        if lacking := {name for name, one in taken.items() if one.default is one.empty} - known:
            raise TypeError(do, lacking)

        @wraps(do)
        def handle(**facts: Any) -> Reply:
            request = facts["request"] if "request" in facts else facts["acts"].request
            try:
                answer = do(**facts)
            except PlacementError as error:
                needed = {name: one for name, one in {**facts, "request": request}.items() if name in taken}
                form = facts.get("form") if typed else None
                return again(request, error, lambda wrong: shown(wrong=wrong, **needed), form)
            return saved(request, answer) if isinstance(answer, str) else answer

        handle.__annotations__ = {**do.__annotations__, "return": Reply}
        return handle

    return of


def gone(request: Page, to: str) -> Reply:
    """Redirects to the next page; to the first page if the act ended the task that gave access to the case."""
    return go("/" if request.state.get("task_is_done") and to.startswith("/registrations/") else to)


def saved(request: Page, to: str, done: Done | None = None) -> Reply:
    """Redirects like `gone`. The next page shows that the form was saved, or the sentence of what was done."""
    answer = gone(request, to)
    keep(request, answer, SAVED, asdict(done) if done else True, _ON_THE_WAY)
    return answer


def again(request: Page, error: PlacementError, show: Callable[[Wrong], Reply], typed: Form | None = None) -> Reply:
    """Shows the page again with errors and typed values. A refusal writes an audit event."""
    language = reader_language(request)
    faults = faults_of(error, language)
    answer = show(Wrong(status_of(error), faults, message_of(error.code, error.facts, language), typed))
    return Refusal(answer, error) if isinstance(error, REFUSED) else answer
