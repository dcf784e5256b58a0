"""Every text that the code and the templates ask the catalogue for, and every text that a language has."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import matching
from api.pages.acts_done import CODES
from api.pages.event_words import WITH_WORDS
from api.pages.fact_fields import FIELDS, PROFILE_FIELDS, FactField, Widget, all_of
from api.pages.navigation import ABOUT_ME, NAVIGATION
from api.pages.search import PARTS
from api.v1.counts import DecisionCountOut, HoldCountOut, StayCountOut
from api.v1.release_layout import COLUMNS as COLUMNS_OF_RELEASES
from api.v1.timeline import WORDS_OF_PARTS
from matching.explanations import phrases
from placement.areas.values import VALUES as AREA_VALUES
from placement.audit.anomaly_rules import ANOMALY_RULES
from placement.audit.key_overview import SERVICE_KINDS
from placement.cli.init_questions import QUESTIONS
from placement.core.codes import MessageKind
from placement.core.count_codes import NO_SECTOR
from placement.core.place_codes import NEVER_REPORTED
from placement.core.practice_codes import SceneCode, SceneStep
from placement.core.registrant_codes import SentState
from placement.counts.code_lists import code_lists
from placement.counts.releases.tables import CLOSED, TABLES
from placement.counts.releases.tables import OTHERS as OTHERS_OF_RELEASES
from placement.counts.sheet_rows import COLUMNS as COUNT_COLUMNS
from placement.dated_rules.first import first_rules
from placement.doctor.findings import Area, Found, Level
from placement.exchange.case_lists import COLUMNS
from placement.exchange.import_messages import BY_SHEET, PLACES
from placement.exchange.import_steps import StepKind
from placement.exchange.sheets import CAPACITY, MEANT, OTHER_CODE_WORDS, OVERVIEW, PLAIN_WORDS, SHEETS
from placement.leave.certificate import WORDS as CERTIFICATE_WORDS
from placement.notifications.emails import PATHS
from placement.oddness.rules import ODD_RULES
from placement.placements.client_document import LEFT_OUT as LEFT_OUT_FOR_CLIENTS
from placement.placements.client_document import SOURCES, TITLES, WORDS
from placement.placements.client_values import FIELD, PLAIN
from placement.placements.proposals.close_alternatives import TERMS_OF_FIT
from placement.placements.proposals.fit_reasons import NOT_FIRST, REASONS
from placement.placements.timeline import TOLD
from placement.registrations.entitlement import IN_AREA, NO_RULE
from placement.reports.data_dictionary import DICTIONARY
from placement.reports.model import Kind
from placement.reports.sections.waiting_clients import CAUSES
from placement.retention.schedule import SCHEDULE
from placement.solver.weights import WEIGHTS
from placement.tables.facts import FACTS, PROFILE_FACTS
from placement.tables.keys import KINDS as KEY_KINDS
from placement.tables.keys import OTHERS
from placement.tasks.set_up import Missing
from placement.tasks.task import TaskKind
from placement.text import catalogue
from placement.text.days import LEFT_OUT
from placement.text.engine_words import BY_SERVICE, PARTIES
from placement.text.guidance import EXPLAINED, JOURNEYS, RULES, TERMS
from placement.text.labels import KINDS, TROUBLES
from placement.text.persons import AGE_UNKNOWN, BABY, PERSONS
from tests.support.client_document import fields_of_document
from tests.support.paths import ROOT
from tests.support.stores import AT
from tests.support.syntax import nodes_in

Id = tuple[str | None, str]
COUNTS = (DecisionCountOut, HoldCountOut, StayCountOut)
PRODUCT = sorted(path for folder in ("placement", "api", "matching") for path in (ROOT / folder).rglob("*.py"))


@cache
def messages(language: str, folder: Path = catalogue.FOLDER) -> dict[Id, Message]:
    with (folder / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    return {(one.context, one.id if isinstance(one.id, str) else one.id[0]): one for one in read if one.id}


def forms(language: str, one: Id) -> tuple[str, ...]:
    """Returns the text in this language, or several texts if it has plural forms. In the source language a sentence is
    its own id.
    """
    found = messages(language).get(one)
    if found is not None and all(written := _forms_of(found.string)):
        return written
    return _forms_of(messages(catalogue.DEFAULT)[one].id)


def _forms_of(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def ids_of_pages() -> set[Id]:
    found: set[Id] = {
        (None, words)
        for name, entries in (*NAVIGATION, ("About me", ABOUT_ME))
        for words in (name, *(one[1] for one in entries))
    }
    found |= {("log", name) for name in ("action", "object", "on_behalf_of", "protocol", "request", "link")}
    for _, _, said, _, context in extract_from_dir(
        ROOT / "api" / "templates" / "pages",
        [("**.html", "jinja2.ext:babel_extract")],
        {"**.html": {"trimmed": "true"}},
    ):
        found.add((context, said if isinstance(said, str) else said[0]))
    return found


def words_of_boxes(*forms: Mapping[str, list[FactField]]) -> list[Id]:
    """Returns the words beside the boxes of these forms."""
    return [(one.box_words, one.name) for form in forms for one in all_of(form) if one.widget is Widget.BOX]


def ids_of_tables() -> set[Id]:
    """Returns the ids of the code tables. Ids of errors and of the report are not among them, as they are read from
    their uses.
    """
    guided = (*RULES, *EXPLAINED)
    found: list[tuple[str, object]] = [
        *((kind, code.value) for kind, codes in KINDS.items() for code in codes),
        *(("done", code) for code in CODES),
        *(("trouble", code) for code in {*TROUBLES, "answer"}),
        *(("rule", rule) for rule in (*matching.RULES, NEVER_REPORTED)),
        *(("list", name) for model in COUNTS for name in model.model_fields),
        *(("list", name) for name in COLUMNS),
        *(("fact", name) for name in FACTS),
        *(("profile", name) for name in PROFILE_FACTS),
        *(("fact.hint", name) for name, fact in FACTS.items() if fact.hint),
        *((f"count.{name}", code) for name, one in code_lists().items() for code in one.codes if name != "country"),
        ("count.sector", NO_SECTOR),
        *(("count.column", name) for name in COUNT_COLUMNS),
        *(("release.table", table.name) for table in TABLES),
        *(("release.column", name) for name in COLUMNS_OF_RELEASES),
        *(
            ("release.code", code)
            for code in (OTHERS_OF_RELEASES, *(code for codes in CLOSED.values() for code in codes))
        ),
        ("day", LEFT_OUT),
        *words_of_boxes(FIELDS, PROFILE_FIELDS),
        *(("profile.hint", name) for name, fact in PROFILE_FACTS.items() if fact.hint),
        *((f"{one.kind}.means", one.code) for one in guided),
        *(("authority", name) for one in guided for name in (one.imposed_by, one.put_aside_by) if name),
        *(("source", one.source) for one in guided),
        *(("clock", one.code) for one in guided if one.kind == "clock"),
        *((context, term) for term in TERMS for context in ("glossary", "glossary.means")),
        *(("journey", step) for steps in JOURNEYS.values() for step in steps),
        *(("weight", weight.name) for weight in WEIGHTS),
        *(("anomaly", rule.code) for rule in ANOMALY_RULES),
        *((f"retention.{part}", kind.name) for kind in SCHEDULE for part in ("what", "why")),
        *(("retention.since", kind.since) for kind in SCHEDULE),
        *((rule.kind.value, rule.code) for rule in first_rules(AT)),
        *((kind, one.rule) for one in (NO_RULE, *IN_AREA.values()) for kind in ("entitlement", "entitlement.ground")),
        ("entitlement.question", "community_rights"),
        *(("place", name) for kind in AREA_VALUES.values() for name in kind.model_fields),
        *((f"mail.{part}", kind.value) for kind in PATHS for part in ("subject", "sentence")),
        *(("push", kind.value) for kind in (MessageKind.TASK_RINGS, MessageKind.DEVICE_ALLOWED)),
        ("sms", MessageKind.TASK_RINGS.value),
        *((f"report.{part}", kind.value) for kind in Kind for part in ("kind", "for_kind")),
        *(("report.cause", cause) for cause in {*CAUSES} - {*matching.RULES}),
        *(("own_child", kind) for kind in ("child", "boy")),
        *(("report.code", code) for code in ("none_named", "high_care", "room")),
        *(("figure", name) for name in DICTIONARY),
        *(("task", kind.value) for kind in TaskKind),
        *(("task.do", kind.value) for kind in TaskKind),
        *(("SentState.means", state.value) for state in SentState if state is not SentState.DRAFT),
        *(("way_out", what) for what in BY_SERVICE),
        *(("way_out.waived", rule.code) for rule in matching.HARD_RULES if rule.waiver_is_proposed),
        *(("party", who) for who in PARTIES),
        *(("why", code) for code in REASONS),
        *(("why_not_first", code) for code in NOT_FIRST),
        *(("tie", code) for code in TERMS_OF_FIT),
        *(("person", words) for words in (*PERSONS.values(), AGE_UNKNOWN, BABY, "expects_birth")),
        *((context, code.value) for code in Missing for context in ("set_up", "set_up.how")),
        *(("init.ask", question.name) for question in QUESTIONS),
        *((context, name) for name in SHEETS for context in ("sheet", "sheet.help")),
        ("sheet", OVERVIEW.name),
        *(
            (context, one.words)
            for of in (*MEANT.values(), CAPACITY)
            for one in of.columns
            if not one.is_fact
            for context in ("column", "column.help")
        ),
        ("sheet", CAPACITY.name),
        *(("import", words) for words in (*StepKind, *PLACES.values(), *BY_SHEET, "invite", "tried", "done")),
        *(("certificate", words) for words in CERTIFICATE_WORDS),
        *((WORDS, name) for name in (*(one.__table__.name for one in SOURCES), *LEFT_OUT_FOR_CLIENTS, *TITLES)),
        *((FIELD, name) for name in fields_of_document()),
        *((PLAIN, name) for name in ("yes", "no", "service", "place", "shelter")),
        *(("doctor.level", level.value) for level in Level),
        *(("doctor.check", area.value) for area in Area),
        *(("doctor", found.value) for found in Found),
        *(("doctor.how", found.value) for found in Found if found.level is not Level.WELL),
        *(("encryption_key", kind) for kind in (*SERVICE_KINDS, *KEY_KINDS, OTHERS)),
        *(("timeline", event.value) for event in TOLD),
        *(("odd_rule", rule.code) for rule in ODD_RULES),
        *(("event", event.value) for event in WITH_WORDS),
        *(("scene.task", code.value) for code in SceneCode),
        *(("scene.why", step.value) for step in SceneStep),
        *(("scene.fact", name) for name in ("case", "sent", "event", "house", "staff", "number")),
        *(("timeline.part", name) for name in WORDS_OF_PARTS),
        *(("search", kind) for kind in (*PARTS, "client", "page")),
        *(("value", word) for word in PLAIN_WORDS),
        *(("value", f"{kind.__name__}.{code.value}") for kind in OTHER_CODE_WORDS for code in kind),
        *(
            ("engine", words)
            for table in (phrases.RULES, phrases.CHANGES, phrases.TERMS, phrases.WORDS)
            for words in table.values()
        ),
        *(("engine", words) for words in (phrases.PERSONS[0], phrases.DECIMAL_MARK)),
    ]
    return {(context, str(code)) for context, code in found}


def calls() -> Iterator[tuple[Id, set[str | None]]]:
    """Yields calls of `translate("context", "id", ..., fact=...)` whose ids are literal; a fact of
    `**facts` is `None`.
    """
    for path in PRODUCT:
        for node in nodes_in(path.read_text()):
            match node:
                case ast.Call(
                    func=ast.Name(id="translate" | "ntranslate"),
                    args=[ast.Constant(value=str(context)), ast.Constant(value=code), *_],
                    keywords=facts,
                ):
                    yield (context, str(code)), {fact.arg for fact in facts}


def counted() -> Iterator[Id]:
    """Yields calls of `ntranslate("context", "id", ...)`: texts with a singular and a plural form."""
    for path in PRODUCT:
        for node in nodes_in(path.read_text()):
            match node:
                case ast.Call(
                    func=ast.Name(id="ntranslate"),
                    args=[ast.Constant(value=str(context)), ast.Constant(value=code), *_],
                ):
                    yield context, str(code)


@cache
def constants() -> frozenset[str]:
    """Returns every text and number in the code; an id that is not among them is never used."""
    nodes = (node for path in PRODUCT for node in nodes_in(path.read_text()))
    return frozenset(
        str(node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str | int)
    )
