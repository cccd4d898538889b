"""Active tokens: grants that stand, what is notable about them, and what each rests on."""

from bot.domain.tokens.basis import Basis, basis_of, differences, was_ended_here
from bot.domain.tokens.grant import Keep, KnownGrant
from bot.domain.tokens.kinds import REVOCABLE, Kind, kinds_of

__all__ = [
    "REVOCABLE",
    "Basis",
    "Keep",
    "Kind",
    "KnownGrant",
    "basis_of",
    "differences",
    "kinds_of",
    "was_ended_here",
]
