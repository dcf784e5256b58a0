"""The import of rows of persons to invite. All rows together become one request of the importing admin. Another admin
must grant the request. The messages to the importing admin contain email addresses. The log contains nothing of the
file.
"""

from collections.abc import Iterable

from sqlmodel import select

from placement.accounts import accounts, approvals, details, invitations
from placement.accounts.approvals import Invited
from placement.accounts.details import of_record
from placement.areas.lookup import entries
from placement.core.area_codes import PlaceKind
from placement.core.codes import OrganisationKind
from placement.core.context import Act
from placement.exchange.cell_vocabulary import plain
from placement.exchange.import_steps import Step, StepKind, Stop
from placement.exchange.register_rows import RegisterRows
from placement.exchange.table_rows import Row, Table
from placement.tables import Invitation, Organisation

SHEET = "accounts"


class AccountRows:
    def __init__(self, act: Act, register: RegisterRows) -> None:
        self.act = act
        self.register = register
        self._seen: dict[str, int] = {}
        self._wanted: list[tuple[Table, Row, Invited]] = []
        self._asked: list[Invited] = []

    def carry_out(self, tables: Iterable[Table]) -> None:
        given = [table for table in tables if table.sheet.name == SHEET]
        self._asked = approvals.invitations_asked(self.act) if given else []
        self.register.each_row(given, SHEET, self._row)
        wanted = [one for one in self._wanted if not self.register.is_bad(*one[:2])]
        if not wanted:
            return
        asked = approvals.to_invite_all(self.act, [invited for _, _, invited in wanted])
        self.act.session.flush()
        self.register.steps += [
            Step(StepKind.ASK, SHEET, asked.id, invited.email, table.name, row.number) for table, row, invited in wanted
        ]

    def _row(self, table: Table, row: Row) -> None:
        wanted = self._invited(row)
        if (first := self._seen.setdefault(wanted.email, row.number)) != row.number:
            raise Stop("email", "import_row_twice", first=first)
        accounts.require_email(wanted.email)
        if accounts.with_email(self.act.session, wanted.email) is not None:
            self.register.findings.append(table.at(row, "email", "import_account_is_there", blocks=False))
            return
        if self._is_under_way(wanted):
            return
        approvals.require_possible(self.act, wanted)
        self._wanted.append((table, row, wanted))

    def _is_under_way(self, wanted: Invited) -> bool:
        """Checks whether this invitation was already requested or made."""
        invited = self.act.session.exec(invitations.active(self.act.at).where(Invitation.email == wanted.email))
        made = [
            Invited(one.email, one.role, one.regions, one.organisation_id, of_record(one.details)) for one in invited
        ]
        return wanted in [*self._asked, *made]

    def _invited(self, row: Row) -> Invited:
        values = row.values
        said = (values.get(name) for name in ("name", "job_title", "telephone"))
        person = details.checked(*said, required=False, sure_of=self.register.sure_of)
        return Invited(
            accounts.normal(values["email"]),
            values["role"],
            sorted({self._area(said) for said in values.get("regions", ())}),
            self._organisation(row),
            person,
        )

    def _organisation(self, row: Row) -> str:
        """Returns the id of the organisation in a row. The row may contain the organisation's id, its name, or the id
        of its shelter. If the row names no organisation, returns the coordination centre for a role that exists only
        there.
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
        """Returns the code of the area whose code or name is this text."""
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
