"""The values of an input model of the API, read from a form by the types of the model."""

from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from api.pages.forms import Form, local_moment, number


def values_of(model: type[BaseModel], form: Form) -> dict[str, Any]:
    """Reads the fields of a model that the form has; an empty field is null if the model allows it.

    A browser does not send a box without its tick: a list that is not sent is empty, and a field of yes or no is false.
    """
    sent = {name.partition(".")[0] for name, _ in form.fields}
    read = {name: _value(field.annotation, form, name) for name, field in model.model_fields.items()}
    return {name: value for name, value in read.items() if name in sent or isinstance(value, bool | list)}


def _value(annotation: Any, form: Form, name: str) -> Any:
    is_nullable = NoneType in get_args(annotation)
    kind = next(one for one in get_args(annotation) if one is not NoneType) if is_nullable else annotation
    kind = _plain(kind)
    if get_origin(kind) is list:
        return [_read(_plain(get_args(kind)[0]), written) for written in form.all(name)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return values_of(kind, form.part(name))
    return None if is_nullable and not form.get(name) else _read(kind, form.get(name))


def _read(kind: Any, written: str) -> Any:
    if kind is bool:
        return written == "yes"
    if kind is AwareDatetime:
        return local_moment(written)
    return number(written) if kind is int else written


def _plain(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind
