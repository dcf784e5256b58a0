"""Draws the packages and their imports into docs/architecture.md: `python -m tests.support.package_diagram`."""

import ast
from collections import defaultdict

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- made by: python -m tests.support.package_diagram -->\n", "<!-- end of what is made -->\n"
BESIDE = {"placement.migrations"}
"""Not drawn: no package imports it."""


def imports() -> dict[str, set[str]]:
    """Returns, by package, the packages from which it imports. A package: `api`, `matching`, or one package of
    `placement`.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for top in ("api", "matching", "placement"):
        for file in sorted((ROOT / top).rglob("*.py")):
            here = _package(".".join(file.relative_to(ROOT).with_suffix("").parts))
            for node in nodes_in(file.read_text()):
                for name in _named(node):
                    there = _package(name)
                    if here and there and there != here:
                        found[here].add(there)
    return found


def picture() -> str:
    """Draws the imports as Mermaid, without an arrow if a longer way leads to the same package."""
    found = imports()
    pairs = sorted((one, other) for one, others in found.items() for other in others)
    arrows = [(one, other) for one, other in pairs if not _indirect(found, one, other)]
    lines = [f"  {one.replace('.', '_')}[{one}] --> {other.replace('.', '_')}[{other}]" for one, other in arrows]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"]) + "\n"


def with_picture(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{picture()}{END}{after}"


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{one.name}" for one in node.names]
    return []


def _package(name: str) -> str | None:
    top, *rest = name.split(".")
    if top != "placement":
        return top if top in {"api", "matching"} else None
    is_package = bool(rest) and (ROOT / "placement" / rest[0]).is_dir()
    found = f"placement.{rest[0]}" if is_package else None
    return None if found in BESIDE else found


def _indirect(found: dict[str, set[str]], one: str, other: str) -> bool:
    seen: set[str] = set()
    ahead = [next_one for next_one in found[one] if next_one != other]
    while ahead:
        here = ahead.pop()
        if here == other:
            return True
        if here not in seen:
            seen.add(here)
            ahead += found.get(here, ())
    return False


if __name__ == "__main__":
    PAGE.write_text(with_picture(PAGE.read_text()))
