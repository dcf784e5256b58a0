"""the newest report of each shelter and room is found by an index, and reports by their moment"""

from alembic import op

revision = "0055"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_capacityreport_shelter_id", "capacityreport")
    op.create_index("ix_capacityreport_newest", "capacityreport", ["shelter_id", "id"])
    op.create_index("ix_capacityreport_at", "capacityreport", ["at"])
    op.drop_index("ix_roomreport_room_id", "roomreport")
    op.create_index("ix_roomreport_newest", "roomreport", ["room_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_roomreport_newest", "roomreport")
    op.create_index("ix_roomreport_room_id", "roomreport", ["room_id"])
    op.drop_index("ix_capacityreport_at", "capacityreport")
    op.drop_index("ix_capacityreport_newest", "capacityreport")
    op.create_index("ix_capacityreport_shelter_id", "capacityreport", ["shelter_id"])
