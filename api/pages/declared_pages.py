"""Declarations of pages and forms. Each declaration is one statement.

`show = screen("/on-call", "on_call.html", rota=list_on_call)` declares a page that shows the result of functions of the
API. `name = form("/on-call", name_on_call, show)` declares a form on it that carries out an operation of the API.
Permission, input model and path parameters follow from these functions. A wrong declaration raises `TypeError` at
import.
"""

import re
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Any, get_args

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from pydantic import BaseModel

from api.http.context import Acts, Output, RequestActs
from api.http.methods import get, made_route, post
from api.http.operations import OF_REQUEST, of_request
from api.pages.acts_done import Done
from api.pages.bulk_actions import Result, each
from api.pages.form_results import form_on, given, saved
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.input_values import values_of
from placement.access.permissions import Permission
from placement.core.context import Act

Operation = Callable[..., Output]
Part = Callable[..., object]
Facts = Mapping[str, object]
_IN_PATH = re.compile(r"{(\w+):\w+}")


class Screen:
    """A declared page. Call the object to show the page. `wrong`: the errors of a form. `result`: the result of an act
    on several objects.
    """

    def __init__(
        self, path: str, template: str, code: str, under: tuple[Permission, ...], parts: Mapping[str, Part]
    ) -> None:
        self.path, self._template, self._code = path, template, code
        self._parts = [(name, part, _required(part)) for name, part in parts.items()]
        known = {*_IN_PATH.findall(path), "language"}
        for name, part, needed in self._parts:
            if name in known or {*needed} - known:
                raise TypeError(path, name, part)
            known.add(name)
        of_parts = [one for part in parts.values() if (one := permission_of(part))]
        self._needed = list(dict.fromkeys([*under, *of_parts]))
        if not self._needed:
            raise TypeError(path, "no permission")
        taken = [_named("request", Page), _named("acts", RequestActs), *_of_path(path)]
        shown_again = [_named(name, kind, None) for name, kind in (("wrong", Wrong | None), ("result", Result | None))]
        self.__signature__ = Signature([*taken, *shown_again])

        def handle(**facts: Any) -> Reply:
            return self(**facts)

        self.route = made_route(get(path, permission=self._needed[0]), handle, taken, Response[str])

    def __call__(
        self, request: Page, acts: Acts, wrong: Wrong | None = None, result: Result | None = None, **known: Any
    ) -> Response[str]:
        """Shows the page. `known`: path parameters, and values of parts that need not be read."""
        view = acts.show(self._code, lambda act: self._view(act, known, acts.language), *self._needed)
        return page(request, self._template, None, wrong, **{"result": result, **view, **known})

    def _view(self, act: Act, where: Facts, language: str) -> Facts:
        """Reads the parts in order. A part may take path parameters and earlier parts as its parameters."""
        known: dict[str, object] = {**where, "language": language}
        for name, part, needed in self._parts:
            known[name] = part(act, **{one: known[one] for one in needed})
        return {name: known[name] for name, _, _ in self._parts}


def screen(path: str, template: str, *, code: str = "", under: tuple[Permission, ...] = (), **parts: Part) -> Screen:
    """Declares a page, whose template gets the path parameters and the parts by name.

    A part is a function whose first parameter is an `Act`. Its other parameters are path parameters, `language`, or
    earlier parts. All parts are read in one transaction, with one audit event. The reader needs the permissions in
    `under` and those of all parts; the first of them is the page's permission. `code`: the page's code in the event, by
    default the name of the template.
    """
    return Screen(path, template, code or template.removesuffix(".html"), under, parts)


def form(
    path: str,
    operation: Operation,
    shown: Callable[..., Reply],
    *,
    to: str | Callable[[Form], str] = "",
    typed: bool = True,
    facts: Callable[[Form], Facts] | None = None,
    done: Callable[..., Done | None] | None = None,
) -> HTTPRouteHandler:
    """Declares a form or button that carries out an operation of the API, with the operation's permission.

    - `shown`: the page that is shown again if the operation is refused
    - `typed`: false if that page drops the typed values
    - `to`: the address of the next page, or a function that returns it from the form; by default `shown`
    - `facts`: reads form fields whose names differ from those of the input model
    - `done`: makes the sentence that the next page shows, from the output of the operation
    """
    names, taken = {*_IN_PATH.findall(path)}, _taken(operation)
    model = _model_of(taken["data"]) if "data" in taken else None
    back = to or getattr(shown, "path", None)
    if back is None or (isinstance(back, str) and {*_IN_PATH.findall(back)} - names):
        raise TypeError(path, back)
    if wrong := ({*_required(operation)} - {*names, *OF_REQUEST, "data"}) | (names - {*taken}):
        raise TypeError(path, operation, wrong)
    from_request = [one for name, one in taken.items() if name in OF_REQUEST]

    output = signature(operation).return_annotation

    def do(acts: Acts, form: Form, **where: str) -> Reply:
        read = {"data": given(model, {**values_of(model, form), **(facts(form) if facts else {})})} if model else {}

        def work(act: Act) -> Output:
            return operation(act, **where, **read, **{one.name: of_request(acts, one) for one in from_request})

        said = None
        if done:
            said = done(acts.change(output, work))
        else:
            acts.write(work)
        next_page = _IN_PATH.sub(lambda one: where[one[1]], back(form) if callable(back) else back)
        return saved(acts.request, next_page, said)

    sent = [_named("acts", RequestActs), _named("form", SentForm), *_of_path(path)]
    vars(do)["__signature__"] = Signature(sent)
    return made_route(_posted(path, operation), form_on(shown, typed=typed and bool(model))(do), sent, Reply)


def each_of(path: str, operation: Operation, shown: Callable[..., Reply]) -> HTTPRouteHandler:
    """Declares a form that carries out an operation on each chosen object of a list."""
    if len(_taken(operation)) != 1 or "data" in _taken(operation):
        raise TypeError(path, operation)
    sent = [_named("acts", RequestActs), _named("form", SentForm)]
    return made_route(_posted(path, operation), lambda acts, form: each(acts, form, operation, shown), sent, Reply)


def permission_of(part: object) -> Permission | None:
    """Returns the permission of a function's API route; `None` if it has no route."""
    route = getattr(part, "route", None)
    found: Permission | None = route.opt.get("permission") if isinstance(route, HTTPRouteHandler) else None
    return found


def _posted(path: str, operation: Operation) -> Callable[..., HTTPRouteHandler]:
    """Returns the decorator for a form's route, with the permission, kind of work and address of the operation."""
    if permission_of(operation) is None:
        raise TypeError(path, operation)
    route = vars(operation)["route"]
    declared = {name: route.opt[name] for name in ("permission", "work") if name in route.opt}
    return post(path, operation=min(route.paths), **declared)


def _model_of(data: Parameter) -> type[BaseModel]:
    found = next(iter(get_args(data.annotation)), data.annotation)
    model: type[BaseModel] = next(iter(get_args(found)), found)  # the model without `| None`
    return model


def _taken(part: Part) -> dict[str, Parameter]:
    """Returns the parameters of a function after the first, which is the `Act`."""
    return dict([*signature(part).parameters.items()][1:])


def _required(part: Part) -> list[str]:
    return [name for name, one in _taken(part).items() if one.default is one.empty]


def _of_path(path: str) -> list[Parameter]:
    return [_named(name, FromPath[str]) for name in _IN_PATH.findall(path)]


def _named(name: str, kind: object, default: object = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
