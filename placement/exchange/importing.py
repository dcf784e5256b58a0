"""The import of a file, completely or not at all, and the trial of an import. The log contains only counts and ids."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.ids import new_id
from placement.core.place_codes import RoomRange
from placement.exchange import import_records
from placement.exchange.account_rows import SHEET as ACCOUNTS
from placement.exchange.account_rows import AccountRows
from placement.exchange.answers import Answers
from placement.exchange.area_rows import AreaRows
from placement.exchange.file_reader import read_file
from placement.exchange.grid import Finding
from placement.exchange.import_steps import Step, StepKind
from placement.exchange.mapping import FileMapping, SheetMapping
from placement.exchange.people_rows import PeopleRows
from placement.exchange.register_index import known_places
from placement.exchange.register_rows import RegisterRows
from placement.exchange.sheet_shapes import SheetShape
from placement.exchange.sheets import MEANT
from placement.exchange.table import ReadTables
from placement.exchange.table_rows import Table
from placement.storage import hash_chain
from placement.storage.locks import Shared, lock
from placement.tables import Account, ImportMapping
from placement.text.catalogue import Language
from placement.text.labels import label

MOST_FINDINGS = 1_000
"""The largest number of findings that are shown for a file."""
MOST_CLOSINGS = 10
"""The largest number of places that a file can close without a second person."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an import or a trial. `waits`: true if the file is correct, but a second person must grant the
    import. `record`: the id of the carried-out import. `closings`: the closed places.
    """

    steps: list[Step] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    shapes: Sequence[SheetShape] = ()
    carried_out: bool = False
    waits: bool = False
    record: str | None = None
    closings: Sequence[str] = ()

    @property
    def is_right(self) -> bool:
        return not any(finding.blocks for finding in self.findings)

    def require_right(self) -> None:
        """Raises `Invalid` if there are faults. The error names each cell as a spreadsheet does: `Kamers!C3`."""
        if faults := [_fault(finding) for finding in self.findings if finding.blocks]:
            raise Invalid(faults)

    def counts(self) -> dict[str, int]:
        """Returns the number of steps by kind and object, such as `make:room`."""
        return dict(sorted(Counter(f"{step.kind}:{step.what}" for step in self.steps).items()))


def _fault(finding: Finding) -> Fault:
    cell = f"{finding.column}{'' if finding.row is None else finding.row}"
    return Fault(f"{finding.sheet}!{cell}" if cell else finding.sheet, finding.code, finding.facts)


@needs(Permission.REGISTER_IMPORT)
def import_file(
    act: Act,
    content: bytes,
    name: str,
    language: Language,
    *,
    dry_run: bool = False,
    given: FileMapping | None = None,
    ranges: RoomRange | None = None,
    sure_of: Collection[str] = (),
    answers: Answers | None = None,
    granted: bool = False,
    import_id: str | None = None,
    called: str | None = None,
) -> Outcome:
    """Imports a file completely or not at all. `name`: the name of the file. `language`: the language of the messages.

    - `ranges`: the meaning of a row with several rooms, if the row itself does not state it.
    - `sure_of`: improbable telephone numbers that are right.
    - `answers`: the sender's answers. If they change the meaning of columns, they are stored as a mapping with the name
      `called`.
    - `granted`: true if a second person granted the import. Otherwise a file that closes more than `MOST_CLOSINGS`
      places is not imported yet.

    Raises `Invalid` if the file cannot be read.
    """
    if not dry_run:
        lock(act.session, Shared.IMPORTS)
    kept = _kept(act)
    read = read_file(content, name, language, given=given, kept=kept, answers=answers, known=known_places(act))
    ranges = ranges or _kept_ranges(read, kept)
    tried = _carry_out(act, read, language, carries_out=not dry_run, granted=granted, ranges=ranges, sure_of=sure_of)
    if tried.carried_out:
        _keep_mappings(act, read, ranges, called)
        tried = replace(tried, record=import_id or new_id("I"))
        import_records.record(act, str(tried.record), called or "", tried.counts(), tried.steps)
    faults = sum(finding.blocks for finding in tried.findings)
    event = Event.IMPORTED if tried.carried_out else Event.IMPORT_TRIED
    audit_log.write(act, event, subject=tried.record, faults=faults, counts=tried.counts())
    return replace(tried, shapes=read.shapes, findings=_first(tried.findings))


def _first(findings: list[Finding]) -> list[Finding]:
    """Returns the first findings. If some are left out, an additional finding states their number."""
    left_out = findings[MOST_FINDINGS:]
    if not left_out:
        return findings
    blocks = any(one.blocks for one in left_out)
    return [*findings[:MOST_FINDINGS], Finding("import_more_findings", facts={"count": len(left_out)}, blocks=blocks)]


def _carry_out(
    act: Act,
    read: ReadTables,
    language: Language,
    *,
    carries_out: bool,
    granted: bool,
    ranges: RoomRange | None,
    sure_of: Collection[str],
) -> Outcome:
    """Imports the whole file in a nested transaction. After a trial or a fault, the transaction is rolled back."""
    before = list(hash_chain.gathered(act.session))
    with act.session.begin_nested() as trial:
        rows = RegisterRows(act, read.findings, ranges, sure_of)
        tables = [table for table in read.tables if _may_give(act, table.sheet.name)]
        rows.carry_out(tables)
        PeopleRows(act, rows, language).carry_out(tables)
        AreaRows(act, rows).carry_out(tables)
        AccountRows(act, rows).carry_out(tables)
        findings = [*read.findings, *rows.findings, *_of_others(act, read, language)]
        tried = Outcome(rows.steps, findings, closings=sorted(_closings(rows.steps)))
        waits = len(tried.closings) > MOST_CLOSINGS and not granted
        if tried.is_right and carries_out and not waits:
            act.session.flush()
            return replace(tried, carried_out=True)
        trial.rollback()
    tried = replace(tried, steps=_without_new_ids(tables, tried.steps))
    made = [event for event in hash_chain.gathered(act.session) if not any(event is one for one in before)]
    hash_chain.withdraw(act.session, made)
    return replace(tried, waits=waits and carries_out and tried.is_right)


def _may_give(act: Act, sheet: str) -> bool:
    """Checks whether the actor may import the rows of this sheet. An operator may import all sheets except accounts."""
    if act.actor.role is Role.SYSTEM:
        return sheet != ACCOUNTS
    return MEANT[sheet].by.is_of(act.actor)


def _of_others(act: Act, read: ReadTables, language: Language) -> list[Finding]:
    """Returns a finding for each row that only another role may import. Such rows are not tried."""
    return [
        table.at(
            row, "", "import_row_of_others", roles=[label("Role", role, language) for role in table.sheet.by.reach]
        )
        for table in read.tables
        if not _may_give(act, table.sheet.name)
        for row in table.rows
    ]


def _kept(act: Act) -> Mapping[str, SheetMapping]:
    """Returns the stored mappings of the sheets that the actor may import. Leaves out mappings of accounts without that
    permission, because until 28 November 2026 such accounts could store mappings.
    """
    keepers = dict(act.session.exec(select(Account.id, Account.role)).all())
    return {
        kept.fingerprint: SheetMapping(
            kept.sheet, kept.columns, kept.words, day_of(kept.kept_at), kept.name or "", kept.ranges
        )
        for kept in act.session.exec(select(ImportMapping))
        if _may_give(act, kept.sheet) and keepers.get(kept.kept_by) in {*MEANT[kept.sheet].by.reach, None}
    }


def _kept_ranges(read: ReadTables, kept: Mapping[str, SheetMapping]) -> RoomRange | None:
    """Returns the stored answer about rows with several rooms, which was given for an earlier file with the same
    headings. Returns `None` if there is no such answer.
    """
    known = (kept[table.fingerprint].ranges for table in read.tables if table.fingerprint in kept)
    return next((RoomRange(one) for one in known if one), None)


def _keep_mappings(act: Act, read: ReadTables, ranges: RoomRange | None, called: str | None) -> None:
    """Stores the mappings of a file, for later files with the same headings. Neither stores nor replaces mappings of
    sheets that the actor may not import.
    """
    theirs = {kept.fingerprint for kept in act.session.exec(select(ImportMapping)) if not _may_give(act, kept.sheet)}
    for table in read.tables:
        may_keep = _may_give(act, table.sheet.name) and table.fingerprint not in theirs
        theirs_now = act.session.get(ImportMapping, table.fingerprint)
        answered = ranges if table.sheet.name == "rooms" else None
        if may_keep and (table.mapping is not None or answered != (theirs_now and theirs_now.ranges)):
            given = table.mapping or _mapping_of(table, theirs_now)
            act.session.merge(
                ImportMapping(
                    fingerprint=table.fingerprint,
                    sheet=given.sheet,
                    columns=dict(given.columns),
                    words={column: dict(words) for column, words in given.values.items()},
                    ranges=answered,
                    name=called or (theirs_now.name if theirs_now else None),
                    kept_at=act.at,
                    kept_by=act.actor.id,
                )
            )


def _mapping_of(table: Table, kept: ImportMapping | None) -> SheetMapping:
    """Returns the stored mapping of a table; without a stored mapping, a mapping that names only the sheet."""
    return SheetMapping(kept.sheet, kept.columns, kept.words) if kept else SheetMapping(table.sheet.name)


def _without_new_ids(tables: Sequence[Table], steps: Sequence[Step]) -> list[Step]:
    """Returns the steps of a trial without the ids of new places, because a trial does not make these places."""
    said = {str(value) for table in tables for row in table.rows for value in row.values.values()}
    made = {step.thing for step in steps if step.kind is StepKind.MAKE or step.what == ACCOUNTS} - said
    return [replace(step, thing="") if step.thing in made else step for step in steps]


def _closings(steps: Collection[Step]) -> list[str]:
    """Returns kind and id of each closed place; kind and name if the same file makes the place."""
    made = {step.thing for step in steps if step.kind is StepKind.MAKE}
    closed = (step for step in steps if step.kind is StepKind.CLOSE)
    return [f"{step.what} {step.name if step.thing in made else step.thing}" for step in closed]
