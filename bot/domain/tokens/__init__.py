"""Active tokens: grants that stand, what is notable about them, and what each rests on."""

from bot.domain.tokens.basis import (
    Basis,
    basis_of,
    differences,
    has_unknown_limit,
    was_ended_here,
)
from bot.domain.tokens.grant import Keep, KnownGrant
from bot.domain.tokens.kinds import REVOCABLE, Kind, kinds_of
from bot.domain.tokens.report import NOTHING, CheckedGrant, TokenReport, make_report

__all__ = [
    "NOTHING",
    "REVOCABLE",
    "Basis",
    "CheckedGrant",
    "Keep",
    "Kind",
    "KnownGrant",
    "TokenReport",
    "basis_of",
    "differences",
    "has_unknown_limit",
    "kinds_of",
    "make_report",
    "was_ended_here",
]
