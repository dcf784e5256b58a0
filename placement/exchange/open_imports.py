"""Imports in progress. A person uploads a file, answers questions about it, sees a preview, and confirms.

Meanwhile the file and the answers are in the database, encrypted with their own key, so that every process can continue
the import. The key is destroyed when the import is confirmed or given up, when the session ends, and after an hour. An
import that needs a second person waits for the answer within that hour.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.accounts import session_files
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, existing
from placement.core.ids import new_id
from placement.core.name_validation import plain_name
from placement.core.place_codes import RoomRange
from placement.core.second_person_codes import SecondPersonKind
from placement.crypto.encrypted_columns import is_readable
from placement.exchange import importing
from placement.exchange.answers import read_answers
from placement.exchange.file_reader import read_file
from placement.exchange.grid import unreadable
from placement.exchange.importing import Outcome
from placement.exchange.mapping import FileMapping, read_mapping
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.storage.field_sealing import values_alone
from placement.tables import OpenImport, SecondPersonRequest
from placement.text.catalogue import SOURCE, Language

LASTS = timedelta(hours=1)
"""The longest duration of an import in progress."""
MOST_AT_ONCE = 2_000
"""The largest number of rows of an import in a web process. During an import all other writes wait."""
MOST_OPEN = 5
"""The largest number of imports in progress in a session."""


class Answered(BaseModel):
    """The answers about a file. `means`: the answers that `read_answers` reads. `sure_of`: improbable telephone numbers
    that are right. `ranges`: the meaning of rows with several rooms. `mapping`: the text of a mapping file. `called`:
    the person's name for such files.
    """

    means: list[str] = []
    sure_of: list[str] = []
    ranges: RoomRange | None = None
    mapping: str | None = None
    called: str | None = None

    def given(self) -> FileMapping | None:
        return None if self.mapping is None else read_mapping(self.mapping.encode())

    def with_more(
        self, means: Iterable[str], sure_of: Iterable[str], ranges: RoomRange | None, called: str | None
    ) -> "Answered":
        """Returns these answers with further answers, which replace earlier answers about the same sheet or column."""
        by_place = {said.rpartition("=")[0]: said for said in (*self.means, *means)}
        return Answered(
            means=list(by_place.values()),
            sure_of=list(dict.fromkeys([*self.sure_of, *sure_of])),
            ranges=ranges or self.ranges,
            mapping=self.mapping,
            called=plain_name(called) if called else self.called,
        )


@needs(Permission.REGISTER_IMPORT)
def start(act: Act, content: bytes, name: str, language: Language, *, mapping: str | None = None) -> OpenImport:
    """Stores a file for the actor's session. Raises `Invalid` if the file cannot be read or has too many rows, and
    `Conflict` if the session has too many imports in progress.
    """
    theirs = select(OpenImport.id).where(*_of_session(act))
    if len(act.session.exec(theirs).all()) >= MOST_OPEN:
        raise Conflict("imports_open", most=MOST_OPEN)
    answered = Answered(mapping=mapping)
    read = read_file(content, name, language, given=answered.given())
    if (rows := sum(len(table.rows) for table in read.tables)) > MOST_AT_ONCE:
        raise unreadable("import_too_many_at_once", found=rows, most=MOST_AT_ONCE)
    return _store(act, content, name, answered)


def _store(act: Act, content: bytes, name: str, answered: Answered) -> OpenImport:
    made = OpenImport(
        id=new_id("I"),
        session_id=act.actor.session_id,
        ends_at=act.at + LASTS,
        name=name,
        content=b64encode(content).decode(),
        answers=answered.model_dump(mode="json"),
    )
    act.session.add(made)
    act.session.flush()
    audit_log.write(act, Event.IMPORT_BEGUN, subject=made.id)
    return made


@needs(Permission.IMPORT_READ)
def found(act: Act, import_id: str) -> OpenImport:
    """Returns an import in progress of the actor's session. Raises `NotFound` if it has ended."""
    theirs = select(OpenImport).where(OpenImport.id == import_id, *_of_session(act)).with_for_update()
    one = existing(act.session.exec(theirs).first())
    return existing(one if is_readable(one.content) else None)


@needs(Permission.IMPORT_READ)
def listed(act: Act) -> list[tuple[str, str, datetime]]:
    """Returns id, file name and end of each import in progress in the session, without reading the files."""
    names = values_alone(act.session, OpenImport, "name", *_of_session(act))
    rows = act.session.exec(select(OpenImport.id, OpenImport.ends_at).where(*_of_session(act))).all()
    return [(one, str(names[one]), ends_at) for one, ends_at in sorted(rows) if is_readable(names[one])]


def _of_session(act: Act) -> tuple[ColumnElement[bool], ...]:
    return (
        col(OpenImport.session_id).is_not(None),
        col(OpenImport.session_id) == act.actor.session_id,
        col(OpenImport.ends_at) > act.at,
    )


@needs(Permission.REGISTER_IMPORT)
def answer(
    act: Act,
    import_id: str,
    *,
    means: Sequence[str] = (),
    sure_of: Sequence[str] = (),
    ranges: RoomRange | None = None,
    called: str | None = None,
) -> OpenImport:
    """Stores further answers about a file. A further answer replaces an earlier answer about the same sheet or column.
    Raises `Invalid` for an answer that cannot be interpreted.
    """
    read_answers(means)
    one = found(act, import_id)
    now = Answered.model_validate(one.answers).with_more(means, sure_of, ranges, called)
    one.answers = now.model_dump(mode="json")
    audit_log.write(act, Event.IMPORT_ANSWERED, subject=one.id)
    return one


@needs(Permission.IMPORT_READ)
def preview(act: Act, import_id: str, language: Language) -> Outcome:
    """Returns the result that the import would have now, without importing anything."""
    return _imported(act, found(act, import_id), language, dry_run=True)


@needs(Permission.REGISTER_IMPORT)
def confirm(act: Act, import_id: str, language: Language) -> Outcome:
    """Carries an import out, or requests it from a second person. In both cases the import is then no longer in
    progress in this session. Raises `Invalid` if the file has faults; the import then remains in progress.
    """
    one = found(act, import_id)
    outcome = _imported(act, one, language)
    outcome.require_right()
    if outcome.waits:
        _ask(act, one, outcome)
    else:
        session_files.end(act, col(OpenImport.id) == one.id)
    return outcome


@needs(Permission.REGISTER_IMPORT)
def give_up(act: Act, import_id: str) -> None:
    """Ends an import in progress without importing anything."""
    session_files.end(act, col(OpenImport.id) == found(act, import_id).id)


def ask_second(act: Act, content: bytes, name: str, answered: Answered, outcome: Outcome) -> SecondPersonRequest:
    """Stores a file from the command line, and requests its import from a second person."""
    return _ask(act, _store(act, content, name, answered), outcome)


def _imported(
    act: Act, one: OpenImport, language: Language, *, dry_run: bool = False, granted: bool = False
) -> Outcome:
    answered = Answered.model_validate(one.answers)
    return importing.import_file(
        act,
        b64decode(str(one.content)),
        str(one.name),
        language,
        dry_run=dry_run,
        given=answered.given(),
        ranges=answered.ranges,
        sure_of=answered.sure_of,
        answers=read_answers(answered.means),
        granted=granted,
        import_id=one.id,
        called=answered.called,
    )


def _ask(act: Act, one: OpenImport, outcome: Outcome) -> SecondPersonRequest:
    """Requests the whole import from a second person. The file then belongs to the request, not to the session."""
    facts = {"name": one.name, "counts": outcome.counts(), "closings": [*outcome.closings]}
    request = requests.ask(act, IMPORT, facts, about=one.id)
    request.expires_at = one.ends_at
    one.session_id, one.request_id = None, request.id
    return request


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Imports the file. The actor is the person who granted the request. Raises `Conflict` if the effect would differ
    from the requested effect.
    """
    _ = answer
    one = act.session.get(OpenImport, request.about, with_for_update=True)
    if one is None or one.request_id != request.id or not is_readable(one.content) or one.ends_at <= act.at:
        raise Conflict("change_outdated")
    outcome = _imported(act, one, SOURCE, granted=True)
    if not outcome.carried_out or [*outcome.closings] != request.facts["closings"]:
        raise Conflict("change_outdated")
    session_files.end(act, col(OpenImport.id) == one.id)


def _ended(act: Act, request: SecondPersonRequest) -> None:
    session_files.end(act, col(OpenImport.id) == request.about)


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    return {"counts": request.facts["counts"]}


IMPORT = Kind(
    SecondPersonKind.IMPORT,
    ask=Permission.REGISTER_IMPORT,
    grant=Permission.REGISTER_CHANGE,
    read=Permission.PROVIDER_READ,
    waits_for=LASTS,
    carry_out=_carry_out,
    ended=_ended,
    logged=_logged,
)
"""The kind of requests for a whole import. A second person of the desk grants it."""
