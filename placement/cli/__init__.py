"""The command `placement`: one file a group of commands."""

import sys
from collections.abc import Callable
from typing import NoReturn

import typer
from cryptography.fernet import InvalidToken
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.cli import access, audit, engine, keys, messages, report, retention, service, store
from placement.core.errors import Misconfigured
from placement.storage.database_faults import reason_of

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_COMMANDS: tuple[Callable[..., None], ...] = (
    service.serve,
    service.scheduler,
    service.jobs,
    store.migrate,
    store.seed,
    store.export_problem,
    store.replay,
    report.report,
    engine.match,
    engine.check,
    engine.explain,
    engine.alternatives,
    engine.bottlenecks,
)
for command in _COMMANDS:
    app.command()(command)
app.add_typer(keys.keys, name="keys", help="Keys of the encrypted fields, and of the log.")
app.add_typer(retention.retention, name="retention", help="What is kept and for how long.")
app.add_typer(audit.app, name="audit", help="The log: verify it, see its head, grant its rights.")
app.add_typer(messages.app, name="messages", help="What goes out: list it, try again what did not arrive.")
app.add_typer(access.group, name="accounts", help="Who comes in: invitations, accounts, keys for software.")


def main() -> None:
    """Runs the command; what is wrong with the installation is said in one line, without a traceback."""
    try:
        app()
    except Misconfigured as wrong:
        _stop(str(wrong))
    except (DBAPIError, NoConnectionInTime) as wrong:
        why = reason_of(wrong)
        _stop(f"the database cannot be used: {why} (look at DATABASE_URL)")
    except (SQLAlchemyError, ImportError) as wrong:
        # Its text can hold the address of the database, and a password in that: only its kind is said.
        _stop(f"the database cannot be used ({type(wrong).__name__}): look at DATABASE_URL, and whether it answers")
    except InvalidToken:
        _stop("the key for the encrypted fields does not open this database: look at PLACEMENT_FIELD_KEYS")
    except OSError as wrong:
        _stop(f"{wrong.strerror}: {wrong.filename}" if wrong.filename else str(wrong))


def _stop(why: str) -> NoReturn:
    typer.echo(f"placement: {why}", err=True)
    sys.exit(1)
