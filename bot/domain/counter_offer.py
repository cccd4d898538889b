"""A counter-offer: the smaller request that would be fine, and whether a later one is that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.commands.counter import Counter
from bot.domain.offer import Offer
from bot.domain.permissions import LEVELS, find, rank
from bot.domain.token_request import Permissions, TokenRequest

HOLDS = timedelta(days=30)
"""So long after it was made a request may answer to an offer."""
SLACK = timedelta(hours=1)
"""GitHub counts a lifetime from the token's making, a little before the request's."""


class OfferCause(StrEnum):
    """Why a counter-offer is refused. `word` of the refusal names what it is about."""

    UNKNOWN_PERMISSION = "unknown permission"
    MORE_PERMISSION = "more than the request asks"
    MORE_REPOSITORIES = "repositories that the request does not ask for"
    MORE_TIME = "a longer lifetime than the request asks"
    TOO_LONG = "reason too long"


@dataclass(frozen=True)
class OfferRefusal:
    """`over`: so many characters too many, for TOO_LONG."""

    cause: OfferCause
    word: str = ""
    over: int = 0


def make_offer(wanted: Counter, request: TokenRequest, now: datetime) -> Offer | OfferRefusal:
    """The offer that a `/counter` makes on this request; a refusal when it asks for more."""
    asked = _flat(request.result)
    for name, level in wanted.permissions:
        if find(name) is None:
            return OfferRefusal(OfferCause.UNKNOWN_PERMISSION, name)
        if rank(asked.get(name, "")) < rank(level):
            return OfferRefusal(OfferCause.MORE_PERMISSION, f"{name}:{level}")
    names, theirs = wanted.repositories, _names(request)
    for name in names:
        if request.selection == "none" or (request.selection != "all" and name not in theirs):
            return OfferRefusal(OfferCause.MORE_REPOSITORIES, name)
    length = _lifetime(request)
    if wanted.lifetime and length is not None and wanted.lifetime > length + SLACK:
        return OfferRefusal(OfferCause.MORE_TIME)
    return Offer(
        request.requester.id,
        wanted.permissions,
        "subset" if names else request.selection,
        names or (theirs if request.selection == "subset" else ()),
        wanted.lifetime or length,
        now,
    )


def is_covered_by(offer: Offer, request: TokenRequest) -> bool:
    """Whether a request of the same person asks for no more than was offered, in time.

    What is not known for sure counts as more. Whether the offer's author may still decide is not
    looked at here.
    """
    return (
        request.requester.id == offer.requester_id
        and timedelta() <= request.created_at - offer.made_at <= HOLDS
        and _permissions_fit(offer, request.result)
        and _repositories_fit(offer, request)
        and _lifetime_fits(offer, request)
    )


def _permissions_fit(offer: Offer, result: Permissions) -> bool:
    offered = {"metadata": "read", **dict(offer.permissions)}
    for group, levels in result.items():
        for name, level in levels.items():
            known = find(name, group)
            if known is None or level not in LEVELS or group not in ("repository", "organization"):
                return False
            if rank(level) > rank(offered.get(known.name, "")):
                return False
    return True


def _repositories_fit(offer: Offer, request: TokenRequest) -> bool:
    if request.selection == "none" or offer.selection == "all":
        return request.selection in ("none", "subset", "all")
    if request.selection != "subset" or offer.selection != "subset":
        return False
    complete = len(request.repositories) >= max(request.repository_count or 0, 1)
    return complete and set(_names(request)) <= set(offer.repositories)


def _lifetime_fits(offer: Offer, request: TokenRequest) -> bool:
    length = _lifetime(request)
    return offer.lifetime is None or (length is not None and length <= offer.lifetime + SLACK)


def _lifetime(request: TokenRequest) -> timedelta | None:
    return request.expires_at - request.created_at if request.expires_at else None


def _names(request: TokenRequest) -> tuple[str, ...]:
    return tuple(one.full_name.rpartition("/")[2].lower() for one in request.repositories)


def _flat(permissions: Permissions) -> Mapping[str, str]:
    """Our name → level."""
    return {
        known.name: level
        for group, levels in permissions.items()
        for name, level in levels.items()
        if (known := find(name, group)) and level in LEVELS
    }
