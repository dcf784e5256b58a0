"""The acts of an admin with the database, and of a voice on the telephone, in a campaign."""

from typing import Any

from sqlalchemy import inspect, text

from placement.core.codes import Role

ATTACKERS = "+31300009999"
_LEDGERS = {"alembic_version"}


def organisation_of(one: Any, who: Any) -> str:
    """Returns the organisation of a person, as an admin reads it."""
    admin = one.land.of(Role.ADMIN)[0]
    rows = admin.get("/accounts?limit=200")["items"]
    return str(next(row["organisation"] for row in rows if row["email"] == who.row["email"]))


def change_number(one: Any, admin: Any, organisation: str) -> None:
    """Puts the attackers' number at an organisation as an admin, and waits for up to 100 hours."""
    admin.again()
    body = {"telephones": {"placing": ATTACKERS, "general": ATTACKERS}, "sure_of": [ATTACKERS]}
    answer = admin.ask("PATCH", f"/organisations/{organisation}", body)
    assert answer.is_success, answer.text
    one.wait(*one.pick((1, 60), (75, 100)))


def answer_call(one: Any) -> bool:
    """Lets the desk ring about what waits: on the attackers' number if the page offers it. Else a colleague denies."""
    desk = one.desk()
    desk.again()
    numbers = [str(number) for number in desk.get(f"/second-person-requests/{one.waits}")["facts"].get("numbers", [])]
    theirs = [number for number in numbers if number.replace(" ", "").endswith("9999")]
    if not theirs:
        desk.post(f"/second-person-requests/{one.waits}/refuse")
        return False
    return bool(desk.post(f"/second-person-requests/{one.waits}/grant", {"number": theirs[0]}).is_success)


def write(land: Any, *statements: str) -> None:
    with land.country.database.engine.begin() as connection:
        for one in statements:
            connection.execute(text(one))


def rows_of(land: Any) -> dict[str, list[dict[str, Any]]]:
    """Returns every row of every table."""
    with land.country.database.engine.connect() as connection:
        tables = set(inspect(connection).get_table_names()) - _LEDGERS
        return {
            table: [dict(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings()]  # noqa: S608
            for table in tables
        }


def put_back(land: Any, before: dict[str, list[dict[str, Any]]]) -> None:
    """Makes every table what it was, row by row."""
    now = rows_of(land)
    with land.country.database.engine.begin() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in triggers:
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        for table, rows in before.items():
            if rows == now[table]:
                continue
            connection.execute(text(f'DELETE FROM "{table}"'))  # noqa: S608
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                values = ", ".join(f":{name}" for name in row)
                connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({values})'), row)  # noqa: S608
        for _, made in triggers:
            connection.exec_driver_sql(made)
