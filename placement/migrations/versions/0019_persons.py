"""who is the guardian, as what a person is housed, an age that is not known, the day of turning 18; further grounds of residence

An adult with minors was taken for their guardian. That is carried over where the age speaks for it: an adult at least 16 years
older than the eldest minor of the registration. Of the others it has to be said.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = ["none_yet", "reflection", "reflection_dublin", "victim_permit", "witness_permit", "dutch", "eu", "ended"]
NEW = ["asylum", "temporary_protection", "other_lawful", "unknown"]
GENDERS, GROUPS = ["female", "male", "other"], ["adult", "minor"]


def upgrade() -> None:
    with op.batch_alter_table("registeredperson") as table:
        table.add_column(sa.Column("housed_as", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("presumed", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("adult_on", sa.Text(), nullable=True))
        table.add_column(sa.Column("guardian", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.alter_column("age", existing_type=sa.Integer(), nullable=True)
    with op.batch_alter_table("registeredperson") as table:
        table.alter_column("guardian", server_default=None)
        table.create_check_constraint(op.f("ck_registeredperson_housed_as"), sa.column("housed_as").in_(GENDERS))
        table.create_check_constraint(op.f("ck_registeredperson_agegroup"), sa.column("presumed").in_(GROUPS))
        table.create_check_constraint(op.f("ck_registeredperson_age_or_presumed"), "(age IS NULL) = (presumed IS NOT NULL)")
    op.execute("""
        UPDATE registeredperson SET guardian = true WHERE age >= 18 AND age >= 16 + (
            SELECT max(child.age) FROM registeredperson AS child
            WHERE child.registration_id = registeredperson.registration_id AND child.age < 18
        )
    """)
    _allow_bases([*BEFORE, *NEW])


def downgrade() -> None:
    bases = ", ".join(f"'{basis}'" for basis in NEW)
    op.execute(f"UPDATE registration SET residence_basis = 'none_yet' WHERE residence_basis IN ({bases})")  # noqa: S608 (codes of this file)
    _allow_bases(BEFORE)
    op.execute("UPDATE registeredperson SET age = CASE presumed WHEN 'minor' THEN 17 ELSE 18 END, presumed = NULL WHERE age IS NULL")
    with op.batch_alter_table("registeredperson") as table:
        for name in ("age_or_presumed", "agegroup", "housed_as"):
            table.drop_constraint(op.f(f"ck_registeredperson_{name}"), type_="check")
        for name in ("guardian", "adult_on", "presumed", "housed_as"):
            table.drop_column(name)
        table.alter_column("age", existing_type=sa.Integer(), nullable=False)


def _allow_bases(codes: list[str]) -> None:
    with op.batch_alter_table("registration") as table:
        table.drop_constraint(op.f("ck_registration_residencebasis"), type_="check")
        table.create_check_constraint(op.f("ck_registration_residencebasis"), sa.column("residence_basis").in_(codes))
