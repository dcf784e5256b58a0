"""The fields that the document for a client can show, found in the models of the stored records."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import get_args, get_type_hints

from pydantic import BaseModel

from placement.placements.client_document import SOURCES, ClientDocument, columns_of
from placement.placements.client_values import OWN_WORDS, WITHOUT
from placement.placements.holds.handover_notes import HandoverNotes
from placement.registrations.fact_history import Change
from placement.tables.event import MemberContent
from placement.tables.facts import FACTS
from placement.tables.registration import RegistrationRecord, StoredPoint
from placement.tables.registration_link import LinkContent
from placement.tables.sent_registration import SentContent
from placement.tables.stay import Missed
from placement.tables.telephone import EntryContent
from placement.text.languages import own_name

_RECORDS = (RegistrationRecord, SentContent, MemberContent, EntryContent, LinkContent)
_OF_STAFF_ALONE = {"registered_by"}
"""Parts of records that the register of processing describes as data of staff; no column of a document has them."""


def fields_of_document() -> set[str]:
    """Returns the names of all fields that need words in the catalogue, besides facts."""
    found = {name.removeprefix("content.") for table in SOURCES for name in columns_of(table)}
    found |= {name for model in _RECORDS for name in _fields(model)}
    found |= {field.name for plain in (Change, HandoverNotes) for field in dataclasses.fields(plain)}
    found |= {*get_type_hints(StoredPoint), *get_type_hints(Missed), "avoided"}
    return (found - FACTS.keys() - WITHOUT - _OF_STAFF_ALONE) | OWN_WORDS


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name not in WITHOUT:
            yield name
            for inner in _models(field.annotation):
                yield from _fields(inner)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models(one)


REFERENCE = "R-7K3Q-M9XW-2BVH"
"""The reference in the page, in place of the random reference of the synthetic client."""


def as_page(documents: Mapping[str, ClientDocument]) -> str:
    """Returns the page with these documents of a synthetic client, by language."""
    [case] = {one.case for one in documents.values()}
    lines = [line for one in documents.values() for line in _lines(one)]
    return "\n".join((*_BEGIN, *lines, "", "<!-- end of what is made -->")).replace(case, REFERENCE) + "\n"


_BEGIN = (
    "# The document of a synthetic client",
    "",
    "A client can ask which data the service has.",
    "A person of the desk or the coordinator then makes this document on the page *The client's rights*.",
    "It is in Dutch or English, on paper or as a JSON file ([retention](../guide/retention.md#a-clients-rights)).",
    "This example contains no real person. It was made by:",
    "`WRITE_EXAMPLES=yes .venv/bin/python -m pytest -q -n 0 tests/placement/placements/test_client_document.py`",
    "",
    "<!-- made by: the command above -->",
    "",
    "<!-- made by: the command above -->",
)


def _lines(document: ClientDocument) -> Iterator[str]:
    language = document.language
    yield from ("", f"## {own_name(language)}", "", f"{document.case} · {document.made_on.isoformat()}")
    for part in document.parts:
        yield from ("", f"### {part.title}", "")
        for number, row in enumerate(part.rows, start=1):
            yield from (
                f"{number}. {one.label}: {one.words}" if not place else f"   {one.label}: {one.words}  "
                for place, one in enumerate(row.fields)
            )
    yield from ("", f"### {document.titles['accesses']}", "")
    for one in document.accesses:
        days = ", ".join(day.isoformat() for day in one.days)
        yield f"- {one.words}: {days or '-'}"
    yield from ("", f"### {document.titles['rest']}", "")
    yield from (f"- {sentence}" for sentence in document.left_out)
