"""Decorators that declare the route of an operation. An operation is a function that runs in a single transaction. The
decorator leaves the function unchanged, so that pages can call it too.

A GET reads, and so does a route whose answer is not stored (`told_once`). Every other route writes. Two parameters of
the function are special: `language` is the language of the answer, and `version` the version in `If-Match` (required if
its type is `int`). All other parameters come from path, query or body.
"""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from types import GenericAlias
from typing import Any, TypeVar

from litestar import Response

from api.http import methods
from api.http.connections import AnyResponse
from api.http.context import Acts, Output, RequestActs
from placement.core.context import Act

Operation = TypeVar("Operation", bound=Callable[..., Output])
Given = Mapping[str, object]
Asking = Callable[[Acts, Given, Callable[[], Given]], AnyResponse | None]
"""A function for operations that an API key may only request. It stores the request of a key, and returns the answer.
For other actors it returns `None`. Its arguments: path and body, and a function that returns all arguments.
"""
OF_REQUEST = frozenset({"language", "version"})
_ACTS = Parameter("acts", Parameter.POSITIONAL_OR_KEYWORD, annotation=RequestActs)


class Method:
    def __init__(
        self,
        declare: Callable[..., Any],
        run: Callable[..., AnyResponse],
        asking: Callable[..., Asking] | None = None,
    ) -> None:
        """`declare`: declares a route. `run`: carries out an operation. `asking`: makes the `Asking` of an operation
        from the operation, its permission and the options `alone` and `stored`.
        """
        self._declare = declare
        self._run = run
        self._asking = asking

    def __call__(self, path: str, **options: object) -> Callable[[Operation], Operation]:
        run = Acts.read if options.get("told_once") else self._run
        asked = {name: options.pop(name) for name in ("alone", "stored") if name in options}
        marks = {"asked": True} if self._asking else {}

        def declared(operation: Operation) -> Operation:
            _, *others = signature(operation).parameters.values()
            from_request = [one for one in others if one.name in OF_REQUEST]
            ask = self._asking(operation, options["permission"], **asked) if self._asking else None

            def handle(acts: Acts, **given: object) -> AnyResponse:
                def facts() -> Given:
                    return given | {part.name: of_request(acts, part) for part in from_request}

                def do(act: Act) -> Output:
                    return operation(act, **facts())

                answer = ask(acts, given, facts) if ask else None
                return run(acts, do) if answer is None else answer

            declare = self._declare(path, **options, **marks, **_versioned(operation))
            taken = [_ACTS, *(one for one in others if one not in from_request)]
            answer = GenericAlias(Response, (signature(operation).return_annotation,))
            return methods.with_route(operation, declare, handle, taken, answer)

        return declared


get = Method(methods.get, Acts.read)
patch = Method(methods.patch, Acts.write)
post = Method(methods.post, Acts.write)
put = Method(methods.put, Acts.write)


def _versioned(operation: Callable[..., Output]) -> dict[str, str]:
    version = signature(operation).parameters.get("version")
    return {"versioned": "needed" if version.annotation is int else "optional"} if version else {}


def of_request(acts: Acts, parameter: Parameter) -> object:
    """Returns the value of the parameter `language` or `version`."""
    if parameter.name == "language":
        return acts.language
    return acts.version() if parameter.annotation is int else acts.version_if_named()
