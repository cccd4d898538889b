"""What the bot answers to commands that it carries out, and tells in an issue by itself."""

from bot.domain.record import RequestRecord
from bot.replies.bulk import bulk_report, preview
from bot.replies.closing import ENDED_ON_GITHUB, LOST, NO_GRANT, REVOKED_ON_GITHUB, closing
from bot.replies.escape import clean, code
from bot.replies.links import GITHUB
from bot.replies.manual import help_text
from bot.replies.notes import adopted, decision_stands, moved, reopened, restored
from bot.replies.people import who
from bot.replies.status import digest_status, explain, explain_policy, status

__all__ = [
    "ENDED_ON_GITHUB",
    "LOST",
    "NO_GRANT",
    "REVOKED_ON_GITHUB",
    "adopted",
    "bulk_report",
    "closing",
    "decision_stands",
    "digest_status",
    "explain",
    "explain_policy",
    "held",
    "help_text",
    "moved",
    "preview",
    "reopened",
    "restored",
    "status",
]


def held(row: RequestRecord, reason: str, web_url: str = GITHUB) -> str:
    """A request was put on hold."""
    said = (
        f"{who(row.held_by, web_url)} put this request on hold. Nobody can approve or deny it here "
        f"until {'an owner' if row.held_by_owner else 'an owner or a reviewer'} comments `/unhold`."
    )
    return f"{said}\n\nReason: {code(reason, 1100)}" if clean(reason) else said
