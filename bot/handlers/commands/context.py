"""Where a command stands, and how its comment is answered."""

import logging
from dataclasses import dataclass

from bot.domain.accounts import AdminRepository
from bot.domain.case import Cause
from bot.domain.commands import Command
from bot.domain.events import Comment
from bot.domain.record import DigestRecord, IssueRef, OrganizationRecord, RequestRecord
from bot.handlers.answered import REFUSED, TAKEN
from bot.handlers.audit_trail import note
from bot.handlers.deferral import later
from bot.handlers.effects import comment_once
from bot.ports import Permanent, Retryable, World
from bot.replies import markers

log = logging.getLogger(__name__)

SENT = "bulk"
"""The step of a comment: its bulk call was tried (intent), and then taken by GitHub (done)."""
BEGUN = "begun"
"""The step of a comment that held, released or helped to approve one of several requests: it is
ended, also on a digest that was closed meanwhile.
"""

NOBODY_WAITS = frozenset({Cause.COMMENT_BY_AN_APP, Cause.COMMENT_ELSEWHERE})
"""Refusals that nobody waits for: no reaction and no reply, only a line in the log."""


@dataclass(frozen=True)
class Refusal:
    """A command for many is not carried out: `cause` is kept, `text` is what its author reads."""

    cause: str
    text: str


@dataclass(frozen=True)
class CommandContext:
    """A command's comment with the issue, repository and organization that it belongs to.

    `again`: it is an approval that was answered before, judged once more for the one request.
    """

    comment: Comment
    issue: IssueRef
    org: OrganizationRecord
    repo: AdminRepository
    row: RequestRecord | None
    digest: DigestRecord | None
    again: bool = False

    @property
    def scope(self) -> str:
        """The scope under which effects of this comment are noted. On a digest it may approve many
        requests, each of which is judged again by itself.
        """
        alone = f"/request:{self.request_id}" if self.again else ""
        return f"comment:{self.comment.id}{alone}"

    @property
    def request_id(self) -> int | None:
        """The one request that it is about; None on a digest issue."""
        return self.row.request.id if self.row else None


def refuse(world: World, ctx: CommandContext, cause: str, text: str) -> None:
    """Answer a refused command: a reaction, and one reply per person, issue and cause an hour.

    Trouble with the answer holds up no commands.
    """
    note_answer(world, ctx, "refused", cause)
    if cause in NOBODY_WAITS:
        return
    refuse_for_good(world, ctx)
    try:
        if _may_reply(world, ctx, cause):
            reply(world, ctx, text)
        world.github.react(ctx.repo, ctx.comment.id, "confused")
    except Retryable as trouble:
        raise later(world, trouble) from trouble


def answer(world: World, ctx: CommandContext, command: Command, text: str, state: str = "") -> None:
    """Answer a question, which everybody may ask: once a person, issue, command and state an hour.

    More often there is only the reaction: the answer stands on the issue already.
    """
    if _may_reply(world, ctx, f"/{command.name} {state}"):
        reply(world, ctx, text)
    acknowledge(world, ctx)


def _may_reply(world: World, ctx: CommandContext, cause: str) -> bool:
    issue = f"{ctx.repo.id}/{ctx.issue.number}"
    now = world.clock.now()
    return world.record.may_reply(ctx.comment.author.id, issue, cause, ctx.comment.id, now)


def refuse_for_good(world: World, ctx: CommandContext) -> None:
    """From here on this comment is refused, however often it is judged again."""
    world.record.intend(ctx.scope, REFUSED)


def reply(
    world: World, ctx: CommandContext, text: str, *, urgent: bool = False, marker: str = ""
) -> None:
    """Answer a comment once; an issue that takes no comments fails nothing.

    `marker` tells a note, that comes before the answer, from it.
    """
    marker = marker or markers.reply_marker(ctx.comment.id)
    try:
        comment_once(world, ctx.repo, ctx.issue.number, marker, text, urgent=urgent)
    except Permanent as trouble:
        log.warning("%s#%d takes no reply: %s", ctx.repo.full_name, ctx.issue.number, trouble)


def acknowledge(world: World, ctx: CommandContext) -> None:
    """The command was carried out: the comment gets its thumb."""
    note_answer(world, ctx, "taken")
    world.github.react(ctx.repo, ctx.comment.id, "+1")
    world.record.done(ctx.scope, TAKEN, ctx.comment.id)


def note_answer(world: World, ctx: CommandContext, what: str, cause: str = "") -> None:
    """Tell the audit log, once, that this comment's command was taken, or refused and why."""
    place = {"repository_id": ctx.repo.id, "issue": ctx.issue.number}
    data = {"comment_id": ctx.comment.id, "cause": cause, **place}
    entry = note(world, f"command {what}", ctx.comment.author, ctx.comment.body, **data)
    once = f"{ctx.scope}:{what}"
    world.record.note_org(ctx.org.id, entry, request_id=ctx.request_id, once=once)
