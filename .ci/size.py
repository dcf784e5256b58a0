"""Checks the size of the service against the numbers in `.ci/size.toml`; a part of `make lint`.

A change that needs a larger number raises it there, and gives the reason beside it. `--shrink` writes smaller numbers.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / ".ci" / "size.toml"
sys.path.insert(0, str(ROOT))


def sizes() -> dict[str, int]:
    """The numbers of today, by name."""
    from sqlmodel import SQLModel  # noqa: PLC0415 - after the path is set

    import placement.tables  # noqa: F401, PLC0415 - declares every table
    from api.description import description  # noqa: PLC0415
    from placement.access.permissions import Permission  # noqa: PLC0415
    from placement.audit.log import Event  # noqa: PLC0415
    from placement.core.settings import Environment  # noqa: PLC0415

    apart = {file for name in ("adopt", "changes", "nl", "versions") for file in (ROOT / "docs" / name).glob("*")}
    guides = set((ROOT / "docs").rglob("*.md")) - apart
    product = [file for name in ("api", "matching", "placement") for file in (ROOT / name).rglob("*.py")]
    return {
        "operations": sum(len(methods) for methods in description()["paths"].values()),
        "tables": len(SQLModel.metadata.tables),
        "audit_events": len(Event),
        "permissions": len(Permission),
        "settings": len(Environment.model_fields),
        "texts": _of(["placement/text/locale/nl.po"], r"^msgid ", re.MULTILINE) - 1,
        "words_of_documents": sum(len(written_by_hand(file.read_text()).split()) for file in guides),
        "product_lines": sum(len(file.read_text().splitlines()) for file in product if "migrations" not in file.parts),
        "any_placement": _any_in("placement"),
        "any_api": _any_in("api"),
    }


def written_by_hand(text: str) -> str:
    """Returns a document without its commands and answers, and without the tables that a program makes."""
    return re.sub(r"^<!-- made by: .*?^<!-- end of .*?$|^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _any_in(package: str) -> int:
    """How often the files of a package name the type `Any`."""
    nodes = (node for file in (ROOT / package).rglob("*.py") for node in ast.walk(ast.parse(file.read_text())))
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in nodes)


def _of(files: Iterable[Path | str], pattern: str, flags: int = 0) -> int:
    return sum(len(re.findall(pattern, (ROOT / file).read_text(), flags)) for file in files)


def main() -> int:
    written, now = tomllib.loads(FILE.read_text()), sizes()
    most = {name: row["most"] for name, row in written.items()}
    if "--shrink" in sys.argv:
        text = FILE.read_text()
        for name, number in now.items():
            text = re.sub(rf"(\[{name}\]\nmost = )\d+", rf"\g<1>{min(number, most[name])}", text)
        FILE.write_text(text)
    more = {name: number for name, number in now.items() if number > most[name]}
    for name, number in more.items():
        sys.stderr.write(f"size: {name}: {number}, at most {most[name]}: raise it in .ci/size.toml, with the reason\n")
    return 1 if more else 0


if __name__ == "__main__":
    sys.exit(main())
