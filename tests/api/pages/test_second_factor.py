"""The second factor again, on the pages that ask for it: what the account has, and nothing else."""

import pytest

from placement.tables import Account
from tests.support.api.pages import signed_in
from tests.support.authenticator import passkey_row
from tests.support.settings import changed
from tests.support.stores import one_store


@one_store
@pytest.mark.parametrize("has_app", [True, False])
def test_second_factor_is_asked_for_as_the_account_has_it(service, has_app):
    auditor = signed_in(service, "auditor")
    service.app.state.settings = changed(service.country.settings, webauthn="required")
    account = auditor.get("/api/v1/session").json()["account"]
    with service.database.transaction() as session:
        session.add(passkey_row(account, service.moment.at))
        if not has_app:
            session.get_one(Account, account).has_app = False
    page = auditor.get("/second-factor").text
    assert "Confirm with my passkey" in page
    assert ("Six digits" in page, "Or a recovery code" in page) == (has_app, not has_app)
    assert auditor.get("/api/v1/session").json()["second_factor"] == ("either" if has_app else "recovery")
