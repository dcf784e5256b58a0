"""Decorators of operations that change the register of shelters. A person carries out such an operation. An API key
with the scope `register` can only request it.

The service tries the operation with the rights of a person and rolls it back, so that the answer shows each fault. If a
person of the desk grants the request, the operation is carried out (`placement/shelters/key_requests.py`).
"""

from collections.abc import Callable
from inspect import signature
from typing import get_args

from api.http import methods, operations
from api.http.connections import AnyResponse
from api.http.context import Acts, Input, Output
from api.http.operations import Given
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission, asks
from placement.core.context import Act
from placement.shelters import key_requests
from placement.shelters.key_requests import Asked, Change


class _Asking:
    """Stores a key's request for an operation. `alone`: checks whether a key may send this body without a request.
    `stored`: converts the body to the form in which it is stored.
    """

    def __init__(
        self,
        operation: Callable[..., Output],
        permission: Permission,
        alone: Callable[..., bool] = lambda _: False,
        stored: Callable[..., Input] = lambda body: body,
    ) -> None:
        body = signature(operation).parameters.get("data")
        self._operation, self._permission, self._alone, self._stored = operation, permission, alone, stored
        self._model: type[Input] | None = get_args(body.annotation)[0] if body else None
        key_requests.CHANGES[operation.__name__] = Change(permission, self._carry_out)

    def __call__(self, acts: Acts, given: Given, all_given: Callable[[], Given]) -> AnyResponse | None:
        """Tries the operation, then stores and returns a request. Returns `None` if the actor needs no request."""
        body = given.get("data")
        if not asks(acts.request.user, self._permission) or self._alone(body):
            return None

        def rehearse(act: Act) -> object:
            return self._operation(key_requests.as_a_person(act), **all_given())

        def ask(act: Act) -> SecondPersonRequestOut:
            path = {name: str(value) for name, value in given.items() if name != "data"}
            version = acts.version() if "version" in all_given() else None
            kept = self._stored(body).model_dump(mode="json", exclude_unset=True) if body else None
            asked = Asked(path=path, version=version, body=kept)
            return serialize_request(act, key_requests.ask(act, self._operation.__name__, asked))

        return acts.accept(rehearse, ask, lambda asked: f"/api/v1/second-person-requests/{asked.id}")

    def _carry_out(self, act: Act, asked: Asked) -> object:
        version = {} if asked["version"] is None else {"version": asked["version"]}
        body = {"data": self._model.model_validate(asked["body"])} if self._model else {}
        return self._operation(act, **asked["path"], **version, **body)


patch = operations.Method(methods.patch, Acts.write, _Asking)
post = operations.Method(methods.post, Acts.write, _Asking)
put = operations.Method(methods.put, Acts.write, _Asking)
