"""`countersign rebuild`: a record made anew from GitHub, after the database was lost."""

import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from bot.cli.digest import NOT_BEGUN, Jobs
from bot.cli.job_words import cause_in_words
from bot.cli.printing import Printer, Row, say
from bot.cli.progress import Progress
from bot.domain.events import GrantsDue, SweepDue
from bot.domain.record import OrganizationRecord
from bot.domain.times import LONG_AGO
from bot.domain.token_request import State
from bot.handlers.organizations.known import refresh_installations
from bot.handlers.reconcile.restored import mark_rebuilt
from bot.handlers.tokens.check import checked_grants
from bot.ports import Record, Retryable, World

TIMERS = 25.0
"""What is due later than this many seconds is a timer: pauses and leases are shorter."""
WAIT = 120.0
"""Seconds without any step forward after which the command leaves the rest to the service."""
LOOK = 0.2
"""Seconds between two looks: another process may do the work, and it rings no bell here."""

UNKNOWN = (
    "What GitHub does not tell is not known any more: who decided earlier requests, and why; the"
    " audit log of that time; which approvals had a time limit. An access whose limit is lost does"
    " not end by itself: it is listed as `limit unknown`. Please revoke what should not stay.",
    "No policy is in force until an owner adopts a version anew, and nothing was approved."
    " Commands from before do not count. A request whose issue has the label `held` is on hold.",
)


class Counted(Protocol):
    """How much waits."""

    @property
    def waiting(self) -> int: ...


class Busy(Jobs, Protocol):
    """The inbox, and whether it has anything to do."""

    def next_due(self) -> float | None: ...
    def counts(self) -> Counted: ...


class Bot(Protocol):
    """The whole bot, in this process."""

    @property
    def inbox(self) -> Busy: ...
    def while_no_bot_runs(self) -> AbstractContextManager[None]: ...
    def work(self) -> None: ...


def run(world: World, bot: Bot, printer: Printer, *, force: bool) -> int:
    """Make the record from what GitHub tells; the exit status. Raises Permanent while a bot runs:
    it would decide by what the record lacks.
    """
    with bot.while_no_bot_runs():
        orgs = _begin(world, force=force)
        if not orgs:
            return 1
        names = list(_put(world, orgs))
    bot.work()
    with Progress("reading GitHub") as progress:
        late = _wait(bot.inbox, names, progress)
    printer.rows(HEADERS, [_row(world, org) for org in orgs])
    for text in (*_problems(world, orgs), *UNKNOWN):
        say(text)
    if late:
        say(f"Not all is read yet: {late}. Please start the bot, which goes on with it.")
        return 1
    say("Please start the bot.")
    return 0


def _begin(world: World, *, force: bool) -> list[OrganizationRecord]:
    """Mark the record as made anew; the organizations to read, none if that cannot be."""
    try:
        refresh_installations(world)
    except Retryable as trouble:
        say(f"GitHub does not answer: {trouble}. Please try again later.")
        return []
    orgs = [org for org in world.record.organizations() if org.served and org.active]
    if not orgs:
        say("The App is installed in no organization that this bot serves: nothing to rebuild.")
        return []
    if not force and any(_decided_here(world.record, org) for org in orgs):
        say(
            "This database has a record of decisions, and `rebuild` is for after a loss. If it is"
            " an old record, please say --force: it is kept, no policy is in force afterwards, and"
            " what was granted meanwhile is listed as `limit unknown`."
        )
        return []
    mark_rebuilt(world.record, world.clock.now())
    return orgs


HEADERS = ("ORGANIZATION", "WAITING", "ON HOLD", "ACTIVE TOKENS", "LIMIT UNKNOWN")
_NAMES = ("organization", "waiting", "held", "active_tokens", "limit_unknown")


def _decided_here(record: Record, org: OrganizationRecord) -> bool:
    """Whether the record knows decisions of people or rules, or a policy that is in force."""
    if record.policy_in_force(org.id) is not None:
        return True
    decided = record.decided_since(org.id, LONG_AGO)
    return any(one.decision is not None and one.decision.is_ours for one in decided)


def _put(world: World, orgs: list[OrganizationRecord]) -> Iterator[str]:
    """Let each organization be swept, and all its grants be read."""
    why, today = f"rebuild:{uuid.uuid4().hex[:8]}", world.clock.now().date()
    for org in orgs:
        for event, lane in (
            (SweepDue(org.id), f"sweep:{org.id}"),
            (GrantsDue(org.id, today), f"grants:{org.id}"),
        ):
            world.inbox.put(event, dedupe=f"{lane}:{why}", lane=lane, org_id=org.id)
            yield f"{lane}:{why}"


def _wait(jobs: Busy, names: list[str], progress: Progress) -> str:
    """Wait until all is read and shown; what keeps it, if nothing goes on any more."""
    before, since = -1, time.monotonic()
    while time.monotonic() - since < WAIT:
        due, left = jobs.next_due(), jobs.counts().waiting
        if due is None or due > TIMERS:
            break
        if left != before:
            before, since = left, time.monotonic()
        progress.at(0, 0)
        time.sleep(LOOK)
    for name in names:
        job = jobs.find(name)
        if job is None or job.state != "done":
            return cause_in_words(job.last_error) if job and job.last_error else NOT_BEGUN
    return ""


def _row(world: World, org: OrganizationRecord) -> Row:
    waiting = world.record.open_requests(org.id)
    held = [row for row in waiting if row.state is State.HELD]
    tokens = unknown = 0
    for one in checked_grants(world.record, org.id):
        tokens, unknown = tokens + 1, unknown + one.limit_unknown
    cells = (org.login, len(waiting), len(held), tokens, unknown)
    return cells, dict(zip(_NAMES, cells, strict=True))


def _problems(world: World, orgs: list[OrganizationRecord]) -> Iterator[str]:
    for org in orgs:
        now = world.record.organization(org.id)
        if now and now.admin_problem:
            yield f"The admin repository of {org.login} {now.admin_problem}."
