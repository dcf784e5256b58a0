"""One import: a file read, and carried out whole or not at all, or only tried. Nothing of the file is stored; in the
log are counts and ids alone.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlmodel import col, delete, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.clock import day_of
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.place_codes import RoomRange
from placement.exchange.account_rows import SHEET as ACCOUNTS
from placement.exchange.account_rows import AccountRows
from placement.exchange.area_rows import AreaRows
from placement.exchange.file_reader import ReadFile, read_file
from placement.exchange.grid import Finding
from placement.exchange.import_steps import Step, StepKind
from placement.exchange.mapping import FileMapping, SheetMapping
from placement.exchange.people_rows import PeopleRows
from placement.exchange.register_rows import RegisterRows
from placement.exchange.sheets import SHEETS
from placement.exchange.table import Table
from placement.second_person.persons import may_still_ask
from placement.storage import hash_chain
from placement.tables import Account, ImportMapping, ImportRequest
from placement.text.catalogue import Language
from placement.text.labels import label

MOST_CLOSINGS = 10
"""More in one file take a second person."""
WAITS_FOR = timedelta(hours=24)
"""How long an import waits for the second person."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do. `waits`: it is right, and a second person has to give the same file."""

    steps: list[Step] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    carried_out: bool = False
    waits: bool = False

    @property
    def is_right(self) -> bool:
        return not any(finding.blocks for finding in self.findings)

    def require_right(self) -> None:
        """Raises `Invalid`, naming each place as a spreadsheet does: `Kamers!C3`."""
        if faults := [_fault(finding) for finding in self.findings if finding.blocks]:
            raise Invalid(faults)

    def counts(self) -> dict[str, int]:
        """How many things of each kind are made, changed, ..., such as `make:room`."""
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
) -> Outcome:
    """Imports a file, all of it or nothing. `name`: of the file; `language`: of what it is asked about; `ranges`: what
    a row means that names several rooms, unless the row answers.

    A file with more than `MOST_CLOSINGS` closings is carried out when a second person gives the same file within a day,
    and it closes the same. Raises `Invalid` where the file cannot be read.
    """
    read = read_file(content, name, language, given=given, kept=_kept(act))
    tried = _carry_out(act, read, content, language, dry_run=dry_run, ranges=ranges)
    if tried.carried_out:
        _keep_mappings(act, read)
    event = Event.IMPORTED if tried.carried_out else Event.IMPORT_ASKED if tried.waits else Event.IMPORT_TRIED
    faults = sum(finding.blocks for finding in tried.findings)
    audit_log.write(act, event, faults=faults, counts=tried.counts())
    return tried


def _carry_out(
    act: Act, read: ReadFile, content: bytes, language: Language, *, dry_run: bool, ranges: RoomRange | None
) -> Outcome:
    """Tries the whole file, and takes everything back where that was all, or where something is wrong."""
    before = list(hash_chain.gathered(act.session))
    with act.session.begin_nested() as trial:
        rows = RegisterRows(act, read.findings, ranges)
        tables = [table for table in read.tables if _may_give(act, table.sheet.name)]
        rows.carry_out(tables)
        PeopleRows(act, rows, language).carry_out(tables)
        AreaRows(act, rows).carry_out(tables)
        AccountRows(act, rows).carry_out(tables)
        tried = Outcome(rows.steps, [*read.findings, *rows.findings, *_of_others(act, read, language)])
        closings = _closings(rows.steps)
        fingerprint = _fingerprint(content, closings)
        second = len(closings) <= MOST_CLOSINGS or _is_second(act, fingerprint)
        if tried.is_right and second and not dry_run:
            act.session.flush()
            act.session.exec(delete(ImportRequest).where(col(ImportRequest.fingerprint) == fingerprint))
            return Outcome(tried.steps, tried.findings, carried_out=True)
        trial.rollback()
    tried = replace(tried, steps=_without_new_ids(tables, tried.steps))
    made = [event for event in hash_chain.gathered(act.session) if not any(event is one for one in before)]
    hash_chain.withdraw(act.session, made)
    if dry_run or not tried.is_right:
        return tried
    act.session.merge(ImportRequest(fingerprint=fingerprint, asked_by=act.actor.id, asked_at=act.at))
    return Outcome(tried.steps, tried.findings, waits=True)


def _may_give(act: Act, sheet: str) -> bool:
    """Whether the actor may give the rows of this sheet. An operator may, but is no admin who asks for accounts."""
    if act.actor.role is Role.SYSTEM:
        return sheet != ACCOUNTS
    return SHEETS[sheet].by.is_of(act.actor)


def _of_others(act: Act, read: ReadFile, language: Language) -> list[Finding]:
    """Each row that another role has to give, which is named; nothing of these rows was tried."""
    return [
        table.at(
            row, "", "import_row_of_others", roles=[label("Role", role, language) for role in table.sheet.by.reach]
        )
        for table in read.tables
        if not _may_give(act, table.sheet.name)
        for row in table.rows
    ]


def _is_second(act: Act, fingerprint: str) -> bool:
    """Whether another person, who still may, wanted to import the same file within the last day."""
    asked = act.session.get(ImportRequest, fingerprint)
    if asked is None or asked.asked_by == act.actor.id or act.at - asked.asked_at > WAITS_FOR:
        return False
    return may_still_ask(act, asked.asked_by, Permission.REGISTER_IMPORT)


def _kept(act: Act) -> Mapping[str, SheetMapping]:
    """Of the sheets that the actor may give: what others kept says nothing about them. Nor does what an account kept
    that may not give them, as each account could before 28 November 2026.
    """
    keepers = dict(act.session.exec(select(Account.id, Account.role)).all())
    return {
        kept.fingerprint: SheetMapping(kept.sheet, kept.columns, kept.words, day_of(kept.kept_at))
        for kept in act.session.exec(select(ImportMapping))
        if _may_give(act, kept.sheet) and keepers.get(kept.kept_by) in {*SHEETS[kept.sheet].by.reach, None}
    }


def _keep_mappings(act: Act, read: ReadFile) -> None:
    """Keeps the mappings that came with a file, for the next one with the same headings; none of a sheet that the actor
    may not give, nor in the place of one.
    """
    theirs = {kept.fingerprint for kept in act.session.exec(select(ImportMapping)) if not _may_give(act, kept.sheet)}
    for table in read.tables:
        may_keep = _may_give(act, table.sheet.name) and table.fingerprint not in theirs
        if table.mapping is not None and may_keep:
            act.session.merge(
                ImportMapping(
                    fingerprint=table.fingerprint,
                    sheet=table.mapping.sheet,
                    columns=dict(table.mapping.columns),
                    words={column: dict(words) for column, words in table.mapping.values.items()},
                    kept_at=act.at,
                    kept_by=act.actor.id,
                )
            )


def _without_new_ids(tables: Sequence[Table], steps: Sequence[Step]) -> list[Step]:
    """As they are told before a file is carried out, which gives ids to what it makes and does not name itself."""
    said = {str(value) for table in tables for row in table.rows for value in row.values.values()}
    made = {step.thing for step in steps if step.kind is StepKind.MAKE or step.what == ACCOUNTS} - said
    return [replace(step, thing="") if step.thing in made else step for step in steps]


def _closings(steps: Collection[Step]) -> list[str]:
    """What is closed, by its id; by its name where it is made by the same file."""
    made = {step.thing for step in steps if step.kind is StepKind.MAKE}
    closed = (step for step in steps if step.kind is StepKind.CLOSE)
    return [f"{step.what} {step.name if step.thing in made else step.thing}" for step in closed]


def _fingerprint(content: bytes, closings: Collection[str]) -> str:
    """Of a file and of what it closes: a mapping that comes with it can make something else of the same file."""
    return hashlib.sha256("\n".join([hashlib.sha256(content).hexdigest(), *sorted(closings)]).encode()).hexdigest()
