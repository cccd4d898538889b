"""The decision card, the beginning of a review issue: the verdict, and what stands behind it."""

from collections.abc import Sequence

from bot.domain.card_facts import CardFacts, EarlierRequest, OfferMade
from bot.domain.permissions import (
    Assessment,
    Change,
    Danger,
    PermissionRow,
    Reason,
    danger,
    extends_access,
    find,
    permission_rows,
)
from bot.domain.record import RequestRecord
from bot.domain.token_request import Permissions, TokenRequest
from bot.replies.budget import folded
from bot.replies.escape import code, person, repository_code
from bot.replies.links import GITHUB, granted_page
from bot.replies.times import day, rounded_span

LINES = 6
"""So many lines stand behind the verdict in plain sight, the others are folded."""
NAMED = 2
"""So many repositories are named in the verdict, more are counted."""
MOST_NAMES = 4
"""So many permissions are named in one line."""
UNKNOWN_PERMISSION = "This version does not know this permission. Look it up before you approve"


def card(
    row: RequestRecord,
    *,
    granted: Permissions | None = None,
    web_url: str = GITHUB,
) -> list[str]:
    """The verdict in one line, and at most LINES lines of what stands behind it."""
    request = row.request
    found = assessment(row)
    last = _last_lines(request, found, granted)
    reasons = [_reason(one) for one in found.reasons]
    room = max(LINES - len(last), 1)
    shown, rest = reasons[:room], reasons[room:]
    more = f"{len(rest)} more thing{'s' if len(rest) > 1 else ''} that the holder could do"
    lines = [f"- {line}" for line in [*shown, *last]]
    fold = ["", *folded(more, [f"- {line}" for line in rest])] if rest else []
    return [
        verdict(row, found, web_url),
        *(["", *lines] if lines else []),
        *fold,
    ]


def assessment(row: RequestRecord) -> Assessment:
    """How dangerous the request is, with what is known of the requester's other tokens."""
    return danger(row.request, row.card.others if row.card else ())


def verdict(row: RequestRecord, found: Assessment, web_url: str) -> str:
    """`**High danger**: In …, for …, the holder could …`: the worst, where, and for how long."""
    request, worst = row.request, found.worst
    start = f"**{found.level.word.capitalize()} danger**:"
    requester = person(request.requester.login, web_url)
    if worst is None:
        return f"{start} The token asks for no permission, so the holder could do nothing new."
    if found.level > found.alone and (worst.others_alone or worst.level < found.level):
        could = f"could already {worst.sentence}" if worst.others_alone else "are more dangerous"
        return (
            f"{start} {requester}’s other tokens here {could}. "
            f"This token alone has {found.alone.word} danger."
        )
    what = worst.sentence if worst.known else f"use {code(worst.names[0])}, which I do not know"
    sentence = f"{_where(worst, request)}, {_how_long(request)}, the holder could {what}."
    if worst.takes_others:
        return (
            f"{start} Together with {requester}’s other tokens here, {sentence} "
            f"This token alone has {found.alone.word} danger."
        )
    return f"{start} {sentence[0].upper()}{sentence[1:]}"


def _where(reason: Reason, request: TokenRequest) -> str:
    if reason.of_organization or (request.selection == "none" and not reason.known):
        return "in the whole organization"
    if request.selection == "none":
        return "with no repository chosen"
    if request.selection == "all":
        return "in all repositories, also future ones"
    known, count = request.repositories, request.repository_count or len(request.repositories)
    if not known or count > NAMED:
        return f"in {count or 'some'} repositories"
    return "in " + " and ".join(repository_code(one.full_name) for one in known)


def _how_long(request: TokenRequest) -> str:
    if request.expires_at is None:
        return "for ever"
    return f"for {rounded_span(request.expires_at - request.created_at)}"


def _reason(reason: Reason) -> str:
    if not reason.known:
        return f"⚠️ {code(reason.names[0])}: {UNKNOWN_PERMISSION}."
    sign = "⚠️ " if reason.level is Danger.CRITICAL else ""
    names = [code(one) for one in reason.names[:MOST_NAMES]]
    more = len(reason.names) - len(names)
    by = ", ".join(names) + (f" and {more} more" if more else "")
    source = f", [source]({reason.source})" if reason.source else ""
    whose = ""
    if reason.others_alone and reason.takes_others:
        whose = "; other tokens can do so already"
    elif reason.takes_others:
        whose = "; together with other tokens"
    start = reason.sentence[0].upper() + reason.sentence[1:]
    return f"{sign}{start} ({by}{source}{whose})"


def _last_lines(request: TokenRequest, found: Assessment, granted: Permissions | None) -> list[str]:
    lines = []
    if extends_access(request, granted):
        lines.append(_what_is_new(permission_rows(request, granted)))
    raised = " Without that the danger would be lower." if _is_raised(found) else ""
    for_ever, everywhere = request.expires_at is None, request.selection == "all"
    if for_ever and everywhere:
        lines.append(
            "⚠️ It **never expires** and reaches **all repositories**, future and private ones "
            f"too.{raised}"
        )
    elif for_ever:
        lines.append(f"⚠️ It **never expires**.{raised}")
    elif everywhere:
        lines.append(f"⚠️ It reaches **all repositories**, future and private ones too.{raised}")
    private = [one for one in request.repositories if one.private]
    if request.selection == "subset" and private:
        lines.append(_private(private, request))
    return lines


def _is_raised(found: Assessment) -> bool:
    return found.worst is not None and found.worst.level < found.level is found.alone


def _private(private: Sequence[object], request: TokenRequest) -> str:
    count = max(request.repository_count or 0, len(request.repositories))
    if count == 1:
        return "The repository is private."
    if len(private) == count:
        return "Both repositories are private." if count == 2 else f"All {count} are private."
    verb = "is" if len(private) == 1 else "are"
    return f"{len(private)} of the {count} repositories {verb} private."


def _what_is_new(rows: Sequence[PermissionRow]) -> str:
    new = [one for one in rows if one.change in (Change.ADDED, Change.UPGRADED)]
    if not new:
        return "Its permissions stay as they are; repositories or expiry may change."
    named = ", ".join(code(f"{one.name}: {one.result}") for one in new[:MOST_NAMES])
    more = f" and {len(new) - MOST_NAMES} more" if len(new) > MOST_NAMES else ""
    return f"New for this token: {named}{more}."


def looked_up(
    row: RequestRecord,
    org_login: str,
    web_url: str = GITHUB,
) -> list[str]:
    """What an owner would look up by hand, a line each."""
    facts, lines = row.card, list[str]()
    if facts is not None and facts.renews is not None:
        lines.append(f"- **Renewal:** asks for no more than {_one_earlier(facts.renews, web_url)}")
    if facts is not None and facts.offered is not None:
        lines.append(_offered(facts.offered, web_url))
    lines += _today(row)
    if facts is not None:
        lines.append(_other_tokens(row, facts, org_login, web_url))
        lines.append(f"- **Earlier requests:** {_earlier(facts, web_url)}")
    return lines


def _offered(offer: OfferMade, web_url: str) -> str:
    where = f"[#{offer.number}]({web_url}/{offer.repo}/issues/{offer.number})"
    return f"- **Offered:** This is what {person(offer.by, web_url)} offered in {where}."


def _today(row: RequestRecord) -> list[str]:
    """What a requester who is no owner can make of it now."""
    names = [
        f"{one.name}: {one.result}"
        for one in permission_rows(row.request)
        if (known := find(one.name, one.group)) and known.power(one.result).owner_only
    ]
    if not names or row.requester_role == "owner":
        return []
    shown = ", ".join(code(one) for one in names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    it = "It does" if len(names) == 1 else "They do"
    counts = "it counts" if len(names) == 1 else "they count"
    needs = "needs" if len(names) == 1 else "need"
    return [
        f"- **Today:** {shown}{more} {needs} an owner, or a role that owners gave. {it} little "
        f"now, and {counts} once the requester becomes an owner."
    ]


def _other_tokens(row: RequestRecord, facts: CardFacts, org_login: str, web_url: str) -> str:
    page = f"[GitHub’s list]({granted_page(org_login, web_url)})"
    if facts.other_grants is None:
        return f"- **Other active tokens here:** GitHub did not tell; see {page}"
    count = len(facts.other_grants)
    if not count:
        return "- **Other active tokens here:** none"
    found = assessment(row)
    sums = ""
    if found.level > found.alone:
        sums = f". This token alone: {found.alone.word} danger; with them: **{found.level.word}**"
    return f"- **Other active tokens here:** {count}, see {page}{sums}"


def _earlier(facts: CardFacts, web_url: str) -> str:
    if not facts.earlier:
        return "none that I know of"
    told = "; ".join(_one_earlier(one, web_url) for one in facts.earlier)
    more = facts.earlier_count - len(facts.earlier)
    return told + (f"; and {more} before" if more > 0 else "")


def _one_earlier(one: EarlierRequest, web_url: str) -> str:
    by = f" by {person(one.decided_by, web_url)}" if one.decided_by else ""
    by = " by a rule" if one.by_rule else by
    at = f" on {day(one.decided_at)}" if one.decided_at else ""
    where = f"[#{one.number}]({web_url}/{one.repo}/issues/{one.number}) " if one.number else ""
    return f"{where}{code(one.token_name)} {one.state.label}{by}{at}"
