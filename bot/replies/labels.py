"""The labels in the admin repository: one kind label and, on review issues, one for the state and
one for the danger.
"""

from bot.domain.permissions import Danger
from bot.domain.policy_version import Ruling
from bot.domain.record import RequestRecord
from bot.domain.token_request import State

REQUEST_LABEL = "token-request"
DIGEST_LABEL = "token-digest"
ALARM_LABEL = "token-alarm"
POLICY_LABEL = "token-policy"


def danger_label(level: Danger) -> str:
    """`danger: high`."""
    return f"danger: {level.word}"


LABELS: tuple[tuple[str, str, str], ...] = (
    (REQUEST_LABEL, "1d76db", "A member asks for a fine-grained personal access token"),
    (DIGEST_LABEL, "5319e7", "The daily list of token requests that wait for a review"),
    (ALARM_LABEL, "b60205", "Something about token requests waits for a person"),
    (POLICY_LABEL, "006b75", "A version of the token policy, to be adopted or rejected"),
    (Ruling.ADOPTED.value, "0e8a16", "Token policy: adopted"),
    (Ruling.REJECTED.value, "b60205", "Token policy: rejected"),
    (Ruling.SUPERSEDED.value, "c5def5", "Token policy: a newer version came before it was adopted"),
    (State.PENDING.value, "fbca04", "Token request: waits for an owner's decision"),
    (State.HELD.value, "d93f0b", "Token request: on hold, cannot be approved or denied now"),
    (State.APPROVED.value, "0e8a16", "Token request: approved"),
    (State.DENIED.value, "b60205", "Token request: denied"),
    (State.CANCELLED.value, "c5def5", "Token request: cancelled, or gone from GitHub's list"),
    (State.EXPIRED.value, "bfd4f2", "Token request: the token has expired"),
    (State.REVOKED.value, "6a737d", "Token request: approved, and later revoked"),
    (danger_label(Danger.LOW), "c2e0c6", "Token request: could do little harm"),
    (
        danger_label(Danger.MEDIUM),
        "fef2c0",
        "Token request: writes what people read, or reads more",
    ),
    (danger_label(Danger.HIGH), "f9a03f", "Token request: changes code, or what runs"),
    (danger_label(Danger.CRITICAL), "b60205", "Token request: could take over, or read secrets"),
)
"""Name, colour and description (at most 100 characters) of each label."""


STATE_LABELS = frozenset(state.label for state in State)
DANGER_LABELS = frozenset(danger_label(one) for one in Danger)


def request_labels(row: RequestRecord) -> list[str]:
    """The labels of a request's review issue, as the issue shows the request."""
    return [REQUEST_LABEL, row.state.label, danger_label(row.danger)]
