"""Rows whose facts are a single sealed record. In the code each fact is an attribute; the database does not know the
facts. The ciphertexts of all rows have almost the same length, which hides the number of facts. To filter rows by such
a fact, add a separate column or filter in memory.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from sqlmodel import SQLModel

from placement.core.clock import day_of
from placement.core.errors import Conflict
from placement.crypto.encrypted_columns import is_readable


class RecordFact(property):
    """Property for a fact of a record. Assigning a value of the wrong type raises `ValidationError`."""

    def __init__(self, name: str, annotation: Any, default: Callable[[], object] | None) -> None:
        """`default`: a function that returns the value of a missing fact; `None` if the fact is required."""
        self.name, self._default = name, default
        self._adapter: TypeAdapter[object] = TypeAdapter(annotation)
        self._valid = self._adapter.validator.validate_python
        super().__init__(self._read, self._write)

    def _read(self, row: "WithRecord") -> object:
        return self.read_in(row.content)

    def read_in(self, record: Mapping[str, object] | None) -> object:
        if record is None:
            raise Conflict("content_erased")
        if self.name not in record and self._default is not None:
            return self._default()
        return self._valid(record[self.name])

    def _write(self, row: "WithRecord", value: object) -> None:
        row.content = {**(row.content or {}), self.name: self.stored(value)}
        if self.name in row.days:
            setattr(row, row.days[self.name], day_of(cast("datetime", value)))

    def stored(self, value: object) -> object:
        """Returns the value in its JSON form."""
        return self._adapter.dump_python(self._adapter.validate_python(value), mode="json", exclude_defaults=True)

    def _is_no_column(self, *_: object) -> NoReturn:
        raise TypeError(f"{self.name} is sealed: filter by it in memory")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _is_no_column
    __hash__ = property.__hash__


class WithRecord(SQLModel):
    """A table with a sealed column `content`, which contains the facts of the model `record`. `days`: the facts that
    are sealed moments, each with the name of the clear column that contains its day.
    """

    if TYPE_CHECKING:
        content: Any

    record: ClassVar[type[BaseModel]]
    days: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **values: object) -> None:
        facts = {name: values.pop(name) for name in self.record.model_fields if name in values}
        super().__init__(**values)
        for name, value in facts.items():
            setattr(self, name, value)

    def known(self, name: str) -> Any:
        """Returns a fact of the record. Returns `None` if the record was erased, or if its key is missing."""
        return getattr(self, name) if is_readable(self.content) and self.content is not None else None

    def all_known(self, *names: str) -> list[Any]:
        """Returns several facts in the given order. Every fact is `None` if the record was erased, or if its key is
        missing.
        """
        record = self.content
        if not is_readable(record) or record is None:
            return [None] * len(names)
        return [fact.read_in(record) for fact in _facts_named(type(self), names)]

    @classmethod
    def fact_in(cls, record: Mapping[str, object] | None, name: str) -> Any:
        """Returns a fact from a record that was loaded without its row."""
        [fact] = _facts_named(cls, (name,))
        return fact.read_in(record)

    def facts(self, names: Iterable[str]) -> dict[str, Any]:
        """Returns the values of these attributes by name. An attribute can be a column or a fact of the record."""
        return {name: getattr(self, name) for name in names}


@cache
def _facts_named(table: type[WithRecord], names: tuple[str, ...]) -> tuple[RecordFact, ...]:
    """Returns the properties of these facts. The result is cached, because every row of a list needs it."""
    return tuple(getattr(table, name) for name in names)


def facts_of_record(record: type[BaseModel]) -> Mapping[str, RecordFact]:
    """Returns a property for each field of the record's model, by field name."""
    return {
        name: RecordFact(name, field.annotation, None if field.is_required() else partial(_default_of, field))
        for name, field in record.model_fields.items()
    }


def _default_of(field: FieldInfo) -> object:
    return field.get_default(call_default_factory=True)
