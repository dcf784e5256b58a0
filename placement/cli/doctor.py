"""The command doctor."""

import json
from pathlib import Path
from typing import Annotated

import typer

from placement.core.settings import Settings
from placement.doctor import exposition
from placement.doctor.examination import findings
from placement.doctor.findings import Finding, Level
from placement.text.catalogue import SOURCE, Language, Offered, translate
from placement.text.labels import trouble_in_words

WRONG, WARNINGS = 3, 4


def doctor(
    language: Annotated[Offered, typer.Option("--lang", help="The language of the words.")] = SOURCE,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
    prometheus: Annotated[Path | None, typer.Option(help="Also write metrics for Prometheus into this file.")] = None,
) -> None:
    """Examine the installation: store, tables, keys, log, clock, jobs, processes, mail, proxy, disks, backups.

    Exit 3 if something is wrong, 4 if something should be done.
    """
    found = list(findings(Settings.from_environment()))
    if prometheus is not None:
        exposition.write(found, prometheus)
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in found], indent=1))
    else:
        for one in found:
            typer.echo(_in_words(one, language))
    levels = {one.found.level for one in found}
    raise typer.Exit(WRONG if Level.WRONG in levels else WARNINGS if Level.WARNING in levels else 0)


def _in_words(one: Finding, language: Language) -> str:
    level, area = (
        translate("doctor.level", one.found.level, language),
        translate("doctor.check", one.found.area, language),
    )
    facts = {**one.facts}
    if "trouble" in facts:
        facts["trouble"] = trouble_in_words(str(facts["trouble"]), language)
    line = f"{level:<{_width(language)}}  {area}: {translate('doctor', one.found, language, **facts)}"
    if one.found.level is Level.WELL:
        return line
    return f"{line}\n{'':<{_width(language)}}  → {translate('doctor.how', one.found, language, **facts)}"


def _width(language: Language) -> int:
    return max(len(translate("doctor.level", level, language)) for level in Level)
