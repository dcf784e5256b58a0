"""Texts for the findings and steps of an import."""

from placement.exchange.cell_vocabulary import heading
from placement.exchange.grid import Choice, Finding
from placement.exchange.import_steps import Step, StepKind
from placement.exchange.importing import Outcome
from placement.exchange.sheets import SHEETS
from placement.text.catalogue import Language, translate
from placement.text.labels import label
from placement.text.messages import say, without_api

BY_SHEET = ("residents", "waiting", "municipalities", "areas", "accounts")
"""The sheets whose name is also the word for the things in their rows."""
PLACES = {(True, True): "at_cell", (True, False): "at_row", (False, False): "at_sheet", (False, True): "at_sheet"}


def place_in_words(finding: Finding, language: Language) -> str:
    """Returns the position of a finding as text: its sheet, row and column, as far as they are known."""
    place = PLACES[finding.row is not None, bool(finding.column)]
    facts = {"sheet": finding.sheet, "row": finding.row, "column": finding.column}
    return translate("import", place, language, **facts)


def finding_in_words(finding: Finding, language: Language) -> str:
    return say(without_api(finding.code, finding.facts), finding.facts, language)


def choice_in_words(choice: Choice, language: Language) -> str:
    """Returns the text of an allowed answer."""
    facts = dict(choice.facts)
    if choice.code == "column":
        return translate("column", str(facts["column"]), language).partition("|")[0].strip()
    if choice.code == "scheme":
        return label("Scheme", str(facts["code"]), language)
    return translate("reading", choice.code, language, **facts)


def step_in_words(step: Step, language: Language) -> str:
    """Returns the text of a step, such as `new: room 12 (B-…)`. A place that does not exist yet has no id."""
    what = (
        translate("import", step.what, language)
        if step.what in BY_SHEET
        else label("RegisterKind", step.what, language)
    )
    about = {"what": what, "name": f"{step.name} ({step.thing})" if step.thing else step.name}
    match step.kind:
        case StepKind.CHANGE:
            columns = ", ".join(_column(step.what, name, language) for name in step.facts["columns"])
            return translate("import", "change", language, **about, columns=columns)
        case StepKind.CLOSE:
            until = step.facts["until"].isoformat()
            here = {"clients": step.facts["clients"], "holds": step.facts["holds"]}
            return translate("import", "close", language, **about, until=until, **here)
        case StepKind.ASK if step.what == "accounts":
            return translate("import", "invite", language, **about)
        case _:
            return translate("import", step.kind.value, language, **about)


def result_in_words(outcome: Outcome, language: Language, *, dry_run: bool) -> str:
    """Returns a sentence about the result for the whole file."""
    blocking = [finding for finding in outcome.findings if finding.blocks]
    questions = sum(bool(finding.choices) for finding in blocking)
    facts = {"steps": len(outcome.steps), "faults": len(blocking) - questions, "questions": questions}
    if facts["faults"]:
        return translate("import", "wrong", language, **facts)
    if questions:
        return translate("import", "asks", language, **facts)
    if outcome.waits:
        return translate("import", "waits", language, **facts)
    return translate("import", "tried" if dry_run else "done", language, **facts)


def _column(what: str, name: str, language: Language) -> str:
    """Returns the heading of a column. A name that is no column of the sheet gets the heading of the police unit."""
    columns = {column.name: column for column in (SHEETS.get(what) or SHEETS[f"{what}s"]).columns}
    return heading(columns.get(name, SHEETS["locations"].column("police_unit")), language)
