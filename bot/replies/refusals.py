"""Why a command is not carried out, and what to do next: short and polite."""

from collections.abc import Sequence

from bot.domain.policy import Objection
from bot.domain.record import DigestRecord, IssueRef, RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.replies.escape import code, person
from bot.replies.left_out import left_out_lines
from bot.replies.links import GITHUB, issue_link, pending_page
from bot.replies.misuse import misread_limit, misuse
from bot.replies.people import outcome, who

__all__ = [
    "already_decided",
    "cannot_revoke",
    "changed",
    "closed_digest",
    "comment_not_found",
    "edited_comment",
    "edited_issue",
    "held",
    "misread_limit",
    "misuse",
    "no_token_id",
    "not_approved",
    "not_taken",
    "not_your_code",
    "nothing_selected",
    "objection",
    "old_code",
    "older_than_record",
    "public_repository",
    "refused_before",
    "requester_left",
    "unknown_code",
    "unknown_issue",
    "unknown_numbers",
]

_ANSWER = 300
"""Characters of GitHub's answer that are repeated."""


def objection(why: Objection, org_login: str, web_url: str = GITHUB) -> str:
    """Why somebody may not decide."""
    return _OBJECTIONS[why].format(org=person(org_login, web_url))


_OBJECTIONS = {
    Objection.NOT_A_PERSON: "Sorry, only people can decide, not bots or apps. "
    "Please ask an owner of {org} to comment.",
    Objection.OWN_REQUEST: "Sorry, nobody can decide their own request. "
    "Please ask another owner of {org}.",
    Objection.NOT_AN_OWNER: "Sorry, only active owners of {org} can decide, and GitHub says that "
    "you are not one now. Please ask an owner to comment.",
}


def rule_denies() -> str:
    """What a rule denies nobody approves."""
    return (
        "A rule of the policy denies this request, so nobody can approve it here. `/explain` says "
        "which rule."
    )


def not_named(org_login: str, web_url: str = GITHUB) -> str:
    """Under a policy only those decide whom a matching rule names."""
    return (
        f"Sorry, the policy of {person(org_login, web_url)} does not name you for this request. "
        "Comment `/explain` on its issue to see who may decide."
    )


def held_by_owner(org_login: str, web_url: str = GITHUB) -> str:
    """An owner's hold is lifted by owners only."""
    org = person(org_login, web_url)
    return f"An owner put this request on hold, so only an owner of {org} can comment `/unhold`."


def held(row: RequestRecord, web_url: str = GITHUB) -> str:
    """While held nobody approves or denies by a command."""
    by = f" by {who(row.held_by, web_url)}" if row.held_by else ""
    return f"This request is on hold{by}. Please comment `/unhold` first, then repeat your command."


def already_decided(row: RequestRecord, web_url: str = GITHUB) -> str:
    """The request is over: how, by whom, and what is still possible."""
    if row.state is State.EXPIRED:
        return (
            "The token of this request has expired, so there is nothing left to decide. "
            "The requester can ask again with a new token."
        )
    return f"This request is already {outcome(row, web_url)}. {_UNDO.get(row.state, _ASK_AGAIN)}"


_ASK_AGAIN = "The requester can ask again with a new request."
_UNDO = {
    State.APPROVED: "To revoke the access, comment `/revoke`.",
    State.DENIED: f"{_ASK_AGAIN} `/revoke` works only on approved requests.",
}


def not_approved(row: RequestRecord, web_url: str = GITHUB) -> str:
    """`/revoke` of what was not approved."""
    issue = f"#{row.issue.number}" if row.issue else "This request"
    if row.state.is_open:
        return (
            f"{issue} is still {row.state.label}, so there is nothing to revoke yet. "
            "To refuse it, comment `/deny` with a reason."
        )
    return f"{issue} is {outcome(row, web_url)}, so there is no approved access to revoke."


def cannot_revoke() -> str:
    """The installation may not revoke grants."""
    return (
        "Sorry, I am not allowed to revoke tokens in this organization, so I did nothing. I need "
        "the organization permission “Personal access tokens: Read and write” "
        "(`organization_personal_access_tokens: write`). If the App does not ask for it yet, "
        "whoever runs it sets that on the App's permissions page. Then an owner opens the App's "
        "installation in the organization's settings, chooses “Review request” and accepts. After "
        "that please repeat your command."
    )


def no_token_id() -> str:
    """A grant is found by its token's id: without one nothing can be revoked in time."""
    return (
        "Sorry, GitHub did not tell me the id of this token. I could not revoke the access in "
        "time, so I did nothing. Please use `/approve` without a time limit, or `/deny` with a "
        "reason."
    )


def requester_left(row: RequestRecord, org_login: str, web_url: str = GITHUB) -> str:
    """Nobody who left is given access; the request can be denied."""
    requester, org = (person(login, web_url) for login in (row.request.requester.login, org_login))
    return (
        f"{requester} is no longer a member of {org}, so I did not approve this. "
        "Please comment `/deny` with a reason, or `/approve` when they are a member again."
    )


def changed() -> str:
    """The token changed since it was shown."""
    return (
        "The request changed on GitHub, so nothing was decided. The description above is up to "
        "date again. Please read it and post your command in a new comment."
    )


def edited_issue() -> str:
    """The issue did not show what the record says: somebody edited it."""
    return (
        "Somebody changed what this issue shows, so nothing was decided. I restored the issue. "
        "Please read it again and post your command in a new comment."
    )


def refused_before() -> str:
    """The command was refused once, and what stood against it is gone by now."""
    return (
        "I did not carry this out when you posted it. If you still want it, please post your "
        "command in a new comment."
    )


def older_than_record() -> str:
    """Nobody knows what became of the command: the record of that time is lost."""
    return (
        "You posted this before my record came back from a backup, or was made anew after a loss. "
        "I do not know what became of it then, so I do not carry it out now. If you still want "
        "it, please post your command in a new comment."
    )


def edited_comment() -> str:
    """Edits never count."""
    return "Your comment was edited, so I did not carry it out. Please post a new comment."


def comment_not_found() -> str:
    """GitHub answers 404 for the comment, also when asked again."""
    return (
        "GitHub does not show me your comment any more, so I did not carry it out. If you still "
        "want it, please post a new comment."
    )


def not_taken(answer: str) -> str:
    """GitHub refused the review of a request that is still pending."""
    return (
        "GitHub did not accept this decision, and the request is still pending. Please try again, "
        f"or decide on GitHub's own page.\n\nGitHub's answer: {code(answer, _ANSWER)}"
    )


def public_repository() -> str:
    """Nothing is decided in a repository that everybody can read."""
    return (
        "This repository is public and its issues name people and their tokens, so I decide "
        "nothing here. Please make it private, then repeat your command."
    )


def not_served(org_login: str) -> str:
    """The App was uninstalled from the organization, or it is no longer among those we serve."""
    return (
        f"I do not act for {code(org_login)} now, so nothing was done: the App is not installed "
        "there, or my settings do not name it. When that is put right, please write your command "
        "in a new comment."
    )


def installed_again(org_login: str) -> str:
    """The App was removed from the organization and installed again since the comment was made."""
    return (
        f"The App was removed from {code(org_login)} and installed again after you wrote this, and "
        "I read it only now. So nothing was done. If you still want it, please write your command "
        "in a new comment."
    )


def unknown_issue(org_login: str, elsewhere: IssueRef | None, web_url: str = GITHUB) -> str:
    """The record does not know the issue. `elsewhere`: the issue that its request has now."""
    why = "This issue is not in my record any more, so commands do nothing here."
    if elsewhere:
        return f"{why} Please use {issue_link(elsewhere, web_url)}."
    page = pending_page(org_login, web_url)
    return f"{why} Please use the newest digest, or decide on [GitHub's own page]({page})."


def unknown_code() -> str:
    """No preview with this code, here."""
    return (
        "There is no such code on this issue. It was used already, or it is older than 24 hours. "
        "Please repeat the original command to get a new code."
    )


def not_your_code() -> str:
    """A code belongs to the person who asked for the preview."""
    return (
        "Only the person who asked for the preview can use this code. Please post the original "
        "command yourself to get your own code."
    )


def old_code() -> str:
    """A code can be used for 24 hours."""
    return "This code is older than 24 hours. Please repeat the original command to get a new code."


def closed_digest(newest: DigestRecord | None) -> str:
    """Nothing is decided on a closed digest; the newest is named when there is one."""
    if newest is None or newest.issue is None:
        return "This digest is closed. Please decide on the review issues themselves."
    issue = f"#{newest.issue.number}"
    return f"This digest is closed. Please use the newest one, {issue} ({newest.date})."


def unknown_numbers(numbers: Sequence[int]) -> str:
    """Numbers of no request of this organization: nothing at all was done."""
    named = code(", ".join(f"#{number}" for number in numbers))
    what = "is no token request" if len(numbers) == 1 else "are no token requests"
    return (
        f"{named} {what} of this organization, so nothing was done. "
        "Please check the numbers and repeat your command."
    )


def nothing_selected(left_out: Skipped, web_url: str = GITHUB) -> str:
    """The command means no request at all, or only such as must be left out."""
    nothing = "No request matches your command, so nothing was done. `/status` lists what waits."
    return "\n".join([nothing, *left_out_lines(left_out, web_url)])
