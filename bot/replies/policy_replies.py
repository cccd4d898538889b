"""Comments on a policy issue: what became of the version, and why a command is refused."""

from collections.abc import Mapping, Sequence

from bot.domain.policy_assessment import Assessment
from bot.domain.policy_version import Adopter, NamedIds, PolicyVersion, Rejection, Ruling
from bot.replies.budget import BODY_LIMIT, fitting
from bot.replies.escape import code, person
from bot.replies.links import GITHUB
from bot.replies.people import brief, who
from bot.replies.policy_issue import Standing, in_force_line, more_lines, part, wrong_lines
from bot.replies.policy_words import both


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
        lines = [f"- {in_force_line(one, web_url)}" for one in standings]
        return "\n".join(["**Adopted.**", "", *_fitting_comment([*lines, *rejected])])
    if len(rejected) > 1:
        head = ["**Rejected.** What was in force stays in force.", ""]
        return "\n".join([*head, *_fitting_comment(rejected)])
    said = f"\n\nReason: {code(version.reason, 1100)}" if version.reason else ""
    by = who(version.ruled_by, web_url)
    return f"**Rejected** by {by}. What was in force stays in force.{said}"


def _fitting_comment(lines: Sequence[str]) -> list[str]:
    """A shared repository may serve more organizations than a comment can tell of."""
    return fitting(lines, BODY_LIMIT - 1000, more_lines)


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
    parts = part("It can approve high, critical or never-expiring access", rules)
    parts += part("It may approve these undecided requests", waiting)
    room = BODY_LIMIT - 1000
    return "\n".join(
        [
            "Nothing was adopted yet. Please read what this version does:",
            *fitting(parts, room, more_lines),
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
        lines += [f"- {in_force_line(one, web_url)}", f"- This version: {said}"]
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
    lines = [*wrong_lines(found)[3:]]
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
