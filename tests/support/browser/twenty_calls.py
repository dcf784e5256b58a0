"""Twenty calls to the help desk, entered by keys alone; their figures are the table of `docs/guide/help-desk.md`."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.support.browser.hands import ANSWER, Hands
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "help-desk.md"
BEGIN, END = "<!-- made by: tests/browser/test_calls.py -->\n", "<!-- end of what is made -->\n"
SAVE, SECOND, COUNT, REGISTER, RING_BACK = "Control+Enter", "F4", "F7", "F8", "F9"
NEW = "/enquiries/new"
ENDS = {
    SAVE: "saved",
    SECOND: "second call",
    COUNT: "count record",
    REGISTER: "registration form",
    RING_BACK: "to ring back",
}


@dataclass(frozen=True)
class ScriptedCall:
    """A call: the letters that choose the caller and the region, the letters of subjects and advice, what is typed, and
    the key that ends it. `search`: the words with which an answer is sought.
    """

    who: str
    asker: str
    region: str = ""
    about: str = ""
    advised: str = ""
    urgent: bool = False
    note: str = ""
    telephone: str = ""
    search: str = ""
    end: str = SAVE


CALLS = (
    ScriptedCall("police, shelter tonight", "pol", "a", "a", "a", urgent=True, end=REGISTER),
    ScriptedCall("lawyer, length of the reflection period", "adv", about="c", advised="g", search="bedenktijd"),
    ScriptedCall("aid worker, signs", "hu", "r", "f", "bg", end=COUNT),
    ScriptedCall("shelter, next place", "opv", about="k", advised="c"),
    ScriptedCall("reception centre, minor", "as", "li", "h", "f", note="amv, 16"),
    ScriptedCall("municipality, housing", "gem", about="k", advised="g", search="centrumgemeente"),
    ScriptedCall("police, while another call begins", "pol", "d", "b", end=SECOND),
    ScriptedCall("citizen, suspicion next door", "bu", about="f", advised="b"),
    ScriptedCall("Labour Inspectorate, group", "arb", "ze", "ab", "a", urgent=True, end=REGISTER),
    ScriptedCall("youth care, consent", "je", about="hj", advised="g", search="toestemming jeugd"),
    ScriptedCall("health care, pregnant patient", "zorgi", about="ai", advised="ac"),
    ScriptedCall("lawyer, permit after a complaint", "adv", about="de", advised="g", search="aangifte"),
    ScriptedCall("aid worker, safety", "hu", about="g", telephone="0612345678", end=RING_BACK),
    ScriptedCall("care coordinator, addiction", "zorgc", "o", "ai", "h"),
    ScriptedCall("Marechaussee, Dublin claimant", "ma", about="c", advised="g", search="dublin"),
    ScriptedCall("victim, what now", "sl", about="be", advised="d", note="belt morgen weer"),
    ScriptedCall("shelter, allowance", "opv", about="c", advised="g", search="toelage"),
    ScriptedCall("police, duty to register", "pol", about="b", advised="a", search="moet melden"),
    ScriptedCall("municipality, no place", "gem", about="a", advised="e", urgent=True),
    ScriptedCall("other, figures", "and", about="l", advised="i", search="aantallen"),
)


@dataclass(frozen=True)
class Figures:
    who: str
    keys: int
    typed: int
    seconds: float
    end: str


def enter(page: Page, call: ScriptedCall) -> Figures:
    """Enters a call on the form that is open, with the focus on its first field, and ends it by its key."""
    hands = Hands(page)
    field = lambda name: page.locator(f"#filling [name='{name}']")  # noqa: E731
    hands.decide()
    hands.type(call.asker)
    if call.region:
        hands.decide()
        hands.key("Tab")
        hands.type(call.region)
        assert field("region").input_value()
    else:
        hands.key("Tab")
    for name, letters in (("subjects", call.about), ("advised", call.advised)):
        hands.key("Tab")
        if letters:
            hands.decide()
            hands.type(letters)
        assert page.locator(f"#filling [name='{name}']:checked").count() == len(letters)
    if call.search:
        hands.decide()
        hands.key("F2")
        hands.type(call.search)
        page.locator("#found details[open]").wait_for()
        hands.decide()  # whether the first answer is the answer
    if call.urgent:
        hands.tab_to(field("urgent"))
        hands.key("Space")
    for name, typed in (("note", call.note), ("telephone", call.telephone)):
        if typed:
            hands.write(field(name), typed)
    hands.decide()
    with page.expect_event("load"):  # the address stays that of a new call
        hands.key(call.end)
    hands.answers += ANSWER
    return Figures(call.who, hands.keys, hands.typed, hands.seconds, ENDS[call.end])


def with_table(page: str, found: list[Figures]) -> str:
    """Returns the page with this table in place of its own."""
    rows = [f"| {one.who} | {one.keys} | {one.typed} | {one.seconds} | {one.end} |" for one in found]
    most = max(one.seconds for one in found)
    table = [
        "| call | keys | letters | seconds | then |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"Longest: {most} seconds.",
        "",
    ]
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n".join(table) + END + rest.split(END)[1]
