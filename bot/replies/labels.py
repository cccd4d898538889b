"""The labels in the admin repository: one kind label and, on review issues, one state label."""

from bot.domain.token_request import State

REQUEST_LABEL = "token-request"
DIGEST_LABEL = "token-digest"
ALARM_LABEL = "token-alarm"

LABELS: tuple[tuple[str, str, str], ...] = (
    (REQUEST_LABEL, "1d76db", "A member asks for a fine-grained personal access token"),
    (DIGEST_LABEL, "5319e7", "The daily list of token requests that wait for a review"),
    (ALARM_LABEL, "b60205", "Something about token requests waits for a person"),
    (State.PENDING.value, "fbca04", "Token request: waits for an owner's decision"),
    (State.HELD.value, "d93f0b", "Token request: on hold, cannot be approved or denied now"),
    (State.APPROVED.value, "0e8a16", "Token request: approved"),
    (State.DENIED.value, "b60205", "Token request: denied"),
    (State.CANCELLED.value, "c5def5", "Token request: cancelled, or gone from GitHub's list"),
    (State.EXPIRED.value, "bfd4f2", "Token request: the token has expired"),
    (State.REVOKED.value, "6a737d", "Token request: approved, and later revoked"),
)
"""Name, colour and description (at most 100 characters) of each label."""


def state_labels(state: State) -> list[str]:
    """The labels of a review issue in this state."""
    return [REQUEST_LABEL, state.label]
