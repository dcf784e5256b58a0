"""Allowed imports: the syntax trees of the whole project, against the table in docs/decisions/0001."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

OURS = {"matching", "placement", "api", "fixtures"}
STANDARD = set(sys.stdlib_module_names)

MAY_IMPORT = {
    "matching": {"matching", "numpy", "ortools", "highspy", "msgspec"},
    "placement": {
        "placement",
        "matching",
        "sqlmodel",
        "sqlalchemy",
        "alembic",
        "babel",
        "cryptography",
        "granian",
        "msgspec",
        "structlog",
        "typer",
    },
    "api": {"api", "placement", "matching", "litestar", "pydantic", "anyio", "babel", "prometheus_client", "structlog"}
    | {"sqlalchemy"},
    "fixtures": {"fixtures", "placement", "matching", "sqlmodel"},
}

# One file each, and why.
ALSO = {
    "api/http/field_types.py": {"pydantic_core"},  # what stands for no default
    "api/pages/rendering.py": {"jinja2"},  # the one file that makes a page of a template
    "api/pages/case_words.py": {"markupsafe"},  # a handle and its reference
    "api/pages/qr.py": {"segno"},  # the picture from which a telephone reads its secret
    "matching/cli.py": {"rich", "typer"},  # the commands, and the bar while a large problem is solved
    "matching/many_problems.py": {"typer"},  # a command
    "matching/progress_bar.py": {"rich"},  # the bar on a terminal, while a command takes long
    "matching/plot.py": {"matplotlib"},  # pictures, an extra
    "placement/cli/init_questions.py": {"pydantic"},  # an answer is checked as the setting that keeps it
    "placement/cli/retention.py": {"rich"},  # the table of the report
    "placement/doctor/exposition.py": {"prometheus_client"},  # findings as metrics
    "placement/doctor/figures.py": {"prometheus_client"},  # figures as metrics
    "placement/placements/client_values.py": {"pydantic"},  # records within a row
    "placement/core/telephone.py": {"phonenumbers"},  # the numbers of every country
    "placement/core/settings.py": {"pydantic", "pydantic_settings"},  # reads the environment
    "placement/core/load_settings.py": {"pydantic"},  # a part of them
    "placement/core/anomaly_settings.py": {"pydantic"},  # limits of the anomaly rules
    "placement/core/ladder_settings.py": {"pydantic"},  # another part of them
    "placement/core/practice_settings.py": {"pydantic"},  # one more
    "placement/core/syslog_settings.py": {"pydantic"},  # the receiver of the log
    "placement/core/setting_fields.py": {"pydantic"},  # how a field is declared
    "placement/core/setting_texts.py": {"pydantic_core"},  # what stands for no value
    "placement/backup/postgresql.py": {"psycopg"},  # the address of a database, as its programs take it
    "placement/duty/hours.py": {"dateutil"},  # when Easter is
    "placement/tables/columns.py": {"pydantic", "pydantic_core"},  # a column of records
    "placement/crypto/sealed_values.py": {"pydantic"},  # a sealed record
    "placement/tables/message.py": {"pydantic"},  # the shape of what is sealed as one value
    "placement/tables/registration_link.py": {"pydantic"},  # the same
    "placement/tables/telephone.py": {"pydantic"},  # the same
    "placement/tables/count.py": {"pydantic"},  # the same
    "placement/tables/count_release.py": {"pydantic"},  # the same
    "placement/tables/event.py": {"pydantic"},  # the same
    "placement/tables/help_desk.py": {"pydantic"},  # the same
    "placement/tables/sent_registration.py": {"pydantic"},  # the same
    "placement/tables/facts.py": {"pydantic"},  # the shape in which it is stored, read, sent and described
    "placement/exchange/open_imports.py": {"pydantic"},  # the answers as they are stored
    "placement/exchange/import_records.py": {"pydantic_core"},  # any value before a change, as JSON
    "placement/exchange/xlsx.py": {"python_calamine"},  # reads the values of a workbook
    "placement/exchange/xlsx_marks.py": {"defusedxml"},  # looks through its parts
    "placement/help_desk/search.py": {"snowballstemmer"},  # stems of Dutch and English words
    "placement/exchange/xls.py": {"xlrd"},  # looks through the parts of an older workbook
    "placement/exchange/ods.py": {"defusedxml"},  # looks through its parts
    "placement/exchange/xlsx_survey.py": {"defusedxml"},  # looks through its parts first
    "placement/exchange/xlsx_write.py": {"openpyxl"},  # writes a workbook
    "placement/areas/values.py": {"pydantic"},  # the shape in which it is stored, read and sent
    "placement/dated_rules/values.py": {"pydantic"},  # the shape in which it is stored, read and sent
    "placement/reports/model.py": {"pydantic"},  # what is stored, sent and described is one shape
    "placement/reports/periods/model.py": {"pydantic"},  # the same of a period
    "placement/reports/render/html.py": {"jinja2", "markupsafe"},  # the report as a piece of HTML
    "placement/reports/render/pdf.py": {"typst"},  # the report on paper
    "placement/reports/render/csv.py": {"pydantic"},  # goes through the fields of that shape
    "placement/reports/sections/forecast.py": {"numpy"},  # how long stays last (Kaplan-Meier)
    "placement/jobs/scheduler.py": {"apscheduler"},  # the one file that knows the scheduler
    "placement/outbox/practice_post.py": {"pydantic"},  # a message as a file of a practice room
    "placement/practice/room.py": {"pydantic"},  # the state of a practice room as a file
    "placement/outbox/webhook_events.py": {"pydantic"},  # what is sent and described is one shape
    "placement/outbox/webhook_client.py": {"standardwebhooks"},  # how an event is signed
    "placement/outbox/web_push.py": {"pywebpush", "py_vapid"},  # what a browser reads, and the signature on it
    "placement/accounts/passkeys.py": {"webauthn"},  # what a passkey is asked, and whether its answer is right
    "placement/accounts/passwords.py": {"argon2", "zxcvbn"},  # how a password is stored, and whether it is common
    "placement/accounts/sso.py": {"authlib", "joserfc", "requests"},  # OpenID Connect
    "placement/crypto/token_keys.py": {"pkcs11"},  # master keys in a token
    "placement/crypto/token_session.py": {"pkcs11"},  # the connection to it
    "placement/tables/records.py": {"pydantic"},  # how a fact of a sealed record is written and read
    "placement/tables/registration.py": {"pydantic", "typing_extensions"},  # what such a record consists of
    "placement/tables/stay.py": {"typing_extensions"},  # typed records
    "placement/tables/capacity.py": {"typing_extensions"},  # the same
    "placement/needs/model.py": {"pydantic"},
    "placement/tables/need.py": {"pydantic"},
    "placement/needs/fold.py": {"numpy"},
    "placement/counts/releases/linear_program.py": {"highspy", "numpy"},
    "placement/needs/estimates.py": {"numpy"},
    "placement/registrations/case.py": {"pydantic"},  # a case is frozen
    "placement/leave/people_archive.py": {"pydantic"},  # any value of a row, as JSON
    "placement/crypto/age.py": {"pyrage"},  # how exports with people and backups are encrypted
    "placement/accounts/totp.py": {"pyotp"},  # codes that change with the time
}

OUTSIDE = {"open", "print", "input", "environ", "getenv", "today", "utcnow", "read_text", "read_bytes", "write_text"}
"""Names by which a file, the clock or the environment would be reached."""


def files_of(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    for node in nodes_in(source):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield str(node.module)


def wrong_imports(package: str, path: str, source: str) -> list[str]:
    """Returns the top-level names that a file of this package imports and may not."""
    allowed = MAY_IMPORT[package] | ALSO.get(path, set()) | STANDARD
    return [name for name in imported(source) if name.split(".")[0] not in allowed]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_run_one_way_only(package):
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in files_of(package)
        if (found := wrong_imports(package, str(file.relative_to(ROOT)), file.read_text()))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("package", "path", "line"),
    [
        ("matching", "matching/exact/solve.py", "import placement"),
        ("matching", "matching/exact/solve.py", "from sqlmodel import Session"),
        ("placement", "placement/placements/decisions/decisions.py", "from litestar import get"),
        ("placement", "placement/placements/decisions/decisions.py", "import ortools"),
        ("placement", "placement/jobs/periodic.py", "from apscheduler.schedulers.background import Scheduler"),
        ("placement", "placement/cli/store.py", "    import fixtures".strip()),
        ("api", "api/app.py", "import fixtures"),
        ("api", "api/app.py", "from ortools.sat.python import cp_model"),
    ],
)
def test_a_forbidden_import_is_found(package, path, line):
    assert wrong_imports(package, path, line)


def test_placement_uses_the_public_names_of_matching_only():
    deep = {
        f"{file.relative_to(ROOT)}: {name}"
        for package in ("placement", "api", "fixtures")
        for file in files_of(package)
        for name in imported(file.read_text())
        if name.startswith("matching.") and name != "matching.progress_bar"  # of every command, also of the engine's
    }
    assert deep == set()


SOLVES = {"advise", "bottlenecks", "degraded", "explain_all", "match", "more_places", "rematch", "ways_out"}
"""What of the engine takes long. Each of the files below refuses to ask it inside a transaction."""


def test_engine_is_asked_in_few_files_outside_transactions():
    sources = {
        str(file.relative_to(ROOT)): file.read_text()
        for package in ("placement", "api")
        for file in files_of(package)
        for node in nodes_in(file.read_text())
        if isinstance(node, ast.ImportFrom) and node.module == "matching" and SOLVES & {one.name for one in node.names}
    }
    guarded = {name for name, source in sources.items() if "transactions.require_none(" in source}
    pure = {
        "placement/reports/causes.py",
        "placement/reports/engine_needs.py",
    }  # run in the process that `placement/reports/engine_causes.py` starts
    assert set(sources) == guarded | pure
    assert guarded == {
        f"placement/{name}.py"
        for name in (
            "placements/proposals/proposals",
            "solver/engine_process",
            "solver/missing_counts",
            "solver/plan_ways_out",
            "solver/profile_preview",
        )
    }


def test_the_engine_reads_no_file_clock_or_environment():
    reached = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files_of("matching")
        if file.name not in {"cli.py", "many_problems.py"}  # the commands, which no import of the engine loads
        for node in nodes_in(file.read_text())
        if (name := getattr(node, "id", getattr(node, "attr", ""))) in OUTSIDE
    }
    assert reached == set()


def test_clock_and_environment_are_read_in_one_place_each():
    readers: dict[str, set[str]] = {"now": set(), "environ": set()}
    for package in ("placement", "api"):
        for file in files_of(package):
            for node in nodes_in(file.read_text()):
                if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
                    owner = node.value.id if isinstance(node.value, ast.Name) else ""
                    if owner in {"datetime", "date"}:
                        readers["now"].add(str(file.relative_to(ROOT)))
                if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                    readers["environ"].add(str(file.relative_to(ROOT)))
    assert readers["now"] == {"placement/core/clock.py"}
    # Besides the settings, which pydantic-settings reads (`ALSO`): `serve --demo` sets a variable for its processes,
    # and `practice start` gives its own processes another environment.
    assert readers["environ"] == {"placement/cli/service.py", "placement/cli/practice.py"}


def test_transactions_are_committed_in_one_place():
    committing = {
        str(file.relative_to(ROOT))
        for package in ("placement", "api", "fixtures")
        for file in files_of(package)
        for node in nodes_in(file.read_text())
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "begin"} and "migrations" not in str(file)
        if ast.unparse(node.value) != "super()"  # what a library calls by such a name: an answer of HTTP begins
    }
    assert committing == {"placement/storage/database.py"}


def test_the_top_level_holds_what_it_should_and_nothing_else():
    known = {
        "api",
        "bench",
        "deploy",
        "docs",
        "fixtures",
        "matching",
        "placement",
        "tests",
        ".ci",
        ".gitattributes",
        ".gitignore",
        ".git",
    }
    known |= {
        "pyproject.toml",
        "README.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        ".editorconfig",
        ".github",
        ".pre-commit-config.yaml",
        "Makefile",
        "mkdocs.yml",
        "requirements.txt",
        "requirements-dev.txt",
    }
    made = {".venv", "var", "build", "placement.egg-info", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    assert {one.name for one in ROOT.iterdir()} <= known | made
