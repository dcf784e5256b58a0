"""a kind of request for a second person: changes of the register that an API key asks for"""

from alembic import context

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

BEFORE = ("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting", "decision")
KIND = "register"


def upgrade() -> None:
    context.config.attributes["allow_codes"]("secondpersonrequest.kind", (*BEFORE, KIND), "secondpersonkind")


def downgrade() -> None:
    """Refused while there are such requests: an older version cannot read them."""
    context.config.attributes["refuse_stored"]("requests of API keys", {"secondpersonrequest": f"kind = '{KIND}'"})
    context.config.attributes["allow_codes"]("secondpersonrequest.kind", BEFORE, "secondpersonkind")
