"""Deputies, who are notified in addition to an absent person. The absent person is notified too, and finds the message
after returning. The module also checks whether anybody of a group is present.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from placement.areas.lookup import Place, areas, reach_of
from placement.areas.values import AreaValue
from placement.core.codes import Sees
from placement.tables import Absence, Account


def fits(away: Account, deputy: Account, known: Mapping[str, Place[AreaValue]]) -> bool:
    """Checks whether an account can be the deputy of another account. The deputy must be active, have the same role,
    and see at least the same cases. For a coordinator, the deputy may also be a person who sees all areas. `known`: the
    areas of the day.
    """
    if deputy.disabled_at is not None or deputy.id == away.id:
        return False
    if away.role.sees is not Sees.REGIONS:
        return deputy.role == away.role and deputy.organisation_id == away.organisation_id
    if deputy.role.is_person and deputy.role.sees is Sees.ALL:
        return True
    reached, covered = (reach_of(known, one.regions, one.organisation_id) for one in (away, deputy))
    return deputy.role == away.role and reached <= covered


@dataclass(frozen=True, slots=True)
class Cover:
    """The absences of a period, the accounts of the absent persons and of their deputies, and the areas on the first
    day of the period.
    """

    absences: Collection[Absence]
    accounts: dict[str, Account]
    known: Mapping[str, Place[AreaValue]]

    def told(self, account_ids: Iterable[str], day: date) -> list[str]:
        """Returns these accounts, and the deputies of accounts that are away on this day. If a deputy is away too, adds
        the deputy's deputy.
        """
        found = list(dict.fromkeys(account_ids))
        for account_id in found:  # grows during the loop
            absence = self.absence(account_id, day)
            deputy = self._deputy(absence) if absence else None
            if deputy is not None and deputy not in found:
                found.append(deputy)
        return found

    def is_anyone_there(self, account_ids: Iterable[str], day: date) -> bool:
        """Checks whether any of these accounts, or any of their deputies, is present on this day."""
        return any(self.absence(one, day) is None for one in self.told(account_ids, day))

    def absence(self, account_id: str, day: date) -> Absence | None:
        return next((one for one in self.absences if one.account_id == account_id and _covers(one, day)), None)

    def _deputy(self, absence: Absence) -> str | None:
        """Returns the deputy of an absence if that account still fits; otherwise `None`."""
        away, deputy = self.accounts[absence.account_id], self.accounts.get(absence.deputy_id or "")
        return deputy.id if deputy is not None and fits(away, deputy, self.known) else None


def cover(session: Session, since: date, until: date) -> Cover:
    """Returns the absences in this period. Both days are part of the period."""
    absences = session.exec(
        select(Absence)
        .where(col(Absence.withdrawn_at).is_(None), col(Absence.starts_on) <= until, col(Absence.ends_on) >= since)
        .order_by(col(Absence.starts_on), Absence.id)
    ).all()
    ids = {one for absence in absences for one in (absence.account_id, absence.deputy_id) if one}
    if not ids:
        return Cover(absences, {}, {})
    known = select(Account).where(col(Account.id).in_(sorted(ids)))
    return Cover(absences, {one.id: one for one in session.exec(known)}, areas(session, since))


def _covers(absence: Absence, day: date) -> bool:
    return absence.starts_on <= day <= absence.ends_on


def there(session: Session, account_ids: Iterable[str], day: date) -> list[str]:
    """Returns the accounts, among these, that are not away on this day."""
    covered = cover(session, day, day)
    return [one for one in account_ids if covered.absence(one, day) is None]
