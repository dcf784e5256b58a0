"""Any life of a few clients: what their people do, in any order, beside a simple model of who has which bed."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import select

from placement.core.codes import (
    DecisionKind,
    DecisionStatus,
    HoldStatus,
    RegistrationStatus,
    ResidenceBasis,
    Role,
    Urgency,
)
from placement.core.context import SYSTEM, Actor
from placement.core.duty_codes import OutOfHours
from placement.core.errors import PlacementError
from placement.core.reason_codes import BREAKS_OFF, LEFT_UNKNOWN, Step, reasons_for
from placement.core.request_codes import RequestGround, RequestKind, WithdrawalReason
from placement.jobs import daily, periodic
from placement.placements.decisions import decisions
from placement.placements.moves import room_moves
from placement.registrations import requests
from placement.registrations.requests import Asked
from placement.tables import Decision, Hold, Registration, Stay
from placement.tasks.task import TaskKind
from tests.support import waiting_work
from tests.support.accounts import add_accounts
from tests.support.duty import TUESDAY_AT_22, mandated, peopled
from tests.support.lives_by_telephone import LivesByTelephone, numbered
from tests.support.lives_of_missing import LivesOfMissing
from tests.support.lives_that_change import MOST_WAITING, LivesThatChange, barred, counted_away, without_bed
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK, ROOMS, SHELTER_OF, F, M, Town, build, shelter

AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")
R = RegistrationStatus
STATES = {
    # whether the client lives somewhere, and whether a bed is kept: what the state may be
    (False, False): {R.OPEN, R.CLOSED, R.MISSING},
    (False, True): {R.HELD},
    (True, False): {R.PLACED, R.MOVING, R.MISSING},
    (True, True): {R.MOVE_HELD},
}
WHAT = (
    "comes", *["decides"] * 4, *["desk_answers"] * 2, *["shelter_answers"] * 4, *["arrives"] * 4,
    *["does_not_come"] * 2, *["is_known_again"] * 2,
    "comes_after_all", "given_back", "leaves", "lives_on_after_all", "is_not_there_yet", *["asks_to_move"] * 3,
    "stays_on", "moves_in_house", *["counts"] * 3, "counts_less",
    *["time_passes"] * 3, "is_born", "partner_joins", "dies", "is_taken_over", "waited_before", "comes_back",
    "place_closes", *["place_reopens"] * 2, "takes_others",
    *["says_by_telephone"] * 4, *["is_rung_back"] * 2,
)  # fmt: skip
SELDOM_RUN = ("erase_", "write_audit_head")
"""Jobs that change nothing that the model knows: no life lasts long enough for what is erased."""
HOUSEHOLDS = [((F, 30),), ((F, 30),), ((M, 25),), ((F, 20), (F, 22)), ((F, 33), (F, 3))]
BASES = [ResidenceBasis.REFLECTION, ResidenceBasis.REFLECTION, ResidenceBasis.DUTCH]


def codes(step):
    return [reason.code for reason in reasons_for(step) if not reason.needs_text]


@dataclass
class Client:
    """State of a client in the model.

    `persons`: the household. `lives`: the hold of the place that the client lives in, or the stay of a client who was
    taken over. `kept`: the hold of the place that is kept. `since`: when the search for a place began. `lost`: whether
    a place was lost since the last proposal. `before`: this state before the last reported arrival or end.
    """

    area: str
    since: datetime
    persons: tuple = ()
    lives: str | None = None
    kept: str | None = None
    lost: bool = False
    before: tuple = ()
    looked: datetime | None = None  # when there last was a proposal
    missing: bool = False

    def remembers(self):
        self.before = self.lives, self.kept, self.since, self.lost

    def loses(self, at, *, lost=True):
        self.kept, self.since, self.lost = None, at, lost


def furnish(database, settings):
    """Builds the town of every life, with its people and a mandate, on a Tuesday evening."""
    with database.transaction() as session:
        build(session)
    town = peopled(Town(database, settings))
    add_accounts(town, ADMIN, AUDITOR)
    mandated(town, days=90)
    numbered(town)


class AnyLife(LivesByTelephone, LivesOfMissing, LivesThatChange):
    """Each rule tries one verb on something that exists. A refusal is a fine answer; anything else is not."""

    stores = None
    happened = None
    pages_every = 1
    """After how many steps the pages are looked at, and what was sent; at the end always."""
    told_every = 1
    """Number of steps after which the job sends notices of tasks, and these are checked."""
    steps = 0
    is_whole = False

    def begins(self):
        made = self.stores.make("lives", furnish)
        self.town = Town(made.database, made.settings)
        self.town.having(out_of_hours=OutOfHours.PROVISIONAL)
        self.says, self.uncertain = self.town, set()
        self.town.at = TUESDAY_AT_22 + timedelta(minutes=1)
        self.clients: dict[str, Client] = {}
        with self.town.act(SYSTEM) as act:
            self.accounts = waiting_work.accounts(act.session)
        self.happened["lives"] += 1
        self.written: set[str] = set()
        for drawn in (0, 1, 3):
            self.comes(drawn)
        self.looked_at, self.before, self.tasks = self.town.at, [], waiting_work.told(self.town)

    def teardown(self):
        if self.is_whole and self.steps % self.pages_every:
            self.tasks = waiting_work.told(self.town)
            self.is_once_on_a_page_and_sent_once()
        if self.stores is not None:
            self.stores.close()

    def something_happens(self, what, drawn):
        self.steps, self.is_whole = self.steps + 1, False
        self.town.later(minutes=1)
        getattr(self, what)(drawn)
        if self.steps % self.told_every == 0:
            self.looks()

    def looks(self):
        self.before, self.tasks = self.tasks, waiting_work.told(self.town)
        self.looked_before, self.looked_at = self.looked_at, self.town.at

    def tries(self, what, verb):
        """Returns the answer of the verb, or `None` if it was refused."""
        try:
            answer = verb()
        except PlacementError as refused:
            self.happened[f"{what} refused ({refused.code})"] += 1
            return None
        self.happened[what] += 1
        return answer or True

    def client(self, area, persons, **more):
        return Client(area, self.town.at, persons, **more)

    def one_of(self, drawn, wanted):
        found = [key for key, client in self.clients.items() if wanted(client)]
        return found[drawn % len(found)] if found else None

    def placer(self, key):
        return COORDINATOR if self.clients[key].area == "amsterdam" else DESK

    def status(self, key):
        return self.town.registration(key).status

    # verbs

    def comes(self, drawn):
        if sum(one.lives is None and one.kept is None for one in self.clients.values()) >= MOST_WAITING:
            return
        area = "limburg" if drawn % 4 == 3 else "amsterdam"  # nobody coordinates there: the desk does
        actor = COORDINATOR if area == "amsterdam" else DESK
        today = self.town.at.date()
        basis = BASES[drawn % len(BASES)]
        facts = {"region": area, "urgency": 1 + drawn % 4, "residence_basis": basis}
        facts["needed_by"] = today + timedelta(days=drawn % 14)
        persons = HOUSEHOLDS[drawn % len(HOUSEHOLDS)]
        made = self.tries("register", lambda: self.town.register(persons, actor=actor, **facts))
        if made is not None:
            self.clients[made] = self.client(area, persons)

    def decides(self, drawn):
        key = self.one_of(drawn, lambda one: one.kept is None)
        if key is None or not self.status(key).is_sought_for:
            return
        client, actor = self.clients[key], self.placer(key)
        made = self.tries("propose", lambda: self.town.propose(key, actor=actor))
        if made is None:
            return
        client.looked = self.town.at
        proposed = self.town.one("proposal", made).unit_id
        if proposed is not None:
            client.lost = False
        if drawn % 5 == 4 and proposed is not None:
            reason = codes(Step.DECLINE)[drawn % len(codes(Step.DECLINE))]
            self.tries("decline", lambda: self.town.decline(made, reason, actor=actor))
            return
        if proposed is not None and drawn % 5:
            decision = self.tries("accept", lambda: self.town.decide(made, DecisionKind.ACCEPT, actor=actor))
        else:
            unit, review_on = sorted(SHELTER_OF)[drawn % len(SHELTER_OF)], self.town.at.date() + timedelta(days=9)
            verb = lambda: self.town.override(made, unit, actor=actor, review_on=review_on)  # noqa: E731
            decision = self.tries("override", verb)
        if decision is not None:
            client.lost = False
            self.happened[f"decision {decision.status.value}"] += 1
            client.kept = self.town.hold_of(decision.id).id
            self.is_not_given_out(client.kept)

    def desk_answers(self, drawn):
        waits = [DecisionStatus.WAITING_FOR_DESK, DecisionStatus.WAITING_FOR_SECOND, DecisionStatus.PROVISIONAL]
        made = self.any_row(select(Decision).where(Decision.status.in_(waits)).order_by(Decision.decided_at), drawn)
        if made is None:
            return
        granted, fresh = drawn % 3 != 0, replace(OTHER_DESK, verified_at=self.town.at)
        said = {"granted": granted, "text": None if granted else "Niet hier"}
        verb = lambda: self.town.do(decisions.answer_decision, made.id, actor=fresh, **said)  # noqa: E731
        done = self.tries(f"{'agree' if granted else 'disagree'} {made.status.value}", verb)
        client = self.clients[made.registration_id]
        if done and not granted and client.kept == self.town.hold_of(made.id).id:
            client.loses(self.town.at, lost=made.status is DecisionStatus.PROVISIONAL)

    def shelter_answers(self, drawn):
        key = self.one_of(drawn, lambda one: one.kept is not None)
        if key is None:
            return
        hold = self.clients[key].kept
        if drawn % 4:
            self.tries("confirm", lambda: self.says.confirm(hold, self.town.at + timedelta(hours=drawn % 30 + 1)))
            return
        reason = codes(Step.REFUSE)[drawn % len(codes(Step.REFUSE))]
        if self.tries("refuse", lambda: self.says.refuse(hold, reason)):
            self.clients[key].loses(self.town.at)

    def arrives(self, drawn):
        key = self.one_of(drawn, lambda one: one.kept is not None)
        if key is not None and self.tries("arrive", lambda: self.says.arrive(self.clients[key].kept)):
            client = self.clients[key]
            self.happened["move"] += client.lives is not None
            client.remembers()
            client.lives, client.kept, client.lost = client.kept, None, False

    def given_back(self, drawn):
        key = self.one_of(drawn, lambda one: one.kept is not None)
        reason = codes(Step.RELEASE)[drawn % len(codes(Step.RELEASE))]
        if key is None:
            return
        hold, actor = self.clients[key].kept, self.placer(key)
        if self.tries("release", lambda: self.town.release(hold, reason, actor=actor)):
            self.clients[key].loses(self.town.at, lost=False)

    def leaves(self, drawn):
        key = self.one_of(drawn, lambda one: one.lives is not None)
        if key is None:
            return
        client, reason = self.clients[key], codes(Step.END)[drawn % len(codes(Step.END))]
        stay = self.stay_of(client.lives)
        if self.tries(f"end {reason}", lambda: self.says.end(stay.id, reason)):
            client.remembers()
            client.lives, client.since = None, self.town.at
            client.missing = client.missing or reason == LEFT_UNKNOWN
            if reason in BREAKS_OFF and not client.missing:
                client.lost = client.kept is None
            else:
                client.kept, client.lost = None, False

    def asks_to_move(self, drawn):
        key = self.one_of(drawn, lambda one: one.lives is not None and one.kept is None)
        if key is None:
            return
        ground = list(RequestGround)[drawn % len(RequestGround)]
        asked = Asked(RequestKind.TRANSFER, Urgency(1 + drawn % 4), ground)
        version = self.town.registration(key).version
        actor = self.placer(key)
        if self.tries("ask", lambda: self.town.do(requests.ask, key, version, asked, actor=actor)):
            self.clients[key].since = self.town.at

    def stays_on(self, drawn):
        key = self.one_of(drawn, lambda one: one.lives is not None and one.kept is None)
        case = self.town.registration(key) if key else None
        if case is not None and case.requests:
            said, why = (key, len(case.requests), case.version), WithdrawalReason.CLIENT_STAYS
            actor = self.placer(key)
            if self.tries("withdraw", lambda: self.town.do(requests.withdraw, *said, reason=why, actor=actor)):
                self.clients[key].lost = False

    def moves_in_house(self, drawn):
        key = self.one_of(drawn, lambda one: one.lives is not None)
        if key is None:
            return
        held = self.clients[key].lives
        stay = self.stay_of(held)
        staff = shelter(SHELTER_OF[stay.unit_id])
        rooms = sorted(ROOMS[staff.shelter_id])
        other = self.one_of(drawn // 7, lambda one: one.lives not in {None, held})
        if drawn % 2 and other is not None:
            second = self.stay_of(self.clients[other].lives).id
            self.tries("swap", lambda: self.town.do(room_moves.swap, stay.id, second, confirm=True, actor=staff))
            return
        chosen = [rooms[drawn % len(rooms)]]
        self.tries("move in house", lambda: self.town.do(room_moves.move, stay.id, chosen, confirm=True, actor=staff))

    def time_passes(self, drawn):
        """Moves the clock, which ends holds without an answer in time. Nothing else in the model changes by it."""
        self.town.later(hours=(0.1, 1, 1, 4, 30)[drawn % 5])
        lapsing = [HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER]
        over = [
            (one.registration_id, one.status)
            for one in self.town.all(select(Hold).where(Hold.status.in_(lapsing)))
            if one.expires_at <= self.town.at
        ]
        for job in periodic.JOBS:
            if drawn % 7 == 0 or not job.name.startswith(SELDOM_RUN):
                self.town.do(job.run)
        for one in daily.dailies(self.town.settings):
            done = daily.run_due(self.town.database, self.town.settings, replace(one, ahead=None), self.town.at)
            self.happened[f"daily {one.name}"] += len(done)
        for key, status in over:
            self.happened[f"lapsed {status.value}"] += 1
            self.clients[key].loses(self.town.at, lost=status is HoldStatus.WAITING_FOR_SHELTER)

    def any_row(self, query, drawn):
        rows = self.town.all(query)
        return rows[drawn % len(rows)] if rows else None

    def stay_of(self, hold):
        return self.town.all(select(Stay).where((Stay.hold_id == hold) | (Stay.id == hold)))[0]

    # what always holds

    def clients_have_the_beds_that_the_model_says(self):
        expected = {key: {hold for hold in (client.lives, client.kept) if hold} for key, client in self.clients.items()}
        with self.town.act(SYSTEM) as act:
            claims, cases = waiting_work.claims(act.session), act.session.exec(select(Registration)).all()
            require(waiting_work.overlaps(claims), [])
            require(waiting_work.beds(claims), {key: holds for key, holds in expected.items() if holds})
            live = [one for one in claims if one.ends_on is None]
            without = without_bed(act.session, cases, live)
            for case in cases:
                client = self.clients[case.id]
                assert case.status in STATES[client.lives is not None, client.kept is not None], (case.status, client)
                require(Counter(one.gender for one in case.persons), Counter(gender for gender, _ in client.persons))
            if self.steps % self.told_every == 0:
                self.every_state_that_waits_has_one_task_with_an_owner(
                    act, cases, without, counted_away(act.session, live)
                )

    def every_state_that_waits_has_one_task_with_an_owner(self, act, cases, without, counted):
        tasks = self.tasks
        require(waiting_work.twice(one.task.key for one in tasks), [])
        require(waiting_work.of_states(one.task for one in tasks), waiting_work.wanted(act))
        breaks = {one.task.registration for one in tasks if one.task.kind is TaskKind.BREAKS_RULE}
        require((without | barred(act.session, cases)) - breaks, set())
        require([clients for clients in counted if not clients & breaks], [])
        require([one for one in tasks if not waiting_work.has_owner(self.accounts, one)], [])
        require(waiting_work.untold(act, tasks, self.before, self.looked_before), [])
        missing = [one.task.registration for one in tasks if one.task.kind is TaskKind.WHEREABOUTS]
        require(sorted(missing), sorted(case.id for case in cases if case.status is R.MISSING))
        require([one.task.registration for one in tasks[: len(missing)]], missing)
        found = Counter(one.task.registration for one in tasks if one.task.kind in waiting_work.SEARCHES)
        for case in cases:
            self.is_sought(case, found[case.id])

    def is_sought(self, case, found):
        """Checks that a search has its only task if a place was lost, or if it is time to look again."""
        client, is_sought = self.clients[case.id], case.status.is_sought_for
        assert client.missing == (case.status is R.MISSING), (case.status, client)
        if case.urgency == Urgency.TONIGHT:
            is_due = client.since <= self.town.at - timedelta(hours=1)
        else:
            is_due = waiting_work.is_time_to_look(case, max(client.since, client.looked or client.since), self.town.at)
        least, most = int(is_sought and (is_due or client.lost)), int(is_sought)
        assert least <= found <= most, (case.status, case.urgency, client, found)

    def every_task_is_once_on_a_page_and_told_once(self):
        self.is_whole = True
        if self.steps % self.pages_every == 0:
            self.is_once_on_a_page_and_sent_once()

    def is_once_on_a_page_and_sent_once(self):
        for reader in (OTHER_DESK, COORDINATOR):
            require(waiting_work.wrong_on_the_page(self.town, reader, self.tasks), [])
        require(waiting_work.sent_twice(self.town), [])
        self.happened["mail"] += waiting_work.write_mails(self.town, self.written)


def require(found, expected):
    """Compares two values, with both in the message, as pytest does not rewrite the assertions of this module."""
    assert found == expected, f"{found} and not {expected}"


ALWAYS = (
    "clients_have_the_beds_that_the_model_says",
    "no_address_is_shown_before_a_certain_yes",
    "every_task_is_once_on_a_page_and_told_once",
)
