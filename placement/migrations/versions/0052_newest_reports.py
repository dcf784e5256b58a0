"""the newest report of each shelter and room is found by an index, and what retention is to erase"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TO_ERASE = (
    ("ix_registration_to_erase", "registration", ["status", "closed_on"], "content_erased_at IS NULL"),
    ("ix_registration_to_anonymise", "registration", ["status", "closed_on"], "anonymised_at IS NULL"),
    ("ix_proposal_to_erase", "proposal", ["made_at"], "advice IS NOT NULL"),
)


def upgrade() -> None:
    op.drop_index("ix_capacityreport_shelter_id", "capacityreport")
    op.create_index("ix_capacityreport_newest", "capacityreport", ["shelter_id", "id"])
    op.create_index("ix_capacityreport_at", "capacityreport", ["at"])
    op.drop_index("ix_roomreport_room_id", "roomreport")
    op.create_index("ix_roomreport_newest", "roomreport", ["room_id", "id"])
    for name, table, columns, where in TO_ERASE:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, table, _, _ in TO_ERASE:
        op.drop_index(name, table)
    op.drop_index("ix_roomreport_newest", "roomreport")
    op.create_index("ix_roomreport_room_id", "roomreport", ["room_id"])
    op.drop_index("ix_capacityreport_at", "capacityreport")
    op.drop_index("ix_capacityreport_newest", "capacityreport")
    op.create_index("ix_capacityreport_shelter_id", "capacityreport", ["shelter_id"])
