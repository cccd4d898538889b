"""What an issue says of access that ended, or did not, without a command."""

from bot.domain.record import RequestRecord
from bot.replies.people import number

ACCESS_STANDS = (
    "GitHub shows this access again, so it was not revoked. What I said before was wrong: GitHub's "
    "list did not show it for a while. The approval counts as before."
)
ACCESS_OUTLIVED = (
    "GitHub still showed this access after I said that it was revoked. I asked GitHub again, and "
    "it is revoked now."
)


def revoked_with(other: RequestRecord) -> str:
    """The access of a request went with that of another request of the same token."""
    return f"A revocation takes the token's whole access; it was revoked on {number(other)}."
