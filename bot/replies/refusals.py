"""Why a command is not carried out, and what to do: short and polite."""

from collections.abc import Sequence

from bot.domain.commands import TABLE, Misuse, MisuseKind
from bot.domain.commands.command import REASON_LIMIT
from bot.domain.policy import Objection
from bot.domain.record import DigestRecord, RequestRecord
from bot.domain.token_request import State
from bot.replies.escape import code, person
from bot.replies.left_out import LeftOut, left_out_lines
from bot.replies.links import GITHUB
from bot.replies.people import outcome, who

_LINE = 200
"""Characters of a refused line that are repeated."""


def objection(why: Objection, org_login: str, web_url: str = GITHUB) -> str:
    """Why somebody may not decide."""
    return _OBJECTIONS[why].format(org=person(org_login, web_url))


_OBJECTIONS = {
    Objection.NOT_A_PERSON: "Sorry, only people can decide here, no bots and no apps. "
    "Please ask an owner of {org} to comment.",
    Objection.OWN_REQUEST: "Sorry, nobody can decide their own request. "
    "Please ask another owner of {org}.",
    Objection.NOT_AN_OWNER: "Sorry, only active owners of {org} can decide. "
    "GitHub says that you are not one now. Please ask an owner to comment.",
}


def held(row: RequestRecord, web_url: str = GITHUB) -> str:
    """While held nobody approves or denies by a command."""
    by = f" by {who(row.held_by, web_url)}" if row.held_by else ""
    return f"This request is on hold{by}. Comment `/unhold` first, then write your command again."


def already_decided(row: RequestRecord, web_url: str = GITHUB) -> str:
    """The request is over: how, by whom, and what is still possible."""
    if row.state is State.EXPIRED:
        return (
            "The token of this request has expired, so nothing can be decided any more. "
            "The requester can ask again with a new token."
        )
    if row.state is State.APPROVED:
        undo = "To take the access back, comment `/revoke`."
    elif row.state is State.DENIED:
        undo = "The requester can ask again; `/revoke` is only for what was approved."
    else:
        undo = "The requester can ask again with a new request."
    return f"This request is already {outcome(row, web_url)}. {undo}"


def not_approved(row: RequestRecord, web_url: str = GITHUB) -> str:
    """`/revoke` of what was not approved."""
    issue = f"#{row.issue.number}" if row.issue else "This request"
    if row.state.is_open:
        return f"{issue} is still {row.state.label}: nothing to revoke yet. Comment `/deny reason`."
    return f"{issue} is {outcome(row, web_url)}: there is no approved access to take back."


def cannot_revoke() -> str:
    """The installation may not revoke grants."""
    return (
        "Sorry, I may not revoke tokens in this organization, so nothing was done. "
        "An owner can accept the permission `organization_personal_access_tokens: write` of this "
        "App in the organization's settings. Then please write your command again."
    )


def no_token_id() -> str:
    """A grant is found by its token's id: without one nothing could be taken back in time."""
    return (
        "Sorry, GitHub did not tell this token's id, so I could not take the access back in time, "
        "and nothing was done. Please use `/approve` without a time, or `/deny` with a reason."
    )


def requester_left(row: RequestRecord, org_login: str, web_url: str = GITHUB) -> str:
    """Nobody who left is given access; the request can be denied."""
    requester, org = (person(login, web_url) for login in (row.request.requester.login, org_login))
    return (
        f"{requester} is no longer a member of {org}, so I did not approve this. "
        "Please comment `/deny reason`, or write `/approve` again once they are back."
    )


def changed() -> str:
    """The token changed since it was shown."""
    return (
        "GitHub shows this request differently now, so nothing was decided. The description "
        "above is up to date again: please read it and write your command again."
    )


def refused_before() -> str:
    """The command was refused once, and what stood against it is gone by now."""
    return "I did not carry this out when it came. If you still want it, please write it again."


def edited_comment() -> str:
    """Edits never count."""
    return "Your comment was edited, so I did not carry it out. Please write it anew."


def not_taken(answer: str) -> str:
    """GitHub refused the review of a request that is still pending."""
    return (
        f"GitHub did not take this decision: {code(answer, _LINE)}. The request is still pending. "
        "Please try again, or decide on GitHub's own page."
    )


def public_repository() -> str:
    """Nothing is decided in a repository that everybody can read."""
    return (
        "This repository is public, so nothing is decided here: its issues name people and "
        "their tokens. Please make it private, then write your command again."
    )


def unknown_code() -> str:
    """No preview with this code, here."""
    return (
        "I know no such code on this issue: it was used already, or is older than 24 hours. "
        "Please write the command again; the new preview has a new code."
    )


def not_your_code() -> str:
    """A code holds for whom it was shown."""
    return "This code is for whoever asked for the preview. Please write the command yourself."


def old_code() -> str:
    """A code holds for 24 hours."""
    return "This code is older than 24 hours. Please write the command again for a new preview."


def closed_digest(newest: DigestRecord | None) -> str:
    """Nothing is decided on a closed digest; the newest is named when there is one."""
    if newest is None or newest.issue is None:
        return "This digest is closed. Please decide on the review issues themselves."
    issue = f"#{newest.issue.number}"
    return f"This digest is closed. The newest is {issue} ({newest.date}): please write it there."


def unknown_numbers(numbers: Sequence[int]) -> str:
    """Numbers of no request of this organization: nothing at all was done."""
    named = code(", ".join(f"#{number}" for number in numbers))
    return (
        f"Nothing was done: {named} is no token request of this organization. "
        "Please check the numbers and write the command again."
    )


def nothing_selected(left_out: LeftOut, web_url: str = GITHUB) -> str:
    """The command means no request at all, or only such as must be left out."""
    nothing = "Nothing was done: no request fits your command. `/status` tells what waits."
    return "\n".join([nothing, *left_out_lines(left_out, web_url)])


def misuse(wrong: Misuse) -> str:
    """What cannot be read in a command, and how to write it."""
    if wrong.kind is MisuseKind.TWO_COMMANDS:
        return _TWO.format(lines=", ".join(code(line, 60) for line in wrong.lines[:5]))
    said = _MISUSES[wrong.kind].format(
        word=code(wrong.word, 60),
        command=f"`/{wrong.command}`",
        line=code(wrong.lines[0], _LINE) if wrong.lines else "",
        length=f"{wrong.length:,}",
    )
    return f"{said} {_usage(wrong)}"


def _usage(wrong: Misuse) -> str:
    if wrong.kind in _WITHOUT_USAGE:
        return "`/help` lists all commands."
    form = TABLE[wrong.command].forms[wrong.place]
    usage, example = form.usage, form.example
    return f"It is written {code(usage)}" + (f", say {code(example)}." if example != usage else ".")


_WITHOUT_USAGE = (
    MisuseKind.MISSPELT,
    MisuseKind.SWALLOWED,
    MisuseKind.QUOTED_MAIL,
    MisuseKind.REASON_TOO_LONG,
    MisuseKind.UNCLEAR_LIMIT,
)
_TWO = (
    "I carry out one command a comment, and read several here: {lines}. None was carried out. "
    "Please write one comment for each."
)
_MISUSES = {
    MisuseKind.MISSPELT: "I do not know {word}. Did you mean {command}? "
    "Please write it again in plain letters; nothing was done.",
    MisuseKind.SWALLOWED: "Your {command} stands in the quote, list, table or heading beside it, "
    "so nothing was done. Please write it again with a blank line before and after it.",
    MisuseKind.QUOTED_MAIL: "Your {command} stands below what looks like the head of a quoted "
    "mail, so nothing was done. Please write it again, above that or in a comment of its own.",
    MisuseKind.UNCLEAR_LIMIT: "{word} reads like a time limit that I cannot apply, so nothing was "
    "done. A limit stands right after the command: `/approve for 3d`, also `for 12h`, `for 2w`, "
    "`for 3 days` or `for a week`, from `1h` to `366d`. If the words are no limit, write two "
    "hyphens before them, with a space on each side: `/approve -- asked 3 days ago`.",
    MisuseKind.REASON_MISSING: "{command} needs a reason: GitHub sends it to the requester. "
    "Nothing was done.",
    MisuseKind.REASON_TOO_LONG: "The reason has {length} characters and GitHub takes at most "
    f"{REASON_LIMIT:,}. I never shorten a reason, so nothing was done. Please write a shorter one.",
    MisuseKind.CODE_MISSING: "{command} needs the code of the preview that it confirms.",
    MisuseKind.TARGETS_MISSING: "{command} must say here which requests it means. "
    "Nothing was done.",
    MisuseKind.TARGETS_ON_REVIEW: "{word} looks like a target, but a command here means this "
    "request alone, so nothing was done. Please leave it out, or write the command on the digest.",
    MisuseKind.BAD_TARGET: "I cannot read the target {word}, so nothing was done.",
    MisuseKind.MIXED_TARGETS: "Please name either numbers, or `all` and filters, not both: "
    "nothing was done.",
    MisuseKind.LATE_TARGET: "{word} looks like a target, but stands where the reason is, so "
    "nothing was done. All targets come before the reason, and filters are `owner:`, "
    "`permission:` and `repository:`.",
    MisuseKind.NUMBERS_ONLY: "{command} takes listed numbers only, so nothing was done.",
}
