"""requests to a second person for the erasure of a whole case"""

from alembic import context

revision = "0102"
down_revision = "0098"
branch_labels = None
depends_on = None
works_from = revision  # processes of earlier versions do not know the kind of request

BEFORE = (
    *("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting", "decision", "register", "release"),
    *("import", "counts"),
)
KIND = "erasure"
REQUESTS = "secondpersonrequest"


def upgrade() -> None:
    _allow((*BEFORE, KIND))


def downgrade() -> None:
    """Refused while there are such requests: an older version cannot read them."""
    context.config.attributes["refuse_stored"]("requests for the erasure of a case", {REQUESTS: f"kind = '{KIND}'"})
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    context.config.attributes["allow_codes"](f"{REQUESTS}.kind", kinds, "secondpersonkind")
    context.config.attributes["changed_rows"].add(REQUESTS)
