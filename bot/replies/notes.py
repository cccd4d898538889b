"""What the bot tells in an issue without being asked."""

from bot.domain.record import IssueRef, RequestRecord
from bot.domain.token_request import State
from bot.replies.labels import ALARM_LABEL
from bot.replies.links import GITHUB, issue_link
from bot.replies.people import outcome


def reopened() -> str:
    """The note when an issue was closed by hand."""
    return (
        "This request is not decided yet, so I reopened its issue. To decide, comment `/approve`, "
        "or `/deny` with a reason. If you close the issue again, it stays closed. The request "
        "stays in the digest, and you can still decide it here."
    )


def decision_stands(row: RequestRecord, web_url: str = GITHUB) -> str:
    """The note when the issue of a decided request was reopened by hand."""
    undo = " To revoke the access, comment `/revoke`." if row.state is State.APPROVED else ""
    return (
        f"This request is already {outcome(row, web_url)}. Reopening the issue does not change "
        f"that, so I closed it again.{undo}"
    )


def restored() -> str:
    """The one note when somebody changed what the issue shows."""
    return (
        "Somebody changed the title, the description or my labels. That decides nothing, so I "
        "restored them. To decide, comment a command; `/help` lists them. Your own labels and "
        "comments are welcome."
    )


def waits_behind() -> str:
    """The note that an approval still waits for an earlier command."""
    return (
        "Your `/approve` is still waiting: somebody commented `/hold` or `/deny` before, and I "
        "could not check that command on GitHub yet. Once I could, I answer both. If it takes "
        f"long, please look at the issue with the label `{ALARM_LABEL}`: it says what to do."
    )


def waits_for_rules() -> str:
    """The note that a command still waits for what the policy needs to know."""
    return (
        "Your command is still waiting: the policy needs to know something that I cannot read "
        "at the moment. I keep trying. `/explain` shows what is missing."
    )


def moved(new: IssueRef, web_url: str = GITHUB) -> str:
    """The note in the old issue when the admin repository changed."""
    return f"This request moved to {issue_link(new, web_url)}. Please continue there."


def adopted(*, held: bool = False) -> str:
    """The note in an issue of an earlier record that a new one took over."""
    hold = " The request is on hold because the issue has the label `held`." if held else ""
    return (
        "My record is new, and I took this issue over from an earlier one. The title and the "
        f"description show what GitHub says now.{hold} Comments from before do not count. To "
        "decide, please post a new comment; `/help` lists the commands."
    )
