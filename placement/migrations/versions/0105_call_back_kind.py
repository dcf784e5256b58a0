"""requests for an address that wait for a call-back: a further kind of request for a second person"""

from alembic import context

revision = "0105"
down_revision = "0103"
branch_labels = None
depends_on = None
works_from = revision  # processes of earlier versions cannot read a request of this kind

BEFORE = (
    *("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting", "decision", "register", "release"),
    *("import", "counts", "erasure"),
)
KIND = "disclosure"
REQUESTS = "secondpersonrequest"


def upgrade() -> None:
    _allow((*BEFORE, KIND))


def downgrade() -> None:
    """Refused while there are such requests: an older version cannot read them."""
    rows = {REQUESTS: f"kind = '{KIND}'"}
    context.config.attributes["refuse_stored"]("requests for an address", rows)
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    context.config.attributes["allow_codes"](f"{REQUESTS}.kind", kinds, "secondpersonkind")
    context.config.attributes["changed_rows"].add(REQUESTS)
