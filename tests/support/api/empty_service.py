"""The service over a store in which nothing is but what a test puts there."""

import io
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import SQLModel

from api.http.cookies import session_cookie
from placement.accounts import sessions
from placement.core.codes import OrganisationKind, Role
from placement.core.context import SYSTEM, Act
from placement.tables import Account, Organisation, Provider, Shelter
from tests.support.accounts import account_row
from tests.support.api.service import API, Moment
from tests.support.stores import Country

SHELTER = "S01"


class Begun:
    """`put` stores rows; `get` and `page` ask as an account that `account` made."""

    def __init__(
        self, country: Country, app: Litestar, client: TestClient[Any], moment: Moment, log: io.StringIO
    ) -> None:
        self.country, self.app, self.client, self.moment, self.log = country, app, client, moment, log

    def put(self, *rows: SQLModel) -> None:
        with self.country.database.transaction() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def account(self, role: Role, *regions: str, organisation: str | None = None, name: str = "") -> str:
        made = account_row(name or f"A-{role}", role, regions=list(regions), organisation_id=organisation)
        self.put(made)
        return f"{name or f'A-{role}'}"

    def shelter(self) -> str:
        """Adds a shelter without a unit, with its organisation, and returns the id of the organisation."""
        organisation = Organisation(id="O-S01", name="-", kind=OrganisationKind.SHELTER, shelter_id=SHELTER)
        self.put(Provider(id="P01", name="-"), Shelter(id=SHELTER, provider_id="P01", name="De Reiger"), organisation)
        return "O-S01"

    def get(self, account: str, path: str) -> Any:
        """Returns the answer of the API."""
        answer = self.page(account, f"{API}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def page(self, account: str, path: str, language: str = "en", form: str = "*/*") -> Response:
        database, settings = self.country.database, self.country.settings
        with database.transaction() as session:
            one = session.get_one(Account, account)
            secret = sessions.start(Act(session, SYSTEM, self.moment.at, settings), one, "?")
        headers = {"Cookie": f"{session_cookie(settings)}={secret}", "Accept-Language": language, "Accept": form}
        answer = self.client.get(path, headers=headers, follow_redirects=False)
        if answer.is_redirect:
            return self.page(account, answer.headers["location"], language, form)
        return answer
