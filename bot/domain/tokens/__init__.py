"""Active tokens: grants that stand, what is notable about them, and what each rests on."""

from bot.domain.tokens.announced import MOST_A_DAY, RevocationPlan, is_due, stays_announced
from bot.domain.tokens.basis import (
    Basis,
    basis_of,
    differences,
    has_unknown_limit,
    was_ended_here,
)
from bot.domain.tokens.grant import Announcement, Keep, KnownGrant
from bot.domain.tokens.kinds import REVOCABLE, Kind, kinds_of
from bot.domain.tokens.report import NOTHING, CheckedGrant, TokenReport, make_report

__all__ = [
    "MOST_A_DAY",
    "NOTHING",
    "REVOCABLE",
    "Announcement",
    "Basis",
    "CheckedGrant",
    "Keep",
    "Kind",
    "KnownGrant",
    "RevocationPlan",
    "TokenReport",
    "basis_of",
    "differences",
    "has_unknown_limit",
    "is_due",
    "kinds_of",
    "make_report",
    "stays_announced",
    "was_ended_here",
]
