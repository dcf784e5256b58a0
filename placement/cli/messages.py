"""Commands about outgoing messages: list, retry."""

from typing import Annotated

import typer

from placement.cli.store import acting
from placement.core.codes import MessageStatus
from placement.outbox import deliveries, outbox, reads

app = typer.Typer(no_args_is_help=True, add_completion=False)
_SHOWN = 200


@app.callback()
def _messages() -> None:
    """Outgoing messages, and those that were not delivered."""


@app.command("list")
def listed(
    status: Annotated[MessageStatus | None, typer.Option(help="Only with this status.")] = None,
) -> None:
    """Print the newest messages: id, kind, channel, status, tries, and the error. Exit 3 if any failed."""
    with acting() as act:
        rows, following = reads.messages(act, status, _SHOWN)
        failed = outbox.undelivered(act.session)[MessageStatus.FAILED]
    for row in rows:
        typer.echo(
            f"{row.id}  {row.kind:<18} {row.channel:<8} {row.status:<10} {row.attempts:>3}  {row.trouble or '-'}"
        )
    typer.echo(f"{len(rows)} listed{', and there are older ones' if following else ''}; given up: {failed}", err=True)
    raise typer.Exit(3 if failed else 0)


@app.command()
def retry(
    messages: Annotated[list[str] | None, typer.Argument(help="The messages' ids; by default all given up.")] = None,
) -> None:
    """Try now to deliver messages again."""
    with acting() as act:
        failed = [one.id for one in reversed(deliveries.found(act.session, MessageStatus.FAILED))]
        for message in messages or failed:
            outbox.retry(act, message)
            typer.echo(f"again: {message}", err=True)
