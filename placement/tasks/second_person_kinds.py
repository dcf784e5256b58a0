"""All kinds of requests for a second person. To add a kind, add a row."""

from types import MappingProxyType

from placement.accounts.approval_grants import ACCOUNT
from placement.accounts.key_rotations import KEYS
from placement.counts.releases.requests import COUNTS
from placement.doubt.release import RELEASE
from placement.exchange.open_imports import IMPORT
from placement.leave.requests import LEAVE
from placement.oddness.call_back import CALL_BACK
from placement.placements.decisions.decisions import OVERRIDE
from placement.retention.case_erasure import ERASURE
from placement.retention.legal_hold import HOLD, LIFTING
from placement.rule_changes.changes import RULE
from placement.second_person.kinds import Kinds
from placement.shelters.change_requests import ADDRESS, UNIT
from placement.shelters.key_requests import REGISTER

_OF_SERVICE = (ACCOUNT, KEYS, LEAVE, RULE, UNIT, ADDRESS, REGISTER, RELEASE, IMPORT, COUNTS)
_ALL = (*_OF_SERVICE, HOLD, LIFTING, OVERRIDE, CALL_BACK, ERASURE)
KINDS: Kinds = MappingProxyType({one.code: one for one in _ALL})
