"""Which repositories a token would reach: all, none, or a list that may be long."""

from collections.abc import Sequence

from bot.domain.accounts import Repository
from bot.domain.token_request import TokenRequest
from bot.replies.budget import fitting, folded, size
from bot.replies.escape import repository_code
from bot.replies.links import GITHUB, pending_page

IN_PLAIN_SIGHT = 10
"""Longer lists are folded."""
NAMED = 3
"""So many are named in a line of a list, more are counted."""


def summary(request: TokenRequest) -> str:
    """The repositories in a few words; a short list in full."""
    if request.selection == "all":
        return "⚠️ **all repositories**, also future ones"
    if request.selection == "none":
        return "none, only the organization itself"
    count, known = _count(request), len(request.repositories)
    if known == 0:
        return f"{count or 'some'} chosen ones; GitHub has not told us which yet"
    if known > IN_PLAIN_SIGHT or known < count:
        return f"{count}, listed below{_private_ones(request.repositories)}"
    return ", ".join(_shown(repository) for repository in request.repositories)


def named(request: TokenRequest) -> str:
    """For a line of a list: all, none, the names without their owner, or how many."""
    if request.selection == "all":
        return "⚠️ **all repositories**"
    if request.selection == "none":
        return "no repository"
    count, known = _count(request), request.repositories
    if 0 < len(known) == count <= NAMED:
        return ", ".join(repository_code(one.full_name.rpartition("/")[2]) for one in known)
    return f"{count or 'chosen'} repositories"


def details(request: TokenRequest, org_login: str, room: int, web_url: str = GITHUB) -> list[str]:
    """The folded list that `summary` speaks of, cut to `room` bytes; empty when none is needed."""
    known, count = request.repositories, _count(request)
    if request.selection != "subset" or not known:
        return []
    if len(known) <= IN_PLAIN_SIGHT and len(known) >= count:
        return []
    frame = size("\n".join(folded(f"All {count} repositories", [_rest(count, org_login, web_url)])))
    names = [f"- {_shown(repository)}" for repository in known]
    lines = fitting(names, room - frame - 2, lambda more: _rest(more, org_login, web_url))
    if len(lines) == len(names) and count > len(names):
        lines.append(_rest(count - len(names), org_login, web_url))
    return ["", *folded(f"All {count} repositories", lines)]


def _shown(repository: Repository) -> str:
    return repository_code(repository.full_name) + (" (private)" if repository.private else "")


def _private_ones(repositories: Sequence[Repository]) -> str:
    private = sum(1 for repository in repositories if repository.private)
    return f", {private} of them private" if private else ""


def _count(request: TokenRequest) -> int:
    return max(request.repository_count or 0, len(request.repositories))


def _rest(more: int, org_login: str, web_url: str) -> str:
    return f"- … and {more} more: see [GitHub's own page]({pending_page(org_login, web_url)})"
