"""an event that tells of nothing, to see whether a webhook takes it"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = (
    "report.made", "hold.asked", "hold.released", "hold.expired", "hold.waits", "stay.is_long", "count.is_missing",
    "webhook.disabled",
)  # fmt: skip
TRIED = "webhook.tried"


def upgrade() -> None:
    _kinds_are(BEFORE, (*BEFORE, TRIED))


def downgrade() -> None:
    op.execute(f"DELETE FROM message WHERE kind = '{TRIED}'")
    _kinds_are((*BEFORE, TRIED), BEFORE)


def _kinds_are(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=_one_of(before), type_=_one_of(after), existing_nullable=False)


def _one_of(kinds: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*kinds, name="messagekind", native_enum=False, create_constraint=True, length=40)
