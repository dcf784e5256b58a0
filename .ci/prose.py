"""Finds sentences that are not plain English in the places in which this project writes sentences; a part of `make
lint`. `.ci/prose.json` holds the number of known faults of each text by rule: more of them fail. `--shrink` writes
smaller numbers, never larger numbers. Subjects of commits are read after the commit that the file names.
"""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
KNOWN = ROOT / ".ci" / "prose.json"
CODE = ("api", "bench", "fixtures", "matching", "placement", "tests", ".ci")
LONGEST_SENTENCE, LONGEST_ENTRY, LONGEST_SUBJECT = 25, 40, 72  # words, words, characters

_AFTER = "it|there|a|an|the|one|they|no|that|its|nobody|none|this|another|who"
_ALONE = r"\b(?:ones|none)\b|\bone\b(?=[.,;:)]|$| (?:of|is|was|that|who|which|in|for|to|by|with|and|or|has|at|from)\b)"
RULES = {
    "where": re.compile(rf"\bwhere (?:{_AFTER})\b", re.IGNORECASE),  # a condition begins with `if` or `when`
    "say": re.compile(r"\b(?:said|says?|saying|told|tells?|telling)\b", re.IGNORECASE),  # only people speak
    "one": re.compile(_ALONE, re.IGNORECASE),  # `one` stands beside its noun
}
FIRST = re.compile(r"(?:What|Who|Of|As|In|That|Where|Whether|Those|Whom|Whose)\b")
FRAGMENT = re.compile(r"\.(?:added|changed|fixed|upgrade)\.md$")
_NOT_WRITTEN = re.compile(r"^```.*?^```$|^<!-- made by: .*?^<!-- end of .*?$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`]*`|\[[^\]]*\]\([^)]*\)|https?://\S+")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n\s*\n|\n(?=[-|#\d])|\|")


def faults(text: str) -> Iterator[str]:
    """Yields the rules that a text breaks, once for each fault."""
    plain = _CODE.sub("X", text)
    for rule, pattern in RULES.items():
        yield from (rule for _ in pattern.findall(plain))
    yield from ("long" for sentence in _SENTENCE.split(plain) if len(sentence.split()) > LONGEST_SENTENCE)


def of_code(source: str) -> Iterator[str]:
    """The faults of docstrings and comments."""
    for node in ast.walk(ast.parse(source)):
        for part in getattr(node, "body", ()) if isinstance(getattr(node, "body", ()), list) else ():
            value = getattr(part, "value", None)
            if isinstance(part, ast.Expr) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield from faults(value.value)
                if part is node.body[0] and FIRST.match(value.value):  # type: ignore[attr-defined]
                    yield "first"
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and "noqa" not in token.string:
            yield from faults(token.string.removeprefix("#"))


def of_page(text: str) -> Iterator[str]:
    """Yields the faults of a document without its blocks of code and its tables made from the code."""
    return faults(_NOT_WRITTEN.sub("", text))


def of_entry(text: str) -> Iterator[str]:
    """The faults of an entry of the changelog, which is all of a fragment."""
    yield from faults(text)
    yield from ("words",) if len(text.split()) > LONGEST_ENTRY else ()


def of_changelog(text: str) -> Iterator[str]:
    for entry in re.findall(r"^- (.*(?:\n  .*)*)", text, flags=re.MULTILINE):
        yield from of_entry(entry)


def of_misnamed(_: str) -> Iterator[str]:
    """The fault of a fragment without a kind in its name: no release would have it."""
    yield "entry"


def of_sentences_of_pages(text: str) -> Iterator[str]:
    """The faults of sentences that are their own id: those of pages, in English."""
    for words in re.findall(r'(?:^|\n)\nmsgid "(.+)"$', text, flags=re.MULTILINE):
        yield from faults(words)


def of_catalogue(text: str) -> Iterator[str]:
    for words in re.findall(r'^msgstr "(.*)"$', text, flags=re.MULTILINE):
        yield from faults(words)


def of_subjects(since: str) -> Iterator[str]:
    """Yields the faults of the subjects of commits after `since`; without a repository only a message."""
    command = ["/usr/bin/env", "git", "log", "--no-merges", "--format=%s", f"{since}..HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        sys.stderr.write(f"prose: subjects of commits are not read, as {since[:8]} is not in a repository here\n")
    for subject in done.stdout.splitlines():
        yield from faults(subject)
        yield from ("subject",) if len(subject) > LONGEST_SUBJECT else ()


def readers() -> Iterator[tuple[Path, Callable[[str], Iterator[str]]]]:
    """Each file with sentences, and what reads it."""
    for name in CODE:
        yield from ((file, of_code) for file in (ROOT / name).rglob("*.py") if "migrations" not in file.parts)
    fragments = set((ROOT / "docs/changes").glob("[!.]*.*"))
    yield from ((file, of_entry if FRAGMENT.search(file.name) else of_misnamed) for file in fragments)
    dutch = set((ROOT / "docs/nl").glob("*.md"))
    pages = {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CHANGELOG.md"} - fragments - dutch
    yield from ((file, of_page) for file in pages)
    yield ROOT / "CHANGELOG.md", of_changelog
    yield ROOT / "placement/text/locale/en.po", of_catalogue
    yield ROOT / "placement/text/locale/nl.po", of_sentences_of_pages


def counted(since: str) -> Counter[str]:
    """How often each text breaks each rule, by `text: rule`."""
    found = Counter(f"subjects of commits: {rule}" for rule in of_subjects(since))
    for file, read in readers():
        found.update(f"{file.relative_to(ROOT)}: {rule}" for rule in read(file.read_text()))
    return found


def main() -> int:
    written = json.loads(KNOWN.read_text())
    now, known = counted(written["since"]), Counter(written["faults"])
    if "--shrink" in sys.argv:
        written["faults"] = now & known
        KNOWN.write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")
    more = now - known
    for place in sorted(more):
        sys.stderr.write(f"prose: {place}: {now[place]} times, {known[place]} are known (CONTRIBUTING.md)\n")
    return 1 if more else 0


if __name__ == "__main__":
    sys.exit(main())
