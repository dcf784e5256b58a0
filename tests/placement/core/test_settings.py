"""Settings: what the environment may set, and the message when it is wrong."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from placement.audit import settings_changes
from placement.core.codes import Role
from placement.core.errors import Misconfigured
from placement.core.setting_files import audit_key_file, key_file, settings_file
from placement.core.setting_limits import NOT_ABOVE, limit_shown
from placement.core.settings import Settings, unknown_variables, variable_of, variables_set
from placement.crypto.key_files import AUDIT, FIELD, KeyFile
from placement.crypto.key_ring import KeyRing
from placement.retention.schedule import kind_named
from placement.storage import log_keys
from tests.support.settings_table import table


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in (
        "DATABASE_URL",
        "PLACEMENT_FIELD_KEYS",
        "PLACEMENT_KEY_STORE",
        "PLACEMENT_AUDIT_KEY",
        "PLACEMENT_AUDIT_HEADS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path))


def test_nothing_set_gives_the_defaults_of_the_design(tmp_path):
    found = Settings.from_environment()
    assert found.database_url == f"sqlite:///{tmp_path / 'placement.db'}"
    assert (found.hold_lifetime, found.fresh_within, found.stale_after, found.token_lifetime) == (
        timedelta(hours=4), timedelta(hours=24), timedelta(hours=72), timedelta(minutes=15)
    )  # fmt: skip
    assert found.standing_confirmation is False
    assert found.field_keys == ()


@pytest.mark.parametrize("name", ["PLACEMENT_HOLD_HOURS", "PLACEMENT_FRESH_HOURS", "PLACEMENT_STALE_HOURS"])
@pytest.mark.parametrize("value", ["", "soon", "0", "-1", "nan", "inf", "1e300"])
def test_hours_that_are_none_are_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=name):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "field", "default"),
    [
        ("PLACEMENT_SESSION_IDLE_HOURS", "session_idle", timedelta(minutes=15)),
        ("PLACEMENT_SESSION_HOURS", "session_lifetime", timedelta(hours=12)),
        ("PLACEMENT_INVITATION_HOURS", "invitation_lifetime", timedelta(hours=72)),
    ],
)
def test_session_lifetimes_have_defaults_and_can_be_set(monkeypatch, name, field, default):
    assert getattr(Settings.from_environment(), field) == default
    monkeypatch.setenv(name, "0.5" if "IDLE" in name else "10")
    assert getattr(Settings.from_environment(), field) in {timedelta(hours=0.5), timedelta(hours=10)}
    monkeypatch.setenv(name, "soon")
    with pytest.raises(Misconfigured, match=name):
        Settings.from_environment()


def test_idle_session_above_its_retention_is_refused(monkeypatch):
    monkeypatch.setenv("PLACEMENT_SESSION_HOURS", "100")
    monkeypatch.setenv("PLACEMENT_SESSION_IDLE_HOURS", "24")
    assert Settings.from_environment().session_idle == kind_named("sessions").term
    monkeypatch.setenv("PLACEMENT_SESSION_IDLE_HOURS", "24.1")
    with pytest.raises(Misconfigured, match="PLACEMENT_SESSION_IDLE_HOURS must not be above 24"):
        Settings.from_environment()


def test_a_session_cannot_be_idle_for_longer_than_it_lives(monkeypatch):
    monkeypatch.setenv("PLACEMENT_SESSION_IDLE_HOURS", "13")
    with pytest.raises(Misconfigured, match=r"PLACEMENT_SESSION_IDLE_HOURS.*PLACEMENT_SESSION_HOURS"):
        Settings.from_environment()


@pytest.mark.parametrize("name", NOT_ABOVE)
def test_each_limit_is_refused_above_and_stands_in_the_guide(monkeypatch, name):
    variable, row = variable_of(name), next(row for row in table().splitlines() if f"| `{variable_of(name)}` |" in row)
    for most in NOT_ABOVE[name]:
        assert f"at most {f'`{variable_of(most)}`' if isinstance(most, str) else limit_shown(most, variable_of)}" in row
    monkeypatch.setenv(variable, "999")
    with pytest.raises(Misconfigured, match=f"{variable} must not be above"):
        Settings.from_environment()


def test_unknown_variable_is_named_with_the_nearest(monkeypatch):
    assert unknown_variables() == {}
    monkeypatch.setenv("PLACEMENT_HOLD_HOUR", "2")
    monkeypatch.setenv("PLACEMENT_QQQQQQQQ", "2")
    monkeypatch.setenv("PLACEMENTS", "2")
    assert unknown_variables() == {"PLACEMENT_HOLD_HOUR": "PLACEMENT_HOLD_HOURS", "PLACEMENT_QQQQQQQQ": ""}
    monkeypatch.setenv("PLACEMENT_HOLD_HOURS", "2")  # the right variable beside it does not excuse the wrong variable
    assert "PLACEMENT_HOLD_HOUR" in unknown_variables()


@pytest.mark.parametrize(("value", "found"), [(None, False), ("yes", True), ("no", False)])
def test_cookies_need_tls_unless_set_otherwise(monkeypatch, value, found):
    if value is not None:
        monkeypatch.setenv("PLACEMENT_PLAIN_HTTP", value)
    assert Settings.from_environment().plain_http is found


SSO = {
    "PLACEMENT_SSO_ISSUER": "https://issuer.example",
    "PLACEMENT_SSO_CLIENT": "placement",
    "PLACEMENT_ADDRESS": "https://placement.example/",
}


def test_sso_settings_are_complete_with_the_secret_in_a_file(monkeypatch, tmp_path):
    assert Settings.from_environment().sso is None
    for name, value in SSO.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match="PLACEMENT_SSO_SECRET_FILE"):
        Settings.from_environment()
    file = tmp_path / "sso"
    file.write_text("a secret\n")
    monkeypatch.setenv("PLACEMENT_SSO_SECRET_FILE", str(file))
    monkeypatch.setenv("PLACEMENT_SSO_ACR", "urn:two,2 urn:three")
    found = Settings.from_environment().sso
    assert (found.issuer, found.client_id, found.client_secret) == ("https://issuer.example", "placement", "a secret")
    assert (found.address, found.second_factor_acr) == ("https://placement.example", ("urn:two,2", "urn:three"))
    assert "a secret" not in repr(Settings.from_environment())


@pytest.mark.parametrize("name", ["PLACEMENT_SSO_ISSUER", "PLACEMENT_ADDRESS"])
def test_single_sign_on_is_over_tls(monkeypatch, tmp_path, name):
    file = tmp_path / "sso"
    file.write_text("x")
    for one, value in {**SSO, "PLACEMENT_SSO_SECRET_FILE": str(file), name: "http://elsewhere.example"}.items():
        monkeypatch.setenv(one, value)
    with pytest.raises(Misconfigured, match=f"{name} must begin with https://"):
        Settings.from_environment()


def test_proxies_and_names_are_none_unless_they_are_listed(monkeypatch):
    assert (Settings.from_environment().trusted_proxies, Settings.from_environment().hosts) == ((), frozenset())
    monkeypatch.setenv("PLACEMENT_TRUSTED_PROXIES", "10.0.0.0/24, ::1/128 192.0.2.1")
    monkeypatch.setenv("PLACEMENT_HOSTS", "Placement.example, 127.0.0.1")
    found = Settings.from_environment()
    assert [str(network) for network in found.trusted_proxies] == ["10.0.0.0/24", "::1/128", "192.0.2.1/32"]
    assert found.hosts == {"placement.example", "127.0.0.1"}


@pytest.mark.parametrize("value", ["everybody", "10.0.0.1/24", "10.0.0.0/40", "*"])
def test_invalid_network_is_named(monkeypatch, value):
    monkeypatch.setenv("PLACEMENT_TRUSTED_PROXIES", value)
    with pytest.raises(Misconfigured, match="PLACEMENT_TRUSTED_PROXIES must be networks"):
        Settings.from_environment()


def test_hours_may_be_broken(monkeypatch):
    monkeypatch.setenv("PLACEMENT_HOLD_HOURS", "1.5")
    assert Settings.from_environment().hold_lifetime == timedelta(minutes=90)


def test_freshness_limits_out_of_order_are_refused(monkeypatch):
    monkeypatch.setenv("PLACEMENT_FRESH_HOURS", "80")
    with pytest.raises(Misconfigured, match=r"PLACEMENT_FRESH_HOURS.*PLACEMENT_STALE_HOURS"):
        Settings.from_environment()


@pytest.mark.parametrize(("value", "found"), [("yes", True), ("no", False)])
def test_standing_confirmation_is_yes_or_no(monkeypatch, value, found):
    monkeypatch.setenv("PLACEMENT_STANDING_CONFIRMATION", value)
    assert Settings.from_environment().standing_confirmation is found


@pytest.mark.parametrize("value", ["", "true", "YES", "1"])
def test_any_other_word_is_named(monkeypatch, value):
    monkeypatch.setenv("PLACEMENT_STANDING_CONFIRMATION", value)
    with pytest.raises(Misconfigured, match="PLACEMENT_STANDING_CONFIRMATION must be yes or no"):
        Settings.from_environment()


@pytest.mark.parametrize("name", ["PLACEMENT_ODD_CASES", "PLACEMENT_ODD_REFUSALS", "PLACEMENT_NIGHT_DUTY"])
@pytest.mark.parametrize("value", ["-1", "0", "many", "7.0", "1_000"])
def test_a_limit_of_the_review_that_is_none_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=name):
        Settings.from_environment()


def test_empty_count_is_no_count_except_for_the_port_of_mail(monkeypatch):
    monkeypatch.setenv("PLACEMENT_SMTP_PORT", "")
    monkeypatch.setenv("PLACEMENT_SMTP_TLS", "")
    Settings.from_environment()
    monkeypatch.setenv("PLACEMENT_ODD_CASES", "")
    with pytest.raises(Misconfigured, match="PLACEMENT_ODD_CASES must be a whole number above 0; it is ''"):
        Settings.from_environment()


def test_review_limits_and_audit_heads_path_are_settings(monkeypatch, tmp_path):
    assert Settings.from_environment().audit_heads == tmp_path / "audit-heads.jsonl"
    monkeypatch.setenv("PLACEMENT_ODD_CASES", "7")
    monkeypatch.setenv("PLACEMENT_NIGHT_DUTY", "desk, coordinator")
    monkeypatch.setenv("PLACEMENT_AUDIT_HEADS", "/elsewhere/heads")
    found = Settings.from_environment()
    assert (found.odd_cases_an_hour, found.night_duty) == (7, {Role.DESK, Role.COORDINATOR})
    assert str(found.audit_heads) == "/elsewhere/heads"


def test_audit_key_is_from_the_environment_else_its_file(monkeypatch, tmp_path):
    file = audit_key_file(tmp_path)
    KeyFile(file, AUDIT).make()
    assert file.stat().st_mode & 0o777 == 0o600
    made = file.read_text().strip()
    KeyFile(file, AUDIT).make()  # leaves it alone
    assert Settings.from_environment().audit_key == made
    assert len(log_keys.key_of(made)) == 32
    monkeypatch.setenv("PLACEMENT_AUDIT_KEY", "another")
    assert Settings.from_environment().audit_key == "another"


def test_the_address_that_hosting_companies_write_is_understood(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@host/postgres://x")
    assert Settings.from_environment().database_url == "postgresql://somebody@host/postgres://x"


def test_field_keys_are_from_environment_else_file_newest_first(monkeypatch, tmp_path):
    file = key_file(tmp_path)
    KeyFile(file, FIELD).make()
    assert file.stat().st_mode & 0o777 == 0o600
    made = file.read_text().strip()
    KeyFile(file, FIELD).make()  # leaves it alone
    assert Settings.from_environment().field_keys == (made,)
    monkeypatch.setenv("PLACEMENT_FIELD_KEYS", "one, two\nthree")
    assert Settings.from_environment().field_keys == ("one", "two", "three")
    assert Settings.from_environment().field_key_file is None


def test_key_store_is_beside_the_key_file_unless_set(monkeypatch, tmp_path):
    assert Settings.from_environment().key_store == tmp_path / "keys" / "data"
    monkeypatch.setenv("PLACEMENT_KEY_STORE", "/mounted/keys")
    assert str(Settings.from_environment().key_store) == "/mounted/keys"


@pytest.mark.parametrize(
    ("keys", "said"),
    [((), "PLACEMENT_FIELD_KEYS"), (("short",), "44 characters"), ((Fernet.generate_key().decode(), "é"), "44")],
)
def test_invalid_key_refuses_start(keys, said):
    with pytest.raises(Misconfigured, match=said):
        KeyRing(keys)


SMTP = {
    "PLACEMENT_SMTP_HOST": "mail.example",
    "PLACEMENT_SMTP_SENDER": "dienst@placement.example",
    "PLACEMENT_ADDRESS": "https://placement.example/",
}


def test_mail_server_uses_starttls_unless_set_otherwise(monkeypatch, tmp_path):
    assert Settings.from_environment().smtp is None
    for name, value in SMTP.items():
        monkeypatch.setenv(name, value)
    found = Settings.from_environment()
    assert found.address == "https://placement.example"
    assert (found.smtp.port, found.smtp.tls, found.smtp.user) == (587, "starttls", "")
    (tmp_path / "password").write_text("geheim\n")
    monkeypatch.setenv("PLACEMENT_SMTP_USER", "dienst")
    monkeypatch.setenv("PLACEMENT_SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("PLACEMENT_SMTP_TLS", "tls")
    found = Settings.from_environment()
    assert (found.smtp.port, found.smtp.password) == (465, "geheim")
    assert "geheim" not in repr(found)
    assert "geheim" not in str(settings_changes.as_text(found))
    (tmp_path / "password").write_text("geheím")
    with pytest.raises(Misconfigured, match="PLACEMENT_SMTP_PASSWORD_FILE must be plain ASCII"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLACEMENT_SMTP_TLS", "ssl"),
        ("PLACEMENT_SMTP_TLS", "none"),  # over the net, in plain
        ("PLACEMENT_SMTP_PORT", "mail"),
        ("PLACEMENT_SMTP_SENDER", ""),
        ("PLACEMENT_SMTP_USER", "dienst"),
        ("PLACEMENT_ADDRESS", ""),
        ("PLACEMENT_ADDRESS", "http://placement.example"),
        ("PLACEMENT_REMIND_AT", "seven"),
        ("PLACEMENT_REMIND_AT", "02:30"),
        ("PLACEMENT_REMIND_AT", "07:00+01:00"),
        ("PLACEMENT_REMIND_AT", ""),
        ("PLACEMENT_QUIET", "6-22"),
    ],
)
def test_invalid_mail_and_time_settings_are_named(monkeypatch, name, value):
    for one, good in {**SMTP, name: value}.items():
        monkeypatch.setenv(one, good)
    with pytest.raises(Misconfigured, match=name):
        Settings.from_environment()


def test_file_of_init_is_read_and_the_environment_goes_before(monkeypatch, tmp_path):
    monkeypatch.delenv("PLACEMENT_ADDRESS", raising=False)
    settings_file(tmp_path).write_text("PLACEMENT_ADDRESS='https://file.example'\nPLACEMENT_HOLD_HOURS='3'\n")
    found = Settings.from_environment()
    assert (found.address, found.hold_lifetime) == ("https://file.example", timedelta(hours=3))
    assert variables_set() >= {"PLACEMENT_ADDRESS", "PLACEMENT_HOLD_HOURS", "PLACEMENT_VAR"}
    assert "DATABASE_URL" not in variables_set()
    monkeypatch.setenv("PLACEMENT_ADDRESS", "https://set.example")
    assert Settings.from_environment().address == "https://set.example"


@pytest.mark.parametrize("line", ["PLACEMENT_HOLD_HOURS=soon", "PLACEMENT_HOLD_HOUR=3"])
def test_wrong_line_of_the_file_is_named(tmp_path, line):
    settings_file(tmp_path).write_text(line)
    with pytest.raises(Misconfigured, match=line.partition("=")[0]):
        Settings.from_environment()


def test_folder_cannot_be_set_in_the_file_that_lies_in_it(monkeypatch, tmp_path):
    monkeypatch.delenv("PLACEMENT_VAR")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    settings_file(tmp_path / "var").write_text("PLACEMENT_VAR=elsewhere")
    with pytest.raises(Misconfigured, match=r"PLACEMENT_VAR cannot be set in var/placement\.env"):
        Settings.from_environment()
