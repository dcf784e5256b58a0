"""Codes of the practice room: its states, its scenes, and the steps that the service recommends in a scene."""

from enum import StrEnum


class RoomState(StrEnum):
    ABSENT = "absent"  # nobody started it, or it was stopped
    MAKING = "making"  # a scene is being put into an empty store
    RUNS = "runs"
    MOVING = "moving"  # the clock moves
    OTHER_VERSION = "other_version"  # another version of the service made it


class SceneCode(StrEnum):
    FIRST_NIGHT = "first_night"
    REFUSAL = "refusal"
    MISSING_MINOR = "missing_minor"
    RAID = "raid"
    EVACUATION = "evacuation"
    LEAKED_ADDRESS = "leaked_address"


class SceneStep(StrEnum):
    RING_BACK = "ring_back"
    ACCEPT = "accept"
    REGISTER_MEMBERS = "register_members"
    PROPOSE = "propose"
    DECIDE = "decide"
    REFUSE = "refuse"
    PROPOSE_AGAIN = "propose_again"
    DECIDE_AGAIN = "decide_again"
    CONFIRM = "confirm"
    ARRIVE = "arrive"
    END_STAY = "end_stay"
    INFORM = "inform"
    LOOK = "look"
    EVACUATE = "evacuate"
    PLAN = "plan"
    ACCEPT_PLAN = "accept_plan"
    ASK_TRANSFER = "ask_transfer"
