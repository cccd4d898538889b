"""Where the author of a command on a policy issue may rule on its version, by facts of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.domain.accounts import Membership
from bot.domain.case import Cause, Proceed, Refuse, Verdict, Wait, Waiting
from bot.domain.commands import Command
from bot.domain.events import PolicyDue
from bot.domain.policy_version import PolicyVersion
from bot.domain.record import OrganizationRecord
from bot.handlers.commands.context import CommandContext, refuse, refuse_for_good
from bot.handlers.commands.facts import Facts, recorded_case
from bot.handlers.deferral import wait_for
from bot.handlers.policies.due import look_at_policy
from bot.handlers.policies.issue import restore_now, shows_version, unsettled
from bot.handlers.policies.versions import is_on_branch
from bot.ports import World
from bot.replies import policy_replies, refusals
from bot.replies.causes import author_text


@dataclass(frozen=True)
class Stage:
    """Where the command stands: the version, and the organizations whose policy it may become."""

    ctx: CommandContext
    version: PolicyVersion
    orgs: list[OrganizationRecord]


class Ruler:
    """The author of a command, as the one who rules for one organization."""

    def __init__(self, world: World, ctx: CommandContext, command: Command, **more: Any) -> None:
        self.org, self.facts = ctx.org, Facts(world, ctx, [])
        self._case = partial(recorded_case, world, ctx, command, None, **more)

    def judge(self) -> Verdict:
        """The verdict of the command's checks; what was asked before is not asked again."""
        verdict, case = self.facts.judge(self._case())
        owns = isinstance(case.membership, Membership) and case.membership.is_owner
        passes = verdict == Proceed() or _is_too_old(verdict)
        return Refuse(Cause.NOT_AN_OWNER) if passes and not owns else verdict


def find_rulers(world: World, stage: Stage, command: Command, **more: Any) -> list[Ruler]:
    """The author in each undecided organization of which they are an owner, when all checks are
    passed; none when a check is not, and the author was told.
    """
    orgs = unsettled(world, stage.version, stage.orgs)
    every = [Ruler(world, replace(stage.ctx, org=org), command, **more) for org in orgs]
    return check_rulers(world, stage, every)


def check_rulers(world: World, stage: Stage, rulers: Sequence[Ruler]) -> list[Ruler]:
    """Those who pass all checks by facts of this moment. Where one is too old by now, everything
    that was asked for them is asked once more, all at once; where it still is, all of them wait:
    who owns several organizations means all of them.
    """
    if not is_on_branch(world, stage.ctx.repo, stage.version):
        _another_version(world, stage)
        return []
    verdicts = {one: one.judge() for one in rulers}
    able = [one for one in rulers if verdicts[one] == Proceed() or _is_too_old(verdicts[one])]
    if able:
        first, *others = able
        first.facts.issue()
        verdicts = {one: one.judge() for one in able}
        if any(map(_is_too_old, verdicts.values())):
            first.facts.ask_again(*(one.facts for one in others))
            verdicts = {one: one.judge() for one in able}
            for verdict in filter(_is_too_old, verdicts.values()):
                wait_for(world, verdict)
        if not _shows(world, stage, first.facts):
            return []
    passed = [one for one in able if verdicts[one] == Proceed()]
    if not passed:
        _refuse(world, stage, verdicts)
    return passed


def _is_too_old(verdict: Verdict) -> bool:
    """Nothing speaks against it but the age of what it rests on."""
    return isinstance(verdict, Wait) and verdict.why is Waiting.OLD_FACTS


def _refuse(world: World, stage: Stage, verdicts: Mapping[Ruler, Verdict]) -> None:
    for verdict in verdicts.values():
        wait_for(world, verdict)
    refused = (one.cause for one in verdicts.values() if isinstance(one, Refuse))
    cause = next(refused, Cause.NOT_AN_OWNER)
    logins = [one.org.login for one in verdicts] or [stage.ctx.org.login]
    if cause is Cause.NOT_AN_OWNER and len(logins) > 1:
        text = policy_replies.not_an_owner(logins, world.options.web_url)
    else:
        text = author_text(cause, logins[0], world.options.web_url)
    refuse(world, stage.ctx, cause.value, text)


def _shows(world: World, stage: Stage, facts: Facts) -> bool:
    """Whether the issue shows the version, and did so when the comment was written."""
    ctx, version = stage.ctx, stage.version
    issue = facts.issue()
    if issue is None:
        wait_for(world, Wait(Waiting.NOT_FOUND))
        return False
    if not shows_version(version, issue):
        refuse_for_good(world, ctx)
        restore_now(world, ctx.repo, version)
        refuse(world, ctx, Cause.ISSUE_CHANGED, refusals.edited_issue())
        return False
    written, changed = ctx.comment.created_at, version.changed_at
    if written is None or (changed is not None and written <= changed):
        refuse(world, ctx, Cause.OLDER_THAN_SHOWN, policy_replies.shown_since())
        return False
    return True


def _another_version(world: World, stage: Stage) -> None:
    ctx = stage.ctx
    newest = look_at_policy(PolicyDue(stage.version.org_id), world)
    other = newest if newest is not None and newest.turn != stage.version.turn else None
    number = other.issue.number if other and other.issue else None
    refuse(world, ctx, "another version", policy_replies.another_version(number))
