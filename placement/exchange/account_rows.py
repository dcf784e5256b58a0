"""Imports rows of persons to invite. Each row becomes a request of the importing admin; another admin grants it.

The messages to the importing admin contain the address; the log contains nothing of the file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import select

from placement.accounts import accounts, approvals, details, invitations
from placement.accounts.details import Details, of_record
from placement.areas.lookup import entries
from placement.core.area_codes import PlaceKind
from placement.core.codes import OrganisationKind, Role
from placement.core.context import Act
from placement.exchange.cell_vocabulary import plain
from placement.exchange.import_steps import Step, StepKind, Stop
from placement.exchange.register_rows import RegisterRows
from placement.exchange.table_rows import Row, Table
from placement.tables import Invitation, Organisation, SecondPersonRequest

SHEET = "accounts"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The content of a row, in a form that can be compared with requests and invitations."""

    email: str
    role: Role
    regions: Sequence[str]
    organisation_id: str
    details: Details

    def is_in(self, found: Invitation) -> bool:
        there = _Wanted(found.email, found.role, found.regions, found.organisation_id, of_record(found.details))
        return there == self

    def is_asked_by(self, found: SecondPersonRequest) -> bool:
        facts = found.facts
        known = Details(facts.get("name"), facts.get("job_title"), facts.get("telephone"))
        there = _Wanted(facts["email"], Role(facts["role"]), facts["regions"], facts["organisation"], known)
        return there == self


class AccountRows:
    def __init__(self, act: Act, register: RegisterRows) -> None:
        self.act = act
        self.register = register
        self._seen: dict[str, int] = {}

    def carry_out(self, tables: Iterable[Table]) -> None:
        self.register.each_row(tables, SHEET, self._row)

    def _row(self, table: Table, row: Row) -> None:
        wanted = self._wanted(row)
        if (first := self._seen.setdefault(wanted.email, row.number)) != row.number:
            raise Stop("email", "import_row_twice", first=first)
        accounts.require_email(wanted.email)
        if accounts.with_email(self.act.session, wanted.email) is not None:
            self.register.findings.append(table.at(row, "email", "import_account_is_there", blocks=False))
            return
        if self._is_under_way(wanted):
            return
        asked = approvals.to_invite(
            self.act, wanted.email, wanted.role, wanted.regions, wanted.organisation_id, details=wanted.details
        )
        self.act.session.flush()
        step = Step(StepKind.ASK, SHEET, asked.id, wanted.email, table.name, row.number)
        self.register.steps.append(step)

    def _is_under_way(self, wanted: _Wanted) -> bool:
        """Checks whether the same invitation was already requested or made."""
        if any(wanted.is_asked_by(one) for one in approvals.invitations_asked(self.act, wanted.email)):
            return True
        invited = invitations.active(self.act.at).where(Invitation.email == wanted.email)
        return any(wanted.is_in(one) for one in self.act.session.exec(invited))

    def _wanted(self, row: Row) -> _Wanted:
        values = row.values
        said = (values.get(name) for name in ("name", "job_title", "telephone"))
        person = details.checked(*said, required=False, sure_of=self.register.sure_of)
        return _Wanted(
            accounts.normal(values["email"]),
            values["role"],
            sorted({self._area(said) for said in values.get("regions", ())}),
            self._organisation(row),
            person,
        )

    def _organisation(self, row: Row) -> str:
        """Returns the id of the organisation that a row names: by its id, its name, or its shelter's id. Without a name
        it is the coordination centre, if the role works only there.
        """
        role, said = row.values["role"], row.values.get("shelter")
        if said is None:
            centre = accounts.find_coordination_centre(self.act.session)
            if centre is None or set(role.organisations) != {OrganisationKind.COORDINATION_CENTRE}:
                raise Stop("shelter", "import_organisation_missing")
            return centre.id
        known = self.act.session.exec(select(Organisation).order_by(Organisation.id)).all()
        by_id = [one.id for one in known if said in {one.id, one.shelter_id}]
        found = by_id or [one.id for one in known if plain(one.name) == plain(said)]
        if len(found) > 1:
            raise Stop("shelter", "import_ambiguous", found=said, ids=found)
        if not found:
            raise Stop("shelter", "import_organisation_unknown", found=said)
        return found[0]

    def _area(self, said: str) -> str:
        """Returns the code of an area that is given by code or name."""
        found = sorted(
            {
                entry.code
                for entry in entries(self.act.session, PlaceKind.AREA)
                if plain(said) in {plain(entry.code), plain(str(entry.facts.get("name", "")))}
            }
        )
        if len(found) > 1:
            raise Stop("regions", "import_ambiguous", found=said, ids=found)
        if not found:
            raise Stop("regions", "import_place_unknown", found=[said])
        return found[0]
