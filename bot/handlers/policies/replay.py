"""A version of the policy judges what the record has: for its issue, and for `policy replay`."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.policy.loading import load
from bot.domain.policy.recorded import recorded_request
from bot.domain.policy.replay import Recorded, Replay, replay
from bot.domain.policy.rules import NO_RULES, Rules, compile_rules
from bot.domain.policy_version import PolicyInForce
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.renewal import LOOKED_AT, PERSON_DECIDED
from bot.handlers.gaps import Numbers, known_since

REPLAYED: Final = timedelta(days=90)
"""How far back recorded requests are judged, unless somebody wants it otherwise."""

RENEWS_FROM: Final = 2 * PERSON_DECIDED
"""How much older a request may be to which a renewal goes back: it may have waited as long."""


class Recording(Numbers, Protocol):
    """The part of the record that a replay reads."""

    def policy_in_force(self, org_id: int) -> PolicyInForce | None: ...
    def requests_made_since(self, org_id: int, since: datetime) -> Iterator[RequestRecord]: ...


def rules_in_force(record: Recording, org_id: int) -> Rules | None:
    """What the organization adopted; None: this version of the bot cannot read it."""
    policy = record.policy_in_force(org_id)
    if policy is None:
        return NO_RULES
    document = load(policy.text.encode()).document
    ids = policy.ids
    return None if document is None else compile_rules(document, ids.users, ids.organization)


def replay_recorded(
    record: Recording, org: OrganizationRecord, new: Rules, since: datetime
) -> Replay | None:
    """What `new` and the version in force say of the organization's requests since then; None when
    the version in force cannot be read.
    """
    old = rules_in_force(record, org.id)
    if old is None:
        return None
    return replay(old, new, recorded_requests(record, org, since, old.needs | new.needs))


def recorded_requests(
    record: Recording, org: OrganizationRecord, since: datetime, needs: frozenset[str]
) -> Iterator[Recorded]:
    """The organization's requests since then. `needs`: the facts that rules look at.

    Only what looks at renewals needs older requests, and all of them at once.
    """
    if "renewal" not in needs:
        for row in record.requests_made_since(org.id, since):
            yield recorded_request(row, org.login, needs)
        return
    gap = known_since(record, org.id)
    every = list(record.requests_made_since(org.id, since - RENEWS_FROM))
    people = defaultdict[int, list[RequestRecord]](list)
    places = dict[tuple[int, int], int]()
    for row in sorted(every, key=lambda one: one.request.created_at):
        places[row.key] = len(people[row.request.requester.id])
        people[row.request.requester.id].append(row)
    for row in every:
        if row.request.created_at >= since:
            mine, place = people[row.request.requester.id], places[row.key]
            others = mine[max(place - LOOKED_AT, 0) : place]
            yield recorded_request(row, org.login, needs, others, gap)
