"""who lets somebody in, or changes what she may, asks a second admin; what a sign-in binds the account to waits for the
code"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ACTS = ("invite", "invite_again", "change")
ROLES = ("desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system")
_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime

_ACCOUNT = sa.table("account", sa.column("id", sa.String()), sa.column("let_in_by", sa.JSON()))

# Who invited whom, before it took two: she is no second person for who let her in.
_LET_IN = """
    SELECT account.id, invitation.invited_by FROM account JOIN invitation ON invitation.email = account.email
    WHERE invitation.accepted_at IS NOT NULL AND invitation.invited_by IN (SELECT id FROM account)
"""


def upgrade() -> None:
    op.add_column("signinchallenge", sa.Column("sso_subject", _TEXT(), nullable=True))
    op.add_column("invitation", sa.Column("asked_by", _TEXT(), nullable=True))
    op.add_column("account", sa.Column("let_in_by", sa.JSON(), nullable=True))
    for column in ("invitation_asked_at", "invitation_asked_by"):
        op.drop_column("account", column)
    found: dict[str, set[str]] = {account: set() for account in op.get_bind().execute(sa.select(_ACCOUNT.c.id)).scalars()}
    for account, admin in op.get_bind().execute(sa.text(_LET_IN)).all():
        found[account].add(admin)
    for account, admins in found.items():
        op.execute(_ACCOUNT.update().where(_ACCOUNT.c.id == account).values(let_in_by=sorted(admins)))
    op.create_table(
        "asking",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("what", _coded(ACTS, "askedact"), nullable=False),
        sa.Column("account_id", _TEXT(), nullable=True),
        sa.Column("email", _TEXT(), nullable=False),
        sa.Column("organisation_id", _TEXT(), nullable=False),
        sa.Column("role", _coded(ROLES, "role"), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("asked_by", _TEXT(), nullable=False),
        sa.Column("asked_at", _MOMENT(), nullable=False),
        sa.Column("expires_at", _MOMENT(), nullable=False),
        sa.Column("settled_at", _MOMENT(), nullable=True),
        sa.Column("settled_by", _TEXT(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_asking_account_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_asking_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asking")),
    )
    op.create_index("ix_asking_account_id", "asking", ["account_id"])


def downgrade() -> None:
    op.drop_table("asking")
    op.add_column("account", sa.Column("invitation_asked_by", _TEXT(), nullable=True))
    op.add_column("account", sa.Column("invitation_asked_at", _MOMENT(), nullable=True))
    op.drop_column("account", "let_in_by")
    op.drop_column("invitation", "asked_by")
    op.drop_column("signinchallenge", "sso_subject")


def _coded(codes: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)
