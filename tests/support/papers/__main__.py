"""Writes the generated parts of the papers: `python -m tests.support.papers`."""

from tests.support.papers.pages import PARTS, page_of, with_part

if __name__ == "__main__":
    for name in PARTS:
        page_of(name).write_text(with_part(name, page_of(name).read_text()))
