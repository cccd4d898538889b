"""Hidden marks in what the bot writes: how it finds its own issues and comments again.

They are public, so only an author who is the App counts, and nothing is ever decided from them.
"""

import re
from datetime import date, datetime

from bot.domain.token_request import State

_REQUEST, _DIGEST, _ALARM = "token-request", "token-digest", "token-alarm"
_POLICY = "token-policy"


def request_marker(org_id: int, request_id: int) -> str:
    """The beginning of a review issue's body."""
    return f"<!-- {_REQUEST} {org_id}/{request_id} -->"


def digest_marker(org_id: int, on: date) -> str:
    """The beginning of a digest issue's body."""
    return f"<!-- {_DIGEST} {org_id}/{on.isoformat()} -->"


def alarm_marker(org_id: int) -> str:
    """The beginning of the body of an organization's alarm issue."""
    return f"<!-- {_ALARM} {org_id} -->"


def policy_marker(org_id: int, sha: str) -> str:
    """The beginning of the body of a policy issue."""
    return f"<!-- {_POLICY} {org_id}/{sha} -->"


def ruling_marker(org_id: int, turn: int, ruling: str) -> str:
    """The beginning of the comment that tells what became of a version of the policy."""
    return f"<!-- countersign policy:{org_id}/{turn}:{ruling} -->"


def reply_marker(comment_id: int) -> str:
    """The beginning of the answer to a comment."""
    return f"<!-- countersign reply:{comment_id} -->"


def waiting_marker(comment_id: int) -> str:
    """The beginning of the note that a command still waits."""
    return f"<!-- countersign waiting:{comment_id} -->"


def dropped_marker(org_id: int, request_id: int, comment_id: int) -> str:
    """The beginning of the note that approvals count no more."""
    return f"<!-- countersign dropped:{org_id}/{request_id}:{comment_id} -->"


def not_enough_marker(org_id: int, request_id: int, comment_id: int) -> str:
    """The beginning of the note that an approval is not enough by the policy adopted since."""
    return f"<!-- countersign not-enough:{org_id}/{request_id}:{comment_id} -->"


def decision_marker(
    org_id: int, request_id: int, state: State, source: str = "", again: datetime | None = None
) -> str:
    """The beginning of the comment that tells a final state.

    `source` tells what a later correction may replace: `commanded` here, `presumed` from GitHub's
    lists; nothing when a delivery or the time told it. `again`: when it was decided, if the same
    was told of an earlier decision.
    """
    how = f":{source}" if source else ""
    how += f":{again.isoformat()}" if again else ""
    return f"<!-- countersign decision:{org_id}/{request_id}:{state.value}{how} -->"


def access_marker(org_id: int, request_id: int, job_id: int) -> str:
    """The beginning of the note that an access did not end as the issue had said."""
    return f"<!-- countersign access:{org_id}/{request_id}:{job_id} -->"


def reopened_marker(org_id: int, request_id: int) -> str:
    """The beginning of the note in an issue that was closed by hand and is open again."""
    return f"<!-- countersign reopened:{org_id}/{request_id} -->"


def stands_marker(org_id: int, request_id: int) -> str:
    """The beginning of the note in a decided issue that was reopened and is closed again."""
    return f"<!-- countersign stands:{org_id}/{request_id} -->"


def forgotten_marker(org_id: int) -> str:
    """The beginning of the comment in an issue whose request was decided without a record."""
    return f"<!-- countersign forgotten:{org_id} -->"


def adopted_marker(org_id: int, request_id: int) -> str:
    """The beginning of the note in an issue that an earlier record opened."""
    return f"<!-- countersign adopted:{org_id}/{request_id} -->"


def moved_marker(org_id: int, request_id: int) -> str:
    """The beginning of the note in an issue whose request moved to another repository."""
    return f"<!-- countersign moved:{org_id}/{request_id} -->"


def restored_marker(org_id: int, request_id: int) -> str:
    """The beginning of the note in an issue whose text or labels somebody changed."""
    return f"<!-- countersign restored:{org_id}/{request_id} -->"


def digest_restored_marker(org_id: int, on: date) -> str:
    """The beginning of the same note in a digest issue."""
    return f"<!-- countersign restored:{org_id}/{on.isoformat()} -->"


def marked_request(body: str) -> tuple[int, int] | None:
    """The organization and request that a review issue's body names (check its author too)."""
    found = _REQUEST_MARK.match(body)
    return (int(found[1]), int(found[2])) if found else None


def marked_digest(body: str) -> tuple[int, date] | None:
    """The organization and date that a digest issue's body names (check its author too)."""
    found = _DIGEST_MARK.match(body)
    try:
        return (int(found[1]), date.fromisoformat(found[2])) if found else None
    except ValueError:
        return None


def marked_policy(body: str) -> tuple[int, str] | None:
    """The organization and the blob's SHA that a policy issue's body names (check its author)."""
    found = _POLICY_MARK.match(body)
    return (int(found[1]), found[2]) if found else None


_POLICY_MARK = re.compile(rf"<!-- {_POLICY} ([0-9]{{1,18}})/([0-9a-f]{{1,64}}|none) -->")
_REQUEST_MARK = re.compile(rf"<!-- {_REQUEST} ([0-9]{{1,18}})/([0-9]{{1,18}}) -->")
_DIGEST_MARK = re.compile(rf"<!-- {_DIGEST} ([0-9]{{1,18}})/([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) -->")
