"""Draws states and moves into docs/guide/lifecycles.md: `python -m tests.support.lifecycle_diagrams`."""

from placement.lifecycles.machine import Move
from placement.lifecycles.moves import MOVES
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "lifecycles.md"
BEGIN, END = "<!-- made by: python -m tests.support.lifecycle_diagrams -->\n", "<!-- end of what is made -->\n"


def name_of(moves: type[Move]) -> str:
    """`LegalHoldMove` is of a `legal hold`."""
    word = moves.__name__.removesuffix("Move")
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in word).strip()


def diagram(moves: type[Move]) -> str:
    """Draws the moves as Mermaid: each move is an arrow; an arrow to nowhere leaves a state without a move from it."""
    targets = {move.target for move in moves}
    left = {state for move in moves for state in move.sources}
    lines = [
        f"  {source} --> {move.target} : {move.name.lower()}"
        for move in moves
        for source in ([state.value for state in type(move.target) if state in move.sources] or ["[*]"])
    ]
    lines += [f"  {state} --> [*]" for state in sorted(targets - left)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def table(moves: type[Move]) -> str:
    """Returns each move with its audit event, and its refusal (409) from any other state."""
    rows = [
        f"| `{move.name.lower()}` | {event_of(move)} | {f'`{move.refusal}`' if move.sources else ''} |"
        for move in moves
    ]
    return "\n".join(["| move | audit event | refused with |", "|---|---|---|", *rows])


def event_of(move: Move) -> str:
    return f"`{move.event.value}`" if move.event else "of the move that causes it"


def with_lifecycles(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    parts = [f"## {name_of(moves).capitalize()}\n\n{diagram(moves)}\n\n{table(moves)}\n" for moves in MOVES]
    return f"{before}{BEGIN}\n" + "\n".join(parts) + f"\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_lifecycles(PAGE.read_text()))
