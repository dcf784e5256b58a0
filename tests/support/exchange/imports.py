"""The life of an import by the API, as a program goes through it."""

from urllib.parse import quote

from httpx import Response

from placement.core.codes import Role
from tests.support.api.service import API, Browser


def begin(caller, content: bytes, name: str = "", **headers: str) -> Response:
    named = {"Content-Type": "application/octet-stream", **_who(caller), **headers}
    return caller.client.post(f"{API}/imports?name={quote(name)}", content=content, headers=named)


def _who(caller) -> dict[str, str]:
    if not isinstance(caller, Browser):
        return caller.authorization()
    cookies = "; ".join(f"{name}={value}" for name, value in caller.cookies.items())
    return {"Cookie": cookies, "X-CSRF-Token": caller.csrf, "User-Agent": caller.agent}


def begun(caller, content: bytes, name: str = "", **answers) -> str:
    """Begins an import, and answers questions of it; returns its address."""
    answer = begin(caller, content, name)
    assert answer.status_code == 201, answer.text
    there = f"/imports/{answer.json()['id']}"
    if answers:
        assert caller.ask("PATCH", there, answers).is_success
    return there


def preview(caller, content: bytes, name: str = "", **answers) -> dict:
    return caller.get(begun(caller, content, name, **answers)).json()


def confirm(caller, content: bytes, name: str = "", **answers) -> Response:
    return caller.post(f"{begun(caller, content, name, **answers)}/confirm")


def begin_with_words(caller, words: dict[str, str]) -> None:
    """Begins an import whose file, name and answers contain these words, by column, and imports nothing."""
    content, name = words["openimport.content"], words["openimport.name"]
    file = f"Unit;Kamer;Bedden;{content}\nnergens;{content};1;2\n"
    there = begun(caller, file.encode(), f"{name}.csv")
    assert caller.ask("PATCH", there, {"means": [f"{name}!D1="], "name": content}).is_success


def imports_of(callers) -> dict[tuple[str, Role], tuple[str, str]]:
    """Makes an import under way and a carried-out import of the desk and of an admin; returns own and foreign ids."""
    files = {
        Role.DESK: ("opvang.csv", "Opvang;Aanbieder\nHuis {};Stichting {}\n"),
        Role.ADMIN: ("accounts.csv", "E-mail;Rol;Werkt bij\n{}@placement.example;auditor;O-oversight\n"),
    }
    found = {}
    for role, (name, content) in files.items():
        done = confirm(callers[role], content.replace("{}", "gedaan").encode(), name).json()["id"]
        under_way = begun(callers[role], content.replace("{}", "nieuw").encode(), name).rpartition("/")[2]
        found["import", role], found["import_record", role] = under_way, done
    others = {Role.DESK: Role.ADMIN, Role.ADMIN: Role.DESK}
    return {(kind, role): (one, found[kind, others[role]]) for (kind, role), one in found.items()}
