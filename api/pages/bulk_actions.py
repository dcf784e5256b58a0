"""An act on several chosen objects of a list. Each object has its own permission check, transaction, event and
result.
"""

from collections.abc import Callable
from dataclasses import dataclass

from api.http.context import Acts, Output
from api.http.refusal_log import REFUSED, record
from api.pages.faults import message_of
from api.pages.form_results import again
from api.pages.forms import Form
from api.pages.frame import Reply
from placement.core.context import Act
from placement.core.errors import Invalid, NotFound, PlacementError, Unauthenticated

_NOT_DONE: tuple[type[PlacementError], ...] = (*REFUSED, Invalid)
CHOSEN = "chosen"
MOST = 100
"""The largest number of objects in a form."""


@dataclass(frozen=True, slots=True)
class Result:
    done: int
    refused: list[tuple[str, str]]
    """The objects for which the act was refused: name and reason."""


def each(acts: Acts, form: Form, do: Callable[[Act, str], Output], show: Callable[..., Reply]) -> Reply:
    """Carries out the act on each chosen object, and shows the results. Refusals do not affect other objects. If the
    form is sent again, completed acts are not repeated. `show`: makes the page from request, acts, errors and result.
    """
    request, chosen = acts.request, list(dict.fromkeys(form.all(CHOSEN)))
    if not chosen or len(chosen) > MOST:
        wrong = Invalid.at(CHOSEN, "several_none") if not chosen else Invalid.at(CHOSEN, "several_most", most=MOST)
        return again(request, wrong, lambda found: show(request, acts, found))
    refused: list[tuple[str, str]] = []
    for one in chosen:
        try:
            _do_one(acts.for_one(one), do, one)
        except Unauthenticated:
            raise
        except _NOT_DONE as error:
            if isinstance(error, REFUSED):
                record(request, error, one)
            code = "several_gone" if isinstance(error, NotFound) else error.code
            refused.append((form.get(f"called.{one}") or one, message_of(code, error.facts, acts.language)))
    return show(request, acts, None, Result(len(chosen) - len(refused), refused))


def _do_one(acts: Acts, do: Callable[[Act, str], Output], one: str) -> None:
    acts.write(lambda act: do(act, one))
