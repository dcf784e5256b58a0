"""The conversion of a form into values for an input model, by the types of the model's fields."""

from types import NoneType
from typing import Annotated, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from api.pages.forms import Form, local_moment, number


def values_of(model: type[BaseModel], form: Form) -> dict[str, object]:
    """Returns the fields of the model that the form contains. An empty field becomes null if the model allows it.

    Browsers do not send unticked checkboxes. So a missing list means an empty list, and a missing yes-or-no field means
    false, unless the model allows null.
    """
    sent = {name.partition(".")[0] for name, _ in form.fields}
    filled = {name.partition(".")[0] for name, value in form.fields if value.strip()}
    read: dict[str, object] = {}
    for name, field in model.model_fields.items():
        kinds = get_args(field.annotation) if NoneType in get_args(field.annotation) else (field.annotation,)
        kind = next(_plain(one) for one in kinds if one is not NoneType)
        value = None if NoneType in kinds and name not in filled else _value(kind, form, name)
        if name in sent or isinstance(value, bool | list):
            read[name] = value
    return read


def _value(kind: object, form: Form, name: str) -> object:
    if get_origin(kind) is list:
        return [_read(_plain(get_args(kind)[0]), written) for written in form.all(name)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return values_of(kind, form.part(name))
    return _read(kind, form.get(name))


def _read(kind: object, written: str) -> object:
    if kind is bool:
        return written == "yes"
    if kind is AwareDatetime:
        return local_moment(written)
    return number(written) if kind is int else written


def _plain(kind: object) -> object:
    """Returns a type without its constraints."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind
