"""Commands to try in a comment: a text to fill in, by what the issue is and what was said."""

from __future__ import annotations

import re

from bot.sandbox.state import Issue, User

CONFIRM = re.compile(r"/confirm (?!CODE\b)[A-Za-z0-9-]{3,40}")
LIST_OF_COMMANDS = re.compile(r"/(help|status)\b")
"""What the answer to ``/help`` names besides: a code in it is an example."""
REQUEST, DIGEST, POLICY = "token-request", "token-digest", "token-policy"
BY_STATE = {
    "pending": (
        "/approve",
        "/approve for 3d",
        "/deny Please choose one repository and an end date.",
        "/hold Asking the security team.",
    ),
    "held": ("/unhold", "/approve"),
    "approved": ("/revoke Not needed any more.",),
}
RESULT = re.compile(r"^\| `?([a-z_]+)`?[^|]*(?:\|[^|]*){2}\| `?(?:read|write|admin)`? \|$", re.M)
"""A row of the request's permissions."""
ALWAYS = ("/status", "/explain", "/help")
ON_POLICY = ("/adopt", "/reject Not yet.")
ON_DIGEST = ("/approve all", "/approve permission:contents:read", "/help")


def hints(issue: Issue, bot: User, me: User | None) -> list[str]:
    """Commands that make sense here; first the code that the bot waits for from the visitor."""
    if DIGEST in issue.labels:
        return [*_codes(issue, bot, me), *_numbers(issue), *ON_DIGEST]
    if POLICY in issue.labels:
        deciding = ON_POLICY if issue.state == "open" else ()
        return [*_codes(issue, bot, me), *deciding, *ALWAYS]
    if REQUEST not in issue.labels:
        return []
    now = [hint for state, known in BY_STATE.items() if state in issue.labels for hint in known]
    offer = _counter(issue) if "pending" in issue.labels else []
    return [*_codes(issue, bot, me), *now, *offer, *ALWAYS]


def _counter(issue: Issue) -> list[str]:
    """An offer of less: to read what the request names first."""
    named = sorted(RESULT.findall(issue.body or ""), key=lambda name: name == "metadata")
    return [f"/counter {named[0]}:read Reading is enough."] if named else []


def _codes(issue: Issue, bot: User, me: User | None) -> list[str]:
    """The code of a preview, for who asked for it: nobody else may use it."""
    asker: User | None = None
    asked_by, said = None, ""
    for comment in issue.comments:
        if comment.user is bot:
            asked_by, said = asker, comment.body
        elif comment.body.lstrip().startswith("/"):
            asker = comment.user
    if not said or asked_by is not me or LIST_OF_COMMANDS.search(said):
        return []
    return CONFIRM.findall(said)[:1]


def _numbers(issue: Issue) -> list[str]:
    """Two open requests that the digest names; its examples name numbers too."""
    named = [int(number) for number in re.findall(r"#(\d{1,9})\b", issue.body or "")]
    known = [issue.repository.issues.get(number) for number in dict.fromkeys(named)]
    waiting = [f"#{one.number}" for one in known if one and one.state == "open"]
    return ["/approve " + " ".join(waiting[:2])] if waiting else []
