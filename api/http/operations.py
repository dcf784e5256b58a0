"""The decorators of the API's routes that are a single act: a function of the act, which the decorator leaves
unchanged. A page can therefore call the function. The route is made beside it: a GET, or a route whose answer is not
stored, reads; every other route writes. The parameter `language` is the language of the answer, and `version` the
version in `If-Match` (required for `int`). All other parameters come from the path, the query or the body.
"""

from collections.abc import Callable
from inspect import Parameter, signature
from types import GenericAlias
from typing import Any, TypeVar

from litestar import Response

from api.http import methods
from api.http.connections import AnyResponse
from api.http.context import Acts, Output, RequestActs
from placement.core.context import Act

Operation = TypeVar("Operation", bound=Callable[..., Output])
OF_REQUEST = frozenset({"language", "version"})
_ACTS = Parameter("acts", Parameter.POSITIONAL_OR_KEYWORD, annotation=RequestActs)


class _Method:
    def __init__(self, declare: Callable[..., Any], run: Callable[..., AnyResponse]) -> None:
        self._declare = declare
        self._run = run

    def __call__(self, path: str, **options: object) -> Callable[[Operation], Operation]:
        run = Acts.read if options.get("told_once") else self._run

        def declared(operation: Operation) -> Operation:
            _, *others = signature(operation).parameters.values()
            from_request = [one for one in others if one.name in OF_REQUEST]

            def handle(acts: Acts, **given: object) -> AnyResponse:
                def do(act: Act) -> Output:
                    return operation(act, **given, **{one.name: of_request(acts, one) for one in from_request})

                return run(acts, do)

            declare = self._declare(path, **options, **_versioned(operation))
            taken = [_ACTS, *(one for one in others if one not in from_request)]
            answer = GenericAlias(Response, (signature(operation).return_annotation,))
            return methods.with_route(operation, declare, handle, taken, answer)

        return declared


get = _Method(methods.get, Acts.read)
patch = _Method(methods.patch, Acts.write)
post = _Method(methods.post, Acts.write)
put = _Method(methods.put, Acts.write)


def _versioned(operation: Callable[..., Output]) -> dict[str, str]:
    version = signature(operation).parameters.get("version")
    return {"versioned": "needed" if version.annotation is int else "optional"} if version else {}


def of_request(acts: Acts, parameter: Parameter) -> object:
    """Returns the value of a parameter that comes from the request itself, not from its path or body."""
    if parameter.name == "language":
        return acts.language
    return acts.version() if parameter.annotation is int else acts.version_if_named()
