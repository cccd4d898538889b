"""The policy issue: what a version of the policy says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.policy.loading import Problem, path_text
from bot.domain.policy.schema import PolicyFile
from bot.domain.policy_assessment import Assessment, differences
from bot.domain.policy_version import (
    POLICY_FILE,
    REMOVED,
    NamedIds,
    PolicyInForce,
    PolicyVersion,
)
from bot.domain.unseen import is_unseen
from bot.replies.budget import BODY_LIMIT, fitting, folded, size
from bot.replies.escape import MASK, code, masked, person
from bot.replies.links import GITHUB
from bot.replies.markers import policy_marker
from bot.replies.people import brief, who
from bot.replies.policy_replay import replay_in_words, unread_policy
from bot.replies.policy_words import both, rules_in_words
from bot.replies.times import minute

_MOST_SHOWN = BODY_LIMIT - 6_000
"""Bytes for the rules in words and the file, both shown whole. The rest is for what every issue
says, under 3,000 bytes, and for parts that may be cut.
"""


@dataclass(frozen=True)
class Standing:
    """Where an organization stands: what it has in force, and how many owners must adopt."""

    org_id: int
    login: str
    in_force: PolicyInForce | None
    document: PolicyFile | None
    needed: int


def title(version: PolicyVersion) -> str:
    """`Token policy: SHA12`, or `Token policy: removed`."""
    return f"Token policy: {version.name}"


def body(
    version: PolicyVersion,
    found: Assessment,
    standings: Sequence[Standing],
    web_url: str = GITHUB,
) -> str:
    """What owners have to know. The rules in words and the file are never cut in what can be
    adopted: see `what_cannot_be_shown`.
    """
    head = [policy_marker(version.org_id, version.sha), *_head(version, found, web_url)]
    words = _words(found.document)
    file = _file(version.text, _MOST_SHOWN - _bytes(words))
    end = ["", *_how(found, standings), *file]
    room = BODY_LIMIT - _bytes([*head, *words, *end])
    above = [f"- {in_force_line(one, web_url)}" for one in standings]
    above = fitting([*above, *wrong_lines(found), *_doubted(found)], room * 2 // 3, more_lines)
    below = [*_people(found.ids, standings), *_changes(found, standings)]
    below += [*_requests(found, web_url), *_replay(found)]
    below = fitting(below, room - _bytes(above), more_lines)
    return "\n".join([*head, *above, *words, *below, *end])


def what_cannot_be_shown(text: str, document: PolicyFile) -> Problem | None:
    """Why an issue cannot show the file and its rules in words whole. Owners adopt what they read,
    so such a version is never adopted.
    """
    words = _words(document)
    lines = [*words, *_file(text)]
    if MASK in "\n".join(lines):
        each = enumerate(text.split("\n"), 1)
        line = next((number for number, one in each if masked(one) != one), 1)
        found = "something that looks like a GitHub token"
        expected = "a file that its issue can show whole, without anything like that"
        return Problem(line, 1, path_text(()), found, expected)
    if (needed := _bytes(lines)) <= _MOST_SHOWN:
        return None
    found = f"{needed} bytes of file and rules in words"
    expected = f"at most {_MOST_SHOWN}, so that its issue can show both whole: fewer or shorter"
    return Problem(1, 1, path_text(()), found, f"{expected} rules, names and comments")


def _bytes(lines: Sequence[str]) -> int:
    return sum(size(line) + 1 for line in lines)


def more_lines(count: int) -> str:
    """What stands in place of lines that do not fit."""
    return f"… {count} more lines"


def _head(version: PolicyVersion, found: Assessment, web_url: str) -> list[str]:
    what = f"The file {code(POLICY_FILE)} was removed" if version.sha == REMOVED else "A version"
    about = what if version.sha == REMOVED else f"{what} of {code(POLICY_FILE)}"
    verdict = "" if found.is_sound else " ⚠️ **It has errors and cannot be adopted.**"
    return [
        f"{about}, and owners decide whether it counts. Nothing changes until then.{verdict}",
        "",
        f"- Version: {code(version.sha)}",
        f"- {_pushed(version, web_url)}",
    ]


def _pushed(version: PolicyVersion, web_url: str) -> str:
    if version.pushed_by is not None:
        return f"Pushed by: {who(version.pushed_by, web_url)}"
    return f"Pushed by: commit author, as stated: {code(version.stated_author)}"


def in_force_line(one: Standing, web_url: str) -> str:
    """What is in force in an organization, and by whom it was adopted."""
    org = person(one.login, web_url)
    if one.in_force is None:
        return f"In force in {org}: no policy, owners decide everything"
    by = ", ".join(who(adopter.account, web_url) for adopter in one.in_force.adopters)
    at = minute(one.in_force.adopted_at)
    return f"In force in {org}: {code(one.in_force.sha[:12])}, adopted by {by} on {at}"


def wrong_lines(found: Assessment) -> list[str]:
    """Why it cannot be adopted, as a part."""
    lines = [_problem(one) for one in found.problems]
    lines += [f"- {code(one, 300)}" for one in found.failed_examples]
    return part("What is wrong", lines)


def _doubted(found: Assessment) -> list[str]:
    lines = [_problem(one) for one in found.doubts]
    hint = "You can adopt it all the same. Please look whether this is what you mean:"
    return part("What may be a mistake", [hint, "", *lines] if lines else [])


def _problem(one: Problem) -> str:
    where = f"line {one.line}, column {one.column}, {code(one.path)}"
    return f"- {where}: found {code(one.found)}, expected {code(one.expected, 300)}"


def _words(document: PolicyFile | None) -> list[str]:
    if document is None:
        return []
    words = [f"- {line}" for line in rules_in_words(document)]
    return part("The rules in words", words or ["There are no rules."])


def _people(ids: Mapping[int, NamedIds], standings: Sequence[Standing]) -> list[str]:
    lines = []
    for one in standings:
        known = ids.get(one.org_id, NamedIds())
        lines += [f"- user {code(login)}: {id_}" for login, id_ in sorted(known.users.items())]
        where = f" of {code(one.login)}" if len(standings) > 1 else ""
        lines += [f"- team {code(slug)}{where}: {id_}" for slug, id_ in sorted(known.teams.items())]
    about = "A name that leads to another id later counts for nobody."
    return part("Users and teams, by their numeric ids", [*lines, "", about] if lines else [])


def _changes(found: Assessment, standings: Sequence[Standing]) -> list[str]:
    if found.problems:
        return []
    lines = []
    for one in standings:
        where = f"{code(one.login)}: " if len(standings) > 1 else ""
        if one.in_force is not None and one.document is None:
            lines.append(f"- {where}{unread_policy()}")
            continue
        changed = differences(one.document, found.document)
        lines += [f"- {where}{what.format(code(name))}" for what, name in changed]
    return part("What changes against the policy in force", lines or ["- nothing"])


def _requests(found: Assessment, web_url: str) -> list[str]:
    lines = [f"- {brief(row, web_url)}" for row in found.would_approve]
    return part("Undecided requests that it may approve", lines)


def _replay(found: Assessment) -> list[str]:
    if found.problems:
        return []
    if found.replays is None:
        return part("Recorded requests", ["Recorded requests were not looked at."])
    lines = list[str]()
    for login, one in found.replays.items():
        if len(found.replays) > 1:
            lines += ["", f"**{code(login)}**", ""]
        lines += [unread_policy()] if one is None else replay_in_words(one)
    return part("Recorded requests", lines)


def _how(found: Assessment, standings: Sequence[Standing]) -> list[str]:
    most = max((one.needed for one in standings), default=1)
    owners = "an owner" if most == 1 else f"{most} different owners"
    if not found.is_sound:
        adopt = "It can be adopted when nothing is wrong with it: please push a mended version."
    else:
        adopt = f"`/adopt` of {owners} puts it in force.{_asks_back(found)}"
        adopt += " Requests that wait then, and are not on hold, are judged by it at once."
    return [
        "### How to decide",
        "",
        f"{adopt} `/reject` with a reason closes this issue, and what is in force stays.",
        "Only owners can do that. `/help` shows all commands.",
    ]


def _asks_back(found: Assessment) -> str:
    doubts = []
    if found.dangerous_rules:
        doubts.append("it can approve high, critical or never-expiring access")
    if found.would_approve:
        doubts.append("it may approve requests that wait now")
    return f" I first ask for a `/confirm`, because {both(doubts)}." if doubts else ""


def part(heading: str, lines: Sequence[str]) -> list[str]:
    """Lines with a heading above them; nothing where there are none."""
    return ["", f"### {heading}", "", *lines] if lines else []


def _file(text: str, room: int | None = None) -> list[str]:
    """The file in a code block, in which nothing is markup; what cannot be seen is spelt out. It
    is cut where it needs more than `room`: such a file has errors.
    """
    if not text:
        return []
    lines = [_visible(line) for line in masked(text).replace("\r\n", "\n").split("\n")]
    whole = _block(lines)
    if room is None or _bytes(whole) <= room:
        return whole
    return _block(fitting(lines, room // 3, more_lines))  # each fence may be as long as a line


def _block(lines: Sequence[str]) -> list[str]:
    longest = max((len(run) for line in lines for run in _ticks(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return ["", *folded("The file", [f"{fence}yaml", *lines, fence])]


def _ticks(line: str) -> list[str]:
    return "".join(c if c == "`" else " " for c in line).split()


def _visible(line: str) -> str:
    return "".join(c if c == "\t" or not is_unseen(c) else f"\\u{{{ord(c):x}}}" for c in line)
