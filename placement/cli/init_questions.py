"""The questions of `placement init`, and the two sources of their answers: the terminal, or a file."""

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from placement.accounts import accounts
from placement.core import telephone
from placement.core.errors import Fault, Invalid, Misconfigured
from placement.core.setting_fields import DatabaseUrl
from placement.core.setting_parts import RelyingParty
from placement.core.settings import OwnAddress, Settings, variables_set
from placement.text.catalogue import Language, languages, translate
from placement.text.messages import say

_MOST_OF_A_NAME = 100
STORES = ("sqlite", "postgresql")
LANGUAGE, SURE_OF = "language", "sure_of"
"""Keys of the file that are not questions: the language of `placement init`, and telephone numbers that are unusual but
right.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `name`: the key of its answer in the file (`part.key`), and the id of its text (`init.ask`). `read`:
    returns the answer in stored form, or raises `Invalid`. `variable`: the setting that stores the answer; empty if
    another place stores it. `needed`: false if the answer may be empty.
    """

    name: str
    read: Callable[[str], str]
    variable: str = ""
    needed: bool = True


def _name(written: str) -> str:
    if len(written) > _MOST_OF_A_NAME or not written.isprintable():
        raise Invalid.at("", "not_a_name", most=_MOST_OF_A_NAME)
    return written


def _telephone(written: str) -> str:
    number, faults = telephone.numbered("", written)
    if faults or number is None:
        raise Invalid(faults or [Fault("", "telephone_characters")])
    return number


def _address(written: str) -> str:
    try:
        written = TypeAdapter(OwnAddress).validate_python(written)
        if Settings.from_environment().webauthn != "off":
            RelyingParty.of(written)
    except Misconfigured as wrong:
        raise Invalid.at("", "address_without_a_name") from wrong
    except ValidationError as wrong:
        raise Invalid.at("", "not_an_own_address") from wrong
    return written


def _store(written: str) -> str:
    try:
        url = str(TypeAdapter(DatabaseUrl).validate_python(written))
        kind = make_url(url).get_backend_name()
    except ArgumentError as wrong:
        raise Invalid.at("", "not_a_store") from wrong
    if kind not in STORES:
        raise Invalid.at("", "not_a_store")
    return url


def _email(written: str) -> str:
    accounts.require_email(written)
    return accounts.normal(written)


STORE = Question("service.store", _store, "DATABASE_URL")
KEY_STORE = Question("service.key_store", lambda written: written, "PLACEMENT_KEY_STORE")
ADDRESS = Question("service.address", _address, "PLACEMENT_ADDRESS")
CENTRE = Question("centre.name", _name)
DESK = Question("centre.telephones.desk", _telephone)
OUT_OF_HOURS = Question("centre.telephones.out_of_hours", _telephone, needed=False)
ADMINS = (Question("admins.first", _email), Question("admins.second", _email))
QUESTIONS = (STORE, KEY_STORE, ADDRESS, CENTRE, DESK, OUT_OF_HOURS, *ADMINS)
"""All questions, in order. Questions of the same part of the file follow each other."""


def defaults(settings: Settings) -> Mapping[str, str]:
    """Returns the suggested answers, by the name of the question."""
    return {STORE.name: settings.database_url, KEY_STORE.name: str(settings.key_store)}


class Answers(ABC):
    """A source of answers in stored form. `language`: the language of all messages."""

    language: Language

    @abstractmethod
    def to(self, question: Question) -> str:
        """Returns the answer. At the terminal, explains an invalid answer and asks again."""

    @abstractmethod
    def given(self, question: Question) -> str | None:
        """Returns the answer that the file gives; `None` at the terminal. Asks nothing."""

    @abstractmethod
    def admins(self, there: Sequence[str]) -> list[str]:
        """Returns the addresses of the first admins who must still be invited. `there`: the addresses of existing
        admins.
        """


class Typed(Answers):
    """Answers from the terminal. Each question is repeated until its answer is valid."""

    def __init__(self, settings: Settings, language: Language | None) -> None:
        self._defaults = defaults(settings)
        self._answers: dict[str, str] = {}
        self.language = language or _ask_language()

    def given(self, question: Question) -> str | None:  # noqa: ARG002 - asks nothing about a setting that exists
        return None

    def to(self, question: Question) -> str:
        if question.name not in self._answers:
            self._answers[question.name] = self._ask(question, ())
        return self._answers[question.name]

    def admins(self, there: Sequence[str]) -> list[str]:
        found = list(there)
        for question in ADMINS[len(there) :]:
            found.append(self._ask(question, found))
        return found[len(there) :]

    def _ask(self, question: Question, unlike: Sequence[str]) -> str:
        default = self._defaults.get(question.name, None if question.needed else "")
        words = translate("init.ask", question.name, self.language)
        while True:
            written = typer.prompt(words, default=default, show_default=bool(default), err=True)
            try:
                answer = _read(question, written)
                if answer in unlike:
                    raise Invalid.at("", "admins_are_one")
            except Invalid as wrong:
                typer.echo(_said(wrong, self.language), err=True)
                sure = translate("init", "is_it_right", self.language)
                if _is_doubt(wrong) and typer.confirm(sure, err=True):
                    return telephone.read(written).number
            else:
                return answer


class Written(Answers):
    """Answers from a file. Raises `Misconfigured` with all faults of the file."""

    def __init__(self, file: Path, settings: Settings, language: Language | None) -> None:
        try:
            found = dict(_flat(tomllib.loads(file.read_text())))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            raise Misconfigured(f"{file} is no TOML: {wrong}") from wrong
        self.language = language or _language_of(file, found)
        known = {question.name: question for question in QUESTIONS}
        sure_of = found.pop(SURE_OF, [])
        faults = [
            translate("init", "unknown_key", self.language, key=key, keys=", ".join([LANGUAGE, SURE_OF, *known]))
            for key in found
            if key not in {LANGUAGE, *known}
        ]
        self._answers: dict[str, str] = {}
        there = {ADDRESS.name: settings.address, **defaults(settings)}
        for name, question in known.items():
            try:
                written = found.get(name) or there.get(name, "")
                self._answers[name] = _read(question, written)
            except Invalid as wrong:
                if not _is_doubt(wrong):
                    faults.append(f"{name}: {_said(wrong, self.language)}")
                elif isinstance(sure_of, list) and written in sure_of:
                    self._answers[name] = telephone.read(str(written)).number
                else:
                    hint = translate("init", "sure_of", self.language, key=SURE_OF)
                    faults.append(f"{name}: {_said(wrong, self.language)} {hint}")
        if self._answers.get(ADMINS[0].name) == self._answers.get(ADMINS[1].name, ""):
            faults.append(f"{ADMINS[1].name}: {say('admins_are_one', {}, self.language)}")
        if faults:
            raise Misconfigured(f"{file}: {'; '.join(faults)}")

    def given(self, question: Question) -> str | None:
        return self._answers[question.name]

    def to(self, question: Question) -> str:
        return self._answers[question.name]

    def admins(self, there: Sequence[str]) -> list[str]:
        wanted = [self._answers[question.name] for question in ADMINS]
        return [one for one in wanted if one not in there][: max(0, len(ADMINS) - len(there))]


def template(settings: Settings, language: Language) -> str:
    """Returns a file of answers to fill in, with each question above its key. For settings that already have a value,
    the answer is empty.
    """
    already = variables_set()
    lines = [f"# {translate('init', 'template', language)}", f"{LANGUAGE} = {_quoted(language)}"]
    part = ""
    for question in QUESTIONS:
        before, _, key = question.name.rpartition(".")
        if before != part:
            lines += ["", f"[{before}]"]
            part = before
        lines.append(f"# {translate('init.ask', question.name, language)}")
        known = "" if question.variable in already else defaults(settings).get(question.name, "")
        lines.append(f"{key} = {_quoted(known)}")
    return "\n".join(lines)


def _read(question: Question, written: object) -> str:
    """Returns the answer in stored form. Raises `Invalid` if the answer is wrong."""
    if not isinstance(written, str):
        raise Invalid.at("", "not_a_text")
    text = written.strip()
    if not text:
        if question.needed:
            raise Invalid.at("", "answer_missing")
        return ""
    if not text.isprintable() or "${" in text:
        raise Invalid.at("", "answer_unwritable")
    return question.read(text)


def _is_doubt(wrong: Invalid) -> bool:
    return wrong.faults[0].code in telephone.DOUBTS


def _said(wrong: Invalid, language: Language) -> str:
    [fault] = wrong.faults
    return say(fault.code, fault.facts, language)


def _ask_language() -> Language:
    offered = languages()
    words = " / ".join(translate("init", "language", one) for one in offered)
    while (chosen := typer.prompt(f"{words} ({', '.join(offered)})", default=offered[0], err=True)) not in offered:
        pass
    return str(chosen)


def _language_of(file: Path, found: Mapping[str, object]) -> Language:
    chosen = found.get(LANGUAGE, languages()[0])
    if chosen not in languages():
        raise Misconfigured(f"{file}: {LANGUAGE} must be one of {', '.join(languages())}")
    return str(chosen)


def _flat(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
