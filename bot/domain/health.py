"""Whether GitHub and the bot get on: what was seen, and what of it people should hear."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from bot.domain.redelivery import arrives

LOOK_EVERY = timedelta(seconds=30)
"""How often GitHub is asked."""

FRESH_FOR = timedelta(minutes=5)
"""How long a look says anything: longer than a look that waits for GitHub twice may take."""

SCOPE = "health"
"""Under which the record keeps what stands, and since when."""


class Trouble(StrEnum):
    """What people should hear of. The values are kept in the record."""

    NOT_ACCEPTED = "GitHub does not accept the App"
    NO_ANSWER = "GitHub does not answer"
    SIGNATURES = "signatures of deliveries are refused"
    DELIVERIES = "deliveries do not arrive"
    NO_WEBHOOK = "the webhook is off"
    RENAMED = "an allowed organization has another name"
    NO_CONTENTS = "a policy file may not be read"
    NOT_ASKED = "GitHub was not asked yet"
    NOT_ASKED_LATELY = "GitHub was not asked lately"
    NOT_KNOWN = "what was seen of GitHub cannot be read"


class Answer(Enum):
    """How GitHub answers the App."""

    ACCEPTED = auto()
    REFUSED = auto()
    NONE = auto()


@dataclass(frozen=True)
class Seen:
    """What one look found. `statuses`: our answers in GitHub's delivery log, newest first; None
    when the log could not be read. `failed_lately`: the newest is from after the bot's start; what
    failed while the bot was away is asked for again. `refused_lately`: GitHub answered 401 to the
    workers.
    `no_contents`: an installation has not accepted the permission to read the policy file.
    `no_webhook`: GitHub sends nothing; not looked at when `statuses` is None.
    """

    answer: Answer
    statuses: Sequence[int] | None
    refused_lately: bool = False
    renamed: bool = False
    no_contents: bool = False
    failed_lately: bool = True
    no_webhook: bool = False


def troubles(seen: Seen, before: Collection[Trouble]) -> frozenset[Trouble]:
    """What is wrong after a look. What could not be looked at stays as it was `before`."""
    found = {
        Trouble.NOT_ACCEPTED: seen.answer is Answer.REFUSED or seen.refused_lately,
        Trouble.NO_ANSWER: seen.answer is Answer.NONE,
        Trouble.SIGNATURES: Trouble.SIGNATURES in before
        if seen.statuses is None
        else refuses_signatures(seen.statuses),
        Trouble.DELIVERIES: Trouble.DELIVERIES in before
        if seen.statuses is None
        else fails(seen.statuses) and (seen.failed_lately or Trouble.DELIVERIES in before),
        Trouble.NO_WEBHOOK: Trouble.NO_WEBHOOK in before
        if seen.statuses is None
        else seen.no_webhook,
        Trouble.RENAMED: seen.renamed,
        Trouble.NO_CONTENTS: seen.no_contents,
    }
    return frozenset(trouble for trouble, there in found.items() if there)


def refuses_signatures(statuses: Iterable[int]) -> bool:
    """Whether we answered 401 to GitHub itself, and took no delivery since then."""
    for status in statuses:
        if status == 401 or arrives(status):
            return status == 401
    return False


def fails(statuses: Sequence[int]) -> bool:
    """Whether the newest delivery did not arrive; one with a wrong signature did."""
    return bool(statuses) and statuses[0] != 401 and not arrives(statuses[0])


def warnings(
    standing: Iterable[Trouble], looked_at: datetime | None, started: datetime, now: datetime
) -> list[Trouble]:
    """What people should hear now. A look from before the bot started was at other settings."""
    stands = set(standing)
    if looked_at is None or looked_at < started:
        stands.add(Trouble.NOT_ASKED)
    elif now - looked_at > FRESH_FOR:
        stands.add(Trouble.NOT_ASKED_LATELY)
    return [trouble for trouble in Trouble if trouble in stands]
