"""The alarm: one open issue an organization while something waits for a person."""

import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.accounts import AdminRepository
from bot.domain.events import AlarmDue
from bot.domain.health import SCOPE, Trouble
from bot.domain.record import IssueOwner, OrganizationRecord
from bot.domain.times import LONG_AGO
from bot.handlers.effects import SKEW, once
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import hub_organization
from bot.handlers.own_issues import claim_new_issue, find_own_issue
from bot.ports import Defer, NotFound, World
from bot.replies import alarm as text
from bot.replies import markers
from bot.replies.alarm import Alarm
from bot.replies.labels import LABELS

log = logging.getLogger(__name__)

AFTER_THE_SWEEP = timedelta(minutes=1)
"""When the alarm looks: what the sweep set going has had its time."""
OVERDUE = timedelta(minutes=10)
"""How late a timed revocation is an alarm."""
UNHEARD = timedelta(hours=1)
"""How long nothing arrives until it is an alarm."""


def put_alarm(world: World, org: OrganizationRecord) -> None:
    """Look, a little later, for what of this organization waits in vain."""
    world.inbox.put(
        AlarmDue(org.id),
        dedupe=f"alarm:{org.id}:job:{world.job.id}",
        lane=f"alarm:{org.id}",
        not_before=world.clock.now() + AFTER_THE_SWEEP,
        org_id=org.id,
    )


def on_alarm_due(event: AlarmDue, world: World) -> None:
    """Open, update or close the alarm issue; without a fit repository the log has to do."""
    org = world.record.organization(event.org_id)
    if org is None:
        return
    _let_others_go_first(world)
    alarm = _look(world, org)
    if alarm.is_empty and not _is_up(world, org):
        return
    repo = _repository(world, org)
    if repo is None:
        _log(world, org, alarm)
    elif alarm.is_empty:
        _close(world, org, repo)
    else:
        _show(world, org, repo, alarm)


def _log(world: World, org: OrganizationRecord, alarm: Alarm) -> None:
    """The same alarm once a day: an organization may have removed the App for good."""
    said = hashlib.sha256(text.body(org.id, org.login, alarm).encode()).hexdigest()[:16]
    if world.record.intend(_scope(org), f"logged {world.clock.now().date()} {said}") is not None:
        return
    if alarm.paused:
        log.error(
            "%s: the App is suspended or not installed; requests and timed approvals that wait: %d",
            *(org.login, alarm.paused),
        )
    if not replace(alarm, paused=0).is_empty:
        log.error("%s: something waits for a person; `deliveries` tells what", org.login)


def _let_others_go_first(world: World) -> None:
    """After hours without power all work is late, and none of it in vain; but look in the end."""
    if world.clock.now() - world.job.due_at > OVERDUE and world.job.attempt < 5:
        raise Defer("the bot was away: what it missed comes first", 60)


def _look(world: World, org: OrganizationRecord) -> Alarm:
    stuck = [job for job in world.inbox.stuck(org.id) if job.name != world.job.name]
    since = world.clock.now() - OVERDUE
    timers = world.record.armed_timers(org.id)
    away = org.served and not org.active
    return Alarm(
        failed=[job for job in stuck if job.failed],
        late=[job for job in stuck if not job.failed],
        overdue=[row for row in timers if row.revoke_at and row.revoke_at < since],
        unheard=_unheard(world),
        paused=len(world.record.open_requests(org.id)) + len(timers) if away else 0,
    )


def _unheard(world: World) -> datetime | None:
    """Since when GitHub's deliveries do not arrive, if that is long."""
    since = world.record.intended(SCOPE, Trouble.DELIVERIES)
    return since if since and world.clock.now() - since >= UNHEARD else None


def _scope(org: OrganizationRecord) -> str:
    return f"alarm:{org.id}/{org.admin_repo.id if org.admin_repo else 0}"


def _turn(world: World, org: OrganizationRecord) -> int:
    """Which alarm of this organization and repository it is: those before are over."""
    turn = 1
    while world.record.remote_id(_scope(org), f"closed:{turn}") is not None:
        turn += 1
    return turn


def _is_up(world: World, org: OrganizationRecord) -> bool:
    """Whether an alarm issue is open, or may be: its opening was tried."""
    return world.record.intended(_scope(org), f"opened:{_turn(world, org)}") is not None


def _repository(world: World, org: OrganizationRecord) -> AdminRepository | None:
    holder = hub_organization(world) if world.options.hub else org
    return admin_repository(world, org) if holder is not None and holder.active else None


def _show(world: World, org: OrganizationRecord, repo: AdminRepository, alarm: Alarm) -> None:
    """Bring the issue to what waits now. One that a person closed opens again for news only."""
    title = text.title(org.login if world.options.hub else None)
    body = text.body(org.id, org.login, alarm, world.options.web_url)
    turn = _turn(world, org)
    number = _open_once(world, org, repo, turn, (title, body))
    now = world.github.issue(repo, number)
    if now is None:
        world.record.done(_scope(org), f"closed:{turn}", number)  # the next look opens another
    elif now.body.replace("\r\n", "\n").strip() != body.strip():
        world.github.update_issue(repo, number, title=title, body=body, state="open")


def _open_once(
    world: World, org: OrganizationRecord, repo: AdminRepository, turn: int, texts: tuple[str, str]
) -> int:
    effect = _scope(org), f"opened:{turn}"

    def act() -> int:
        world.github.ensure_labels(repo, LABELS)
        issue = world.github.create_issue(repo, *texts, [text.LABEL])
        claim_new_issue(world, repo, issue, _owner(org, repo, turn))
        return issue.number

    def find(since: datetime) -> int | None:
        return _found(world, org, repo, turn, since)

    if world.record.intended(*effect) is None:  # an earlier record may have opened one
        earlier = find(LONG_AGO)
        if earlier is not None:
            world.record.done(*effect, earlier)
    return once(world, *effect, find, act)


def _owner(org: OrganizationRecord, repo: AdminRepository, turn: int) -> IssueOwner:
    return IssueOwner("alarm", org.id, f"{repo.id}/{turn}")


def _found(
    world: World, org: OrganizationRecord, repo: AdminRepository, turn: int, since: datetime
) -> int | None:
    """An open alarm issue of ours whose number is not in the record."""
    title = text.title(org.login if world.options.hub else None)
    named = (text.LABEL, markers.alarm_marker(org.id), title, _owner(org, repo, turn))
    found = find_own_issue(world, repo, *named, since)
    return found.number if found else None


def _close(world: World, org: OrganizationRecord, repo: AdminRepository) -> None:
    """Nothing waits any more. An opening whose answer was lost is looked for."""
    scope, turn = _scope(org), _turn(world, org)
    number = world.record.remote_id(scope, f"opened:{turn}")
    tried = world.record.intended(scope, f"opened:{turn}")
    if number is None and tried is not None:
        number = _found(world, org, repo, turn, tried - SKEW)
    if number is not None:
        _say_over(world, org, repo, number)
    world.record.done(scope, f"closed:{turn}", number or 0)


def _say_over(world: World, org: OrganizationRecord, repo: AdminRepository, number: int) -> None:
    try:
        world.github.update_issue(
            repo, number, body=text.over(org.id), state="closed", state_reason="completed"
        )
    except NotFound:
        log.info("the alarm issue %s#%d is gone", repo.full_name, number)
