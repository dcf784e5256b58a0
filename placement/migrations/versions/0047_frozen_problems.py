"""a frozen problem is stored once for each state of the world, and proposals point at it

Nothing that is stored is changed: an earlier proposal keeps the problem that it has for itself, until its term ends.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None

PROPOSALS = sa.table("proposal", *(sa.column(name) for name in ("id", "problem", "problem_id")))
PROBLEMS = sa.table("frozenproblem", *(sa.column(name) for name in ("id", "problem")))
KEYS = sa.table("datakey", *(sa.column(name) for name in ("owner", "destroyed_at")))


def upgrade() -> None:
    op.create_table(
        "frozenproblem",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozenproblem")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_frozenproblem_fingerprint")),
    )
    with op.batch_alter_table("proposal") as proposal:
        proposal.add_column(sa.Column("problem_id", sa.String(), nullable=True))
        proposal.create_foreign_key(
            op.f("fk_proposal_problem_id"), "frozenproblem", ["problem_id"], ["id"]
        )
        proposal.create_index(op.f("ix_proposal_problem_id"), ["problem_id"])


def downgrade() -> None:
    """Each proposal gets the problem for itself, as an older version reads it. Where a key is missing it stops: put
    that back first.
    """
    _give_each_its_own()
    with op.batch_alter_table("proposal") as proposal:
        proposal.drop_index(op.f("ix_proposal_problem_id"))
        proposal.drop_constraint(op.f("fk_proposal_problem_id"), type_="foreignkey")
        proposal.drop_column("problem_id")
    op.drop_table("frozenproblem")


def _give_each_its_own() -> None:
    """A key that nothing names any more is removed by `placement keys rotate`."""
    seals, connection = context.config.attributes["seals"], op.get_bind()
    pointing = sa.select(PROPOSALS.c.id, PROPOSALS.c.problem_id).where(PROPOSALS.c.problem_id.is_not(None))
    for proposal, frozen in connection.execute(pointing.order_by(PROPOSALS.c.id)).all():
        if seals.is_destroyed(frozen) or seals.is_destroyed(proposal):
            continue
        if seals.is_lost(frozen):
            raise OSError(f"the key {frozen} is missing: put it back from the backups of the key store")
        stored = connection.execute(sa.select(PROBLEMS.c.problem).where(PROBLEMS.c.id == frozen)).scalar_one()
        plain = seals.opened(stored, ("frozenproblem", "problem", (frozen,)))
        own = seals.seal(proposal, plain, ("proposal", "problem", (proposal,)))
        connection.execute(sa.update(PROPOSALS).where(PROPOSALS.c.id == proposal).values(problem=own))
    not_destroyed = KEYS.c.destroyed_at.is_(None)
    connection.execute(sa.delete(KEYS).where(KEYS.c.owner.startswith("F-"), not_destroyed))
