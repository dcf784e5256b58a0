"""the first page of the messages, and of the cases, is found in its order; the stays that ended lately by an index"""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

_ORDERED = {
    "message": {"settled_on": ["settled_on", "made_on"], "failed": ["failed", "made_on"]},
    "registration": {"status": ["status", "urgency", "waits_on", "id"]},
}
"""By table the columns that had an index of their own, and those of the one in its place."""


def upgrade() -> None:
    for table, indices in _ORDERED.items():
        for column, columns in indices.items():
            op.drop_index(f"ix_{table}_{column}", table)
            op.create_index(f"ix_{table}_{column}", table, columns)
    op.create_index("ix_registration_urgency", "registration", ["urgency", "waits_on", "id"])
    op.create_index("ix_stay_ended_on", "stay", ["ended_on"])


def downgrade() -> None:
    op.drop_index("ix_stay_ended_on", "stay")
    op.drop_index("ix_registration_urgency", "registration")
    for table, indices in _ORDERED.items():
        for column in indices:
            op.drop_index(f"ix_{table}_{column}", table)
            op.create_index(f"ix_{table}_{column}", table, [column])
