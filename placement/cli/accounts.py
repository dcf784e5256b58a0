"""Commands for the operator about accounts and keys: first admins, changes of accounts, keys of shelters' software."""

import json
from typing import Annotated

import typer

from placement.accounts import account_changes, accounts, api_keys, invitations, totp
from placement.cli.store import acting, credentials_file
from placement.core import clock
from placement.core.codes import Role
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.tables import ApiKey

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _accounts() -> None:
    """Accounts: invitations, accounts, keys for software."""


@app.command()
def invite(
    email: Annotated[str, typer.Option(help="The user's e-mail address.")],
    role: Annotated[Role, typer.Option(help="The role of the account.")] = Role.ADMIN,
    organisation: Annotated[
        str | None, typer.Option(help="The organisation's id; by default the coordination centre.")
    ] = None,
    region: Annotated[list[str] | None, typer.Option(help="An area of a coordinator; may be repeated.")] = None,
) -> None:
    """Print the link of a new invitation, with the service's address. Use this command to invite the first admin."""
    with acting() as act:
        where = organisation or accounts.coordination_centre(act).id
        made = invitations.invite(act, email, role, region or [], where)
    typer.echo(made.link)
    typer.echo(
        f"for {made.invitation.email}, until {clock.local_time(made.invitation.expires_at)} (Amsterdam), once", err=True
    )


@app.command("invite-again")
def invite_again(
    account: Annotated[str, typer.Argument(help="An id that `placement accounts list` prints.")],
) -> None:
    """Print the link for a new password and second factor. Use it only if there is no second admin. The old password
    and second factor end at once.
    """
    with acting() as act:
        made = invitations.invite_again(act, account)
    typer.echo(made.link)


@app.command()
def change(
    account: Annotated[str, typer.Argument(help="An id that `placement accounts list` prints.")],
    role: Annotated[Role | None, typer.Option(help="The role from now on.")] = None,
    organisation: Annotated[str | None, typer.Option(help="The organisation's id.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="An area of a coordinator; may be repeated.")] = None,
    all_regions: Annotated[bool, typer.Option("--all-regions", help="All areas of the coordinator's organisation.")] = (
        False
    ),
) -> None:
    """Change the rights of an account. Use it only if there is no second admin. The change is valid at once. An option
    that is left out changes nothing.
    """
    asked = {"role": role, "organisation_id": organisation, "regions": region}
    changes: dict[str, object] = {name: value for name, value in asked.items() if value}
    with acting() as act:
        account_changes.change(act, account, changes | ({"regions": []} if all_regions else {}))


@app.command("list")
def listed() -> None:
    """Print every account: id, role, email address, and whether it is disabled."""
    with acting() as act:
        for one in act.session.exec(accounts.listed()):
            typer.echo(f"{one.id}  {one.role:<13}  {one.email}{'  disabled' if one.disabled_at else ''}")


@app.command()
def demo(email: Annotated[str, typer.Argument(help="The address of a synthetic account.")]) -> None:
    """Print the password of an account of the synthetic country, and the code that is valid in this half minute."""
    file = credentials_file(Settings.from_environment())
    people = json.loads(file.read_text())["people"] if file.exists() else []
    found = next((one for one in people if one["email"] == email), None)
    if found is None:
        raise Misconfigured(f"{file} names no account {email}: only those of `placement seed` can be shown")
    typer.echo(f"password: {found['password']}")
    typer.echo(f"code:     {totp.code_at(found['totp_secret'], clock.now())}")


@app.command()
def disable(account: Annotated[str, typer.Argument(help="An id that `placement accounts list` prints.")]) -> None:
    """Disable an account. Its sessions and keys end at once."""
    with acting() as act:
        account_changes.disable(act, account)


@app.command()
def enable(account: Annotated[str, typer.Argument(help="The account's id.")]) -> None:
    """Enable an account again."""
    with acting() as act:
        account_changes.enable(act, account)


@app.command("new-key")
def new_key(
    shelter: Annotated[str, typer.Argument(help="The shelter whose software gets the key.")],
    days: Annotated[int, typer.Option(min=1, max=api_keys.LONGEST_LIFE.days)] = api_keys.LONGEST_LIFE.days,
) -> None:
    """Print a new key for a shelter's software. It is the first key, or it replaces a lost key."""
    with acting() as act:
        secret, _ = api_keys.make(act, shelter, api_keys.SCOPES, days)
    typer.echo(secret)


@app.command("revoke-keys")
def revoke_keys(shelter: Annotated[str, typer.Argument(help="The id of the shelter.")]) -> None:
    """Revoke every key of a shelter's software at once."""
    with acting() as act:
        for one in act.session.exec(api_keys.listed(act).where(ApiKey.shelter_id == shelter)).all():
            api_keys.revoke(act, one.id)
            typer.echo(f"revoked: {one.id}", err=True)
