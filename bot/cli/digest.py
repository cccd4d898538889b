"""`countersign digest`: today's digest of one organization, now."""

import time
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.cli.job_words import cause_in_words
from bot.cli.organizations import meant
from bot.cli.printing import Printer, say
from bot.domain.events import DigestDue
from bot.domain.record import DigestRecord, InstallationState, OrganizationRecord
from bot.handlers.digest.issue import collect, texts
from bot.handlers.organizations.known import refresh_installations
from bot.ports import Inbox, Retryable, World

NOT_BEGUN = "no worker has begun it"
WAIT = 60.0
"""Seconds until the command stops waiting for the worker that does it."""


class Waiting(Protocol):
    """A job in the inbox."""

    @property
    def state(self) -> str: ...
    @property
    def last_error(self) -> str | None: ...


class Jobs(Inbox, Protocol):
    """The inbox, and what became of a job in it."""

    def find(self, name: str) -> Waiting | None: ...


def run(
    world: World,
    jobs: Jobs,
    work: Callable[[], None],
    name: str,
    printer: Printer,
    *,
    dry_run: bool,
) -> int:
    """Print or send the digest of the organization with this login or id; the exit status.

    `work` starts workers here: they work unless another process of this bot already does.
    """
    try:
        org = _find(world, name)
    except Retryable as trouble:
        say(f"GitHub does not answer: {trouble}. Please try again later.")
        return 1
    if org is None and (away := _away(world, name)):
        say(f"No digest: {away}")
        return 1
    if org is None:
        known = ", ".join(sorted(one.login for one in world.record.organizations())) or "none"
        say(f"No installation on an organization {name!r}. Known: {known}.")
        return 1
    if dry_run:
        return _show(world, org, printer)
    return _send(world, jobs, work, org, printer)


def _find(world: World, name: str) -> OrganizationRecord | None:
    def look() -> OrganizationRecord | None:
        served = [org for org in world.record.organizations() if org.served and org.active]
        found = meant(served, name)
        return found[0] if len(found) == 1 else None

    found = look()
    if found is None:  # also when two have this login: GitHub tells which one was renamed
        refresh_installations(world)
    return found or look()


def _away(world: World, name: str) -> str:
    """Why the bot does not act for the one organization that is meant; empty when none is."""
    found = meant(world.record.organizations(), name)
    if len(found) != 1:
        return ""
    (org,) = found
    if org.state is InstallationState.SUSPENDED:
        return f"{org.login} has the App suspended. Please unsuspend it."
    if org.state is InstallationState.DELETED:
        return f"{org.login} does not have the App installed any more. Please install it again."
    return f"{org.login} is not served: the setting ORGANIZATIONS does not name it."


def _today(world: World) -> date:
    return world.clock.now().astimezone(ZoneInfo(world.options.digest_timezone)).date()


def _show(world: World, org: OrganizationRecord, printer: Printer) -> int:
    digest = collect(world, org, _today(world))
    if printer.as_json:
        title, body = (None, None) if digest.is_empty else texts(world, org, digest)
        facts = {"organization": org.login, "date": digest.date, "title": title, "body": body}
        printer.document(facts)
        return 0
    if digest.is_empty:
        say(f"Nothing waits in {org.login}, and nothing is to be reported: no issue is opened.")
        return 0
    title, body = texts(world, org, digest)
    print(f"{title}\n\n{body}")
    return 0


def _send(
    world: World,
    jobs: Jobs,
    work: Callable[[], None],
    org: OrganizationRecord,
    printer: Printer,
) -> int:
    today = _today(world)
    before = world.record.digest(org.id, today)
    dedupe = f"digest:{org.id}:{today}:{uuid.uuid4().hex[:8]}"
    jobs.put(DigestDue(org.id, today), dedupe=dedupe, lane=f"digest:{org.id}", org_id=org.id)
    work()
    deadline = time.monotonic() + WAIT
    while (job := jobs.find(dedupe)) and job.state == "waiting" and time.monotonic() < deadline:
        time.sleep(0.1)
    if job is None or job.state != "done":
        why = cause_in_words(job.last_error) if job and job.last_error else NOT_BEGUN
        print(f"The digest is not out yet: {why}. It will be tried again.")
        return 1
    if printer.as_json:
        printer.document(_facts(world, org, today, before))
    else:
        print(_outcome(world, org, today, before))
    return 0


def _facts(
    world: World, org: OrganizationRecord, today: date, before: DigestRecord | None
) -> dict[str, Any]:
    """`sent`: an issue was opened now; without an `issue` there was nothing to tell."""
    record = world.record.digest(org.id, today)
    issue = record.issue if record else None
    return {
        "organization": org.login,
        "date": today,
        "sent": issue is not None and not (before and before.issue),
        "issue": f"{issue.repo}#{issue.number}" if issue else None,
    }


def _outcome(
    world: World, org: OrganizationRecord, today: date, before: DigestRecord | None
) -> str:
    record = world.record.digest(org.id, today)
    if record and record.issue:
        issue = f"{record.issue.repo}#{record.issue.number}"
        if before and before.issue:
            return (
                f"The digest of {today} had been sent before: {issue}. An organization gets one"
                " digest a day; nothing was sent now."
            )
        return f"The digest of {today} was sent: {issue}."
    now = world.record.organization(org.id)
    if now and now.admin_problem:
        return f"No digest: the admin repository of {org.login} {now.admin_problem}."
    return f"Nothing waits in {org.login}, and nothing is to be reported: no issue was opened."
