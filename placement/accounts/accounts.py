"""Accounts and their organisations, as an admin sees and changes them. They contain no case data."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import cast

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.account_lookup import account_of
from placement.accounts import api_keys, passwords, sessions, totp
from placement.accounts.factors import forget_passkeys
from placement.areas.lookup import entries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.area_codes import PlaceKind
from placement.core.codes import OrganisationKind, Role, Sees
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid
from placement.core.ids import new_id
from placement.core.list_orders import AccountOrder
from placement.core.name_validation import plain_name
from placement.tables import AccessGrant, Account, Organisation, Shelter
from placement.text.catalogue import DEFAULT
from placement.text.labels import label

UNUSED_AFTER = timedelta(days=90)
"""The time without a sign-in after which an active account should be reviewed (assumed)."""


def is_unused(account: Account, day: date) -> bool:
    """Checks whether the account is active, but nobody has signed in with it for a long time."""
    week = account.signed_in_on
    return account.disabled_at is None and week is not None and day - week >= UNUSED_AFTER + timedelta(days=7)


def make_organisation(act: Act, name: str, kind: OrganisationKind, shelter_id: str | None = None) -> Organisation:
    """Makes an organisation. Raises `Invalid` if a shelter's organisation names no shelter, or if an organisation of
    another kind names a shelter. Raises `Conflict` if the shelter already has an organisation.
    """
    if kind is OrganisationKind.SHELTER:
        if shelter_id is None or act.session.get(Shelter, shelter_id) is None:
            raise Invalid.at("shelter", "target_unknown", kind="shelter", found=shelter_id or "")
        if act.session.exec(select(Organisation).where(Organisation.shelter_id == shelter_id)).first():
            raise Conflict("organisation_exists")
    elif shelter_id is not None:
        raise Invalid.at("shelter", "shelter_not_wanted")
    made = Organisation(id=new_id("O"), name=plain_name(name), kind=kind, shelter_id=shelter_id)
    act.session.add(made)
    act.session.flush()
    audit_log.write(act, Event.ORGANISATION_MADE, subject=made.id, kind=kind.value, shelter=shelter_id)
    return made


def rename_organisation_of(act: Act, shelter: Shelter, name: str) -> None:
    """Renames the organisation of a renamed shelter, if the two had the same name."""
    query = select(Organisation).where(Organisation.shelter_id == shelter.id).with_for_update(key_share=True)
    found = act.session.exec(query.execution_options(populate_existing=True)).first()
    if found is not None and found.name == shelter.name != name:
        found.name = name
        audit_log.write(act, Event.ORGANISATION_CHANGED, subject=found.id, changed=["name"])


def coordination_centre(act: Act, name: str | None = None) -> Organisation:
    """Returns the coordination centre. If it is missing, makes it for the first admin, who can rename it later."""
    kind = OrganisationKind.COORDINATION_CENTRE
    found = find_coordination_centre(act.session)
    return found or make_organisation(act, name or label("OrganisationKind", kind, DEFAULT), kind)


def find_coordination_centre(session: Session) -> Organisation | None:
    return session.exec(organisations().where(Organisation.kind == OrganisationKind.COORDINATION_CENTRE)).first()


def organisations() -> SelectOfScalar[Organisation]:
    return select(Organisation).order_by(Organisation.name, Organisation.id)


def listed(role: Role | None = None, order: AccountOrder = AccountOrder.ADDRESS) -> SelectOfScalar[Account]:
    address, of_role = col(Account.email), col(Account.role)
    ordered = {
        AccountOrder.ADDRESS: (address,),
        AccountOrder.ADDRESS_BACKWARDS: (address.desc(),),
        AccountOrder.ROLE: (of_role, address),
        AccountOrder.ROLE_BACKWARDS: (of_role.desc(), address),
    }
    query = select(Account).order_by(*ordered[order])
    return query if role is None else query.where(Account.role == role)


def changed_rights(account: Account, changes: Mapping[str, object]) -> tuple[Role, list[str], str]:
    """Returns role, regions and organisation after these changes. A right that `changes` does not contain keeps its
    value. Exception: a new role removes the regions.
    """
    role = Role(str(changes.get("role", account.role)))
    regions = sorted(cast("Collection[str]", changes.get("regions", account.regions if role is account.role else ())))
    return role, regions, str(changes.get("organisation_id", account.organisation_id) or "")


def require_fitting(session: Session, role: Role, regions: Collection[str], organisation_id: str) -> None:
    """Raises `Invalid` if the role does not fit the kind of organisation, or the areas do not fit the role."""
    faults = []
    if not role.is_person:
        expected = [one.value for one in Role if one.is_person]
        faults.append(Fault("role", "role_not_a_persons", {"expected": expected}))
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        faults.append(Fault("organisation", "target_unknown", {"kind": "organisation", "found": organisation_id}))
    elif role.is_person and organisation.kind not in role.organisations:
        expected = sorted(kind.value for kind in role.organisations)
        faults.append(Fault("organisation", "organisation_does_not_fit", {"role": role.value, "expected": expected}))
    faults += _faults_of_areas(session, role, regions, organisation_id)
    if faults:
        raise Invalid(faults)


def _faults_of_areas(session: Session, role: Role, areas: Collection[str], organisation_id: str) -> list[Fault]:
    """Returns the faults in the areas of an account: unknown areas, areas for a role without areas, or missing areas. A
    coordinator needs no areas if the coordinator's organisation coordinates an area.
    """
    entered = entries(session, PlaceKind.AREA)
    known = {entry.code for entry in entered}
    unknown = [Fault("regions", "entry_unknown", {"found": one, "kind": "area"}) for one in areas if one not in known]
    if role.sees is not Sees.REGIONS:
        return [Fault("regions", "regions_not_wanted")] if areas else []
    named = (entry.facts.get("coordinated_by") for entry in entered)
    coordinates = any(isinstance(one, list) and organisation_id in one for one in named)
    return unknown if areas or coordinates else [Fault("regions", "regions_missing")]


def shut_until_invited(act: Act, account: Account) -> None:
    """Removes the account's credentials, and ends its sessions, keys and access grants, so that a lost telephone is
    useless at once. The user can sign in again only by a new invitation.
    """
    account.password_hash, account.sso_subject = "", None
    account.totp_secret = totp.new_totp_secret()
    totp.forget_recovery_codes(act.session, account.id)
    forget_passkeys(act.session, account.id)
    sessions.end_all(act, account.id)
    api_keys.end_all(act, account.id)
    end_access_grants(act, account.id)


def end_access_grants(act: Act, account_id: str) -> None:
    """Ends the account's access grants to cases. Called when the work for which they were given is over."""
    given = select(AccessGrant).where(AccessGrant.account_id == account_id, col(AccessGrant.expires_at) > act.at)
    for grant in act.session.exec(given):
        grant.expires_at = act.at


def is_shut(account: Account) -> bool:
    """Checks whether the user must accept a new invitation before any sign-in. Until then every sign-in is refused,
    even through single sign-on.
    """
    return not account.password_hash


def with_email(session: Session, email: str) -> Account | None:
    return session.exec(select(Account).where(Account.email == normal(email))).first()


def require_good_password(session: Session, email: str, organisation_id: str | None, password: str) -> None:
    """Raises `Invalid` if the password is easy to guess for somebody who knows email address and organisation."""
    organisation = session.get(Organisation, organisation_id or "")
    passwords.require_good(password, email, organisation.name if organisation else "")


def require_new(session: Session, email: str) -> None:
    """Raises `Invalid` for a malformed email address. Raises `Conflict` if an account has this address."""
    require_email(email)
    if with_email(session, email) is not None:
        raise Conflict("account_exists")


def require_email(email: str) -> None:
    """Raises `Invalid` for a malformed email address. Does not check that the address exists."""
    name, _, domain = email.partition("@")
    plain = email.isascii() and email.isprintable() and " " not in email
    if not (name and domain and plain) or "@" in domain:
        raise Invalid.at("email", "not_an_email")


def normal(email: str) -> str:
    """Returns the address in the form that is stored and looked up: lower case, without surrounding spaces."""
    return email.strip().lower()


def other_account(act: Act, account_id: str) -> Account:
    """Returns the account, locked for a change. Raises `Conflict` for the actor's own account, because an admin who
    disabled it could not enable it again.
    """
    account = account_of(act.session, account_id, lock=True)
    if account_id == act.actor.id:
        raise Conflict("not_oneself")
    return account


def note_let_in(account: Account, asked_by: str | None) -> None:
    """Records which admin requested the rights of the account. After that, this admin and the user of the account
    cannot approve each other's requests.
    """
    if asked_by is not None:
        account.let_in_by = sorted({*account.let_in_by, asked_by})
