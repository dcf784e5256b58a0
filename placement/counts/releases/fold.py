"""The choice of the codes that a release lists. All other codes of a table are added up in the code `others`."""

from collections.abc import Mapping, Sequence

from placement.counts.releases.model import blocks
from placement.counts.releases.tables import FLOOR, INNER, ROWS, SEVERAL, SINGLE, TOTAL, Counts, Key

MOST_OF_ROW = 0.9
"""The largest share of its row or column that a listed cell may have. A larger cell would disclose a fact about almost
every person in this row or column.
"""

Listed = dict[Key, list[str]]
"""The listed codes of each block (`model.blocks`), largest count first."""


def listed_codes(counts: Counts, codes: Mapping[str, Sequence[str]], *, is_year: bool) -> Listed:
    """Returns the codes that a release may list. Such a code has at least ten records, and discloses no fact about
    almost all persons of a group.
    """
    found: Listed = {}
    for block in blocks(is_year=is_year, rows=codes[ROWS]):
        row, name = block[:-1], block[-1]
        if row and row[-1] not in found[(ROWS,)]:
            continue
        shown = [code for code in codes[name] if _may_list(counts, row, name, code, found)]
        if shown or not row:
            found[block] = sorted(shown, key=lambda code: (-counts[(*row, name, code)], code))
    return found


def _may_list(counts: Counts, row: Key, name: str, code: str, found: Listed) -> bool:
    count, whole = counts.get((*row, name, code), 0), counts.get(row, 0)
    if count < FLOOR or (name in SEVERAL and whole - count < FLOOR):
        return False
    if not row:
        return True
    if name in SINGLE and (code not in found[(name,)] or count > MOST_OF_ROW * counts[(name, code)]):
        return False
    return count <= MOST_OF_ROW * whole


def folded_more(weak: Key, counts: Counts, listed: Listed) -> Key | None:
    """Takes a code out of a list, so that a reader can compute less about the count `weak`. Returns the key of that
    code, or `None` if no code is left.

    Tries in this order:

    - the smallest code in the block of `weak`;
    - the code of `weak` in the row with its smallest count;
    - codes of other rows;
    - codes in the lists of the dimension and of the rows.
    """
    name, code = weak[-2:] if weak else ("", "")
    columns = [block for block in listed if len(block) > 1 and block[-1] == name and code in listed[block]]
    if weak[:-1] in listed and listed[weak[:-1]] and len(weak) > 1:
        return _fold(weak[:-1], listed[weak[:-1]][-1], listed)
    if columns:
        return _fold(min(columns, key=lambda block: counts[(*block, code)]), code, listed)
    inner = [block for block in listed if len(block) > 1 and block[-1] in (name, *INNER) and listed[block]]
    single = [block for block in listed if len(block) == 1 and block[-1] in (name, ROWS) and listed[block]]
    for block in (*inner, *single):
        return _fold(block, listed[block][-1], listed)
    return None


def _fold(block: Key, code: str, listed: Listed) -> Key:
    """Removes a code from the list of a block. In the tables of two dimensions, also removes the cells that may be
    shown only if this code is listed.
    """
    listed[block].remove(code)
    if block == (ROWS,):
        for inner in [one for one in listed if one[:-1] == (ROWS, code)]:
            del listed[inner]
    elif block[:-1] == TOTAL:
        for inner in [one for one in listed if len(one) > 1 and one[-1] == block[-1] and code in listed[one]]:
            listed[inner].remove(code)
    for inner in [one for one in listed if len(one) > 1 and not listed[one]]:
        del listed[inner]
    return (*block, code)
