"""The policy issue: what a version of the policy says, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.policy.loading import Problem, path_text
from bot.domain.policy.schema import PolicyFile
from bot.domain.policy_assessment import Assessment, differences
from bot.domain.policy_version import (
    POLICY_FILE,
    REMOVED,
    Adopter,
    NamedIds,
    PolicyInForce,
    PolicyVersion,
    Rejection,
    Ruling,
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
    above = [f"- {_in_force(one, web_url)}" for one in standings]
    above = fitting([*above, *_wrong(found), *_doubted(found)], room * 2 // 3, _more)
    below = [*_people(found.ids, standings), *_changes(found, standings)]
    below += [*_requests(found, web_url), *_replay(found)]
    below = fitting(below, room - _bytes(above), _more)
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


def _more(count: int) -> str:
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


def _in_force(one: Standing, web_url: str) -> str:
    org = person(one.login, web_url)
    if one.in_force is None:
        return f"In force in {org}: no policy, owners decide everything"
    by = ", ".join(who(adopter.account, web_url) for adopter in one.in_force.adopters)
    at = minute(one.in_force.adopted_at)
    return f"In force in {org}: {code(one.in_force.sha[:12])}, adopted by {by} on {at}"


def _wrong(found: Assessment) -> list[str]:
    lines = [_problem(one) for one in found.problems]
    lines += [f"- {code(one, 300)}" for one in found.failed_examples]
    return _part("What is wrong", lines)


def _doubted(found: Assessment) -> list[str]:
    lines = [_problem(one) for one in found.doubts]
    hint = "You can adopt it all the same. Please look whether this is what you mean:"
    return _part("What may be a mistake", [hint, "", *lines] if lines else [])


def _problem(one: Problem) -> str:
    where = f"line {one.line}, column {one.column}, {code(one.path)}"
    return f"- {where}: found {code(one.found)}, expected {code(one.expected, 300)}"


def _words(document: PolicyFile | None) -> list[str]:
    if document is None:
        return []
    words = [f"- {line}" for line in rules_in_words(document)]
    return _part("The rules in words", words or ["There are no rules."])


def _people(ids: Mapping[int, NamedIds], standings: Sequence[Standing]) -> list[str]:
    lines = []
    for one in standings:
        known = ids.get(one.org_id, NamedIds())
        lines += [f"- user {code(login)}: {id_}" for login, id_ in sorted(known.users.items())]
        where = f" of {code(one.login)}" if len(standings) > 1 else ""
        lines += [f"- team {code(slug)}{where}: {id_}" for slug, id_ in sorted(known.teams.items())]
    about = "A name that leads to another id later counts for nobody."
    return _part("Users and teams, by their numeric ids", [*lines, "", about] if lines else [])


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
    return _part("What changes against the policy in force", lines or ["- nothing"])


def _requests(found: Assessment, web_url: str) -> list[str]:
    lines = [f"- {brief(row, web_url)}" for row in found.would_approve]
    return _part("Undecided requests that it may approve", lines)


def _replay(found: Assessment) -> list[str]:
    if found.problems:
        return []
    if found.replays is None:
        return _part("Recorded requests", ["Recorded requests were not looked at."])
    lines = list[str]()
    for login, one in found.replays.items():
        if len(found.replays) > 1:
            lines += ["", f"**{code(login)}**", ""]
        lines += [unread_policy()] if one is None else replay_in_words(one)
    return _part("Recorded requests", lines)


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


def _part(heading: str, lines: Sequence[str]) -> list[str]:
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
    return _block(fitting(lines, room // 3, _more))  # each fence may be as long as a line


def _block(lines: Sequence[str]) -> list[str]:
    longest = max((len(run) for line in lines for run in _ticks(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return ["", *folded("The file", [f"{fence}yaml", *lines, fence])]


def _ticks(line: str) -> list[str]:
    return "".join(c if c == "`" else " " for c in line).split()


def _visible(line: str) -> str:
    return "".join(c if c == "\t" or not is_unseen(c) else f"\\u{{{ord(c):x}}}" for c in line)


# ---------------------------------------------------------------- comments


def ruling(version: PolicyVersion, standings: Sequence[Standing], web_url: str = GITHUB) -> str:
    """The one comment when it is over."""
    if version.ruling is Ruling.SUPERSEDED:
        return "A newer version of the file is on the branch, so this one cannot be adopted."
    rejected = [
        f"- Rejected for {person(one.login, web_url)} by {_rejection(rejection, web_url)}"
        for one in standings
        if (rejection := version.rejections.get(one.org_id)) is not None
    ]
    if version.ruling is Ruling.ADOPTED:
        lines = [f"- {_in_force(one, web_url)}" for one in standings]
        return "\n".join(["**Adopted.**", "", *_fitting_comment([*lines, *rejected])])
    if len(rejected) > 1:
        head = ["**Rejected.** What was in force stays in force.", ""]
        return "\n".join([*head, *_fitting_comment(rejected)])
    said = f"\n\nReason: {code(version.reason, 1100)}" if version.reason else ""
    by = who(version.ruled_by, web_url)
    return f"**Rejected** by {by}. What was in force stays in force.{said}"


def _fitting_comment(lines: Sequence[str]) -> list[str]:
    """A shared repository may serve more organizations than a comment can tell of."""
    return fitting(lines, BODY_LIMIT - 1000, _more)


def _rejection(one: Rejection, web_url: str) -> str:
    said = f" Reason: {code(one.reason, 1100)}" if one.reason else ""
    return f"{who(one.account, web_url)}.{said}"


def progress(
    adopters: Sequence[Adopter],
    needed: int,
    dropped: Sequence[Adopter] = (),
    web_url: str = GITHUB,
    org_login: str = "",
) -> str:
    """An owner adopted it, and more have to. The organization is named where there are several."""
    where = f" for {person(org_login, web_url)}" if org_login else ""
    names = ", ".join(who(one.account, web_url) for one in adopters)
    lost = ""
    if dropped:
        gone = ", ".join(who(one.account, web_url) for one in dropped)
        lost = (
            f" The `/adopt` of {gone} does not count any more: the comment, the owner or what a "
            "name in the file leads to changed."
        )
    rest = needed - len(adopters)
    more = "1 more owner has" if rest == 1 else f"{rest} more owners have"
    return (
        f"Adopted{where} by {names}: {len(adopters)} of {needed}. {more} to comment `/adopt`.{lost}"
    )


def elsewhere(ruled: Mapping[str, Ruling], missing: Sequence[str], web_url: str = GITHUB) -> str:
    """Done for some organizations of a shared repository, and others have not ruled yet."""
    done = [f"{each.value.capitalize()} for {person(org, web_url)}." for org, each in ruled.items()]
    names = ", ".join(person(one, web_url) for one in missing)
    rest = [f"Owners of these organizations have not decided yet: {names}."] if missing else []
    return " ".join([*done, *rest])


def ask_back(found: Assessment, confirm_code: str, web_url: str = GITHUB) -> str:
    """What adopting would do, and the code that confirms it."""
    rules = [
        f"- the rule {code(name)}, because its `when` does not say {both([*map(code, lacks)])}"
        for name, lacks in found.dangerous_rules.items()
    ]
    waiting = [f"- {brief(row, web_url)}" for row in found.would_approve]
    parts = _part("It can approve high, critical or never-expiring access", rules)
    parts += _part("It may approve these undecided requests", waiting)
    room = BODY_LIMIT - 1000
    return "\n".join(
        [
            "Nothing was adopted yet. Please read what this version does:",
            *fitting(parts, room, _more),
            "",
            f"To adopt it, comment `/confirm {confirm_code}` within 24 hours. Only you can use "
            "this code.",
        ]
    )


def status(version: PolicyVersion, standings: Sequence[Standing], web_url: str = GITHUB) -> str:
    """`/status`: what became of it, and who adopted it."""
    lines = [f"This version is **{version.ruling.value}**.", ""]
    for one in standings:
        said = _said(version, one.org_id, web_url)
        lines += [f"- {_in_force(one, web_url)}", f"- This version: {said}"]
    return "\n".join(_fitting_comment(lines))


def _said(version: PolicyVersion, org_id: int, web_url: str) -> str:
    rejection = version.rejections.get(org_id)
    if rejection is not None:
        return f"rejected by {_rejection(rejection, web_url)}"
    names = [who(each.account, web_url) for each in version.adopted_by(org_id)]
    return f"adopted by {', '.join(names) or 'nobody'}"


def explain(standings: Sequence[Standing]) -> str:
    """`/explain`: how a version comes into force."""
    most = max((one.needed for one in standings), default=1)
    owners = "one owner" if most == 1 else f"{most} different owners"
    return (
        f"A version of the file counts when {owners} adopted it here. The number is the highest "
        "`approvals` of the version in force. Pushing the file changes nothing, and neither does "
        "what becomes of the file afterwards."
    )


# ---------------------------------------------------------------- refusals


def settled(version: PolicyVersion) -> str:
    """It was adopted, rejected or superseded before."""
    if version.ruling is Ruling.PENDING:
        return "All organizations have decided on this version, so there is nothing to decide here."
    return f"This version is {version.ruling.value} already, so there is nothing to decide here."


def not_an_owner(org_logins: Sequence[str], web_url: str = GITHUB) -> str:
    """Owners of several organizations may decide, and the author is none of them."""
    names = ", ".join(person(one, web_url) for one in org_logins)
    return (
        f"Sorry, only active owners of these organizations can decide now: {names}. GitHub says "
        "that you are not one. Please ask one of them to comment."
    )


def unsound(found: Assessment) -> str:
    """It cannot be adopted; why."""
    said = "This version cannot be adopted:"
    lines = [*_wrong(found)[3:]]
    wrong = fitting(lines, 10_000, lambda more: f"- … and {more} more")
    return "\n".join([said, "", *wrong, "", "Please push a mended version of the file."])


def another_version(issue: int | None) -> str:
    """The branch holds another version by now."""
    where = f"Please decide on #{issue}." if issue else "Its issue follows."
    return f"The file changed, so nothing was decided: the branch holds another version. {where}"


def other_ids(org_login: str, shown: NamedIds, found: NamedIds, web_url: str = GITHUB) -> str:
    """What the file means for this organization is not what the issue shows, if it shows that."""
    org = person(org_login, web_url)
    if not shown.organization or (shown.users, shown.teams) == (found.users, found.teams):
        what = f"This issue did not show what this version means for {org} now"
    else:
        what = (
            f"For {org}, a name in this file leads to another user or team than this issue showed"
        )
    return (
        f"{what}, so nothing was adopted. The issue is up to date again. Please read it and post a "
        "new comment."
    )


def shown_since() -> str:
    """The comment was written before the issue showed what it shows now."""
    return (
        "I brought this issue up to date since you wrote your comment, so nothing was decided. "
        "Please read it again and post your command in a new comment."
    )


def list_changed() -> str:
    """What the preview listed is not what would happen now."""
    return (
        "The requests that this version would approve changed, so the code does not count. "
        "Please comment `/adopt` again."
    )
