"""The import of a registrant's list into the inbox: all rows, or only the rows without a fault."""

from collections.abc import Sequence

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.counts import inbox
from placement.counts.sheet_rows import ReadSheet, read_sheet
from placement.storage.field_sealing import keyed_hash
from placement.tables import CountSheet
from placement.tables.count import COUNTS

_OWNER = f"{COUNTS}persons"


@needs(Permission.COUNTS_IMPORT)
def take_in(
    act: Act, cells: Sequence[Sequence[str]], *, year: int | None = None, only_right: bool = False
) -> ReadSheet:
    """Reads a list, and puts its records into the inbox if the list has no fault. `only_right`: true to leave out the
    rows with faults. `year`: the year that all months of the list must have.

    Raises `Conflict` if the same list was imported before, and `Invalid` for a list without rows.
    """
    name = keyed_hash(act.session, _OWNER, "\n".join("\t".join(row) for row in cells))
    known = act.session.get(CountSheet, name)
    if known is not None:
        raise Conflict("count_sheet_known", day=known.imported_on.isoformat(), records=known.records)
    found = read_sheet(cells, act.day, year)
    if not found.rows and not found.faults:
        raise Invalid.at("file", "import_file_empty")
    stored = len(found.rows) if only_right or not found.faults else 0
    if stored:
        inbox.put(act.session, [inbox.content(act.session, one.facts, None, one.person) for one in found.rows])
        act.session.add(CountSheet(id=name, imported_on=act.day, records=stored))
    wrong = len({one.number for one in found.faults})
    audit_log.write(act, Event.COUNTS_IMPORTED, records=stored, wrong=wrong)
    return found
