"""What the handlers of commands share: where a comment stands, and how it is answered."""

from dataclasses import dataclass

from bot.domain.accounts import Account, AdminRepository, Membership
from bot.domain.commands import Command
from bot.domain.comment_check import SILENT, unfit
from bot.domain.events import IssueCommentEvent
from bot.domain.policy import objection
from bot.domain.record import DigestRecord, HistoryEntry, OrganizationRecord, RequestRecord
from bot.handlers.audit_trail import note
from bot.handlers.deferral import later
from bot.handlers.effects import comment_once
from bot.handlers.issues.sync import Seen
from bot.handlers.organizations.known import check_names
from bot.ports import Permanent, Retryable, World
from bot.replies import markers, refusals

REFUSED = "refused"
"""The step that marks a comment whose command was refused: no later run carries it out."""

TAKEN = "taken"
"""The step that marks a comment whose command was carried out to the end."""


@dataclass(frozen=True)
class Commented:
    """A command's comment with the issue, repository and organization that it belongs to."""

    event: IssueCommentEvent
    org: OrganizationRecord
    repo: AdminRepository
    row: RequestRecord | None
    digest: DigestRecord | None

    @property
    def author(self) -> Account:
        """Who commands."""
        return self.event.comment.author

    @property
    def comment_id(self) -> int:
        """The commanding comment."""
        return self.event.comment.id

    @property
    def request_id(self) -> int | None:
        """The one request that it is about; None on a digest issue."""
        return self.row.request.id if self.row else None

    @property
    def seen(self) -> Seen:
        """The issue's labels as the delivery told them."""
        return Seen(self.event.issue_labels, self.event.comment.created_at)


class Refusal(Exception):  # noqa: N818 - an expected answer, not a fault
    """The command is not carried out: `cause` is the short name, `text` what the author reads."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(cause)
        self.cause, self.text = cause, text


def refuse(world: World, ctx: Commented, cause: str, text: str) -> None:
    """Answer a refused command: a reaction, and one reply per person, issue and cause an hour.

    A deleted comment, or an App's, asks for none. Trouble with the answer holds up no commands.
    """
    tell(world, ctx, "refused", cause)
    if cause in SILENT:
        return
    close_the_door(world, ctx)
    try:
        if _may_reply(world, ctx, cause):
            reply(world, ctx, text)
        world.github.react(ctx.repo, ctx.comment_id, "confused")
    except Retryable as trouble:
        raise later(world, trouble) from trouble


def answer(world: World, ctx: Commented, command: Command, text: str, state: str = "") -> None:
    """Answer a question, which everybody may ask: once a person, issue, command and state an hour.

    More often there is only the reaction: the answer stands on the issue already.
    """
    if _may_reply(world, ctx, f"/{command.name} {state}"):
        reply(world, ctx, text)
    taken(world, ctx)


def _may_reply(world: World, ctx: Commented, cause: str) -> bool:
    issue = f"{ctx.repo.id}/{ctx.event.issue_number}"
    now = world.clock.now()
    return world.record.may_reply(ctx.author.id, issue, cause, ctx.comment_id, now)


def close_the_door(world: World, ctx: Commented) -> None:
    """From here on this comment is refused for good, however often it is judged again."""
    world.record.intend(f"comment:{ctx.comment_id}", REFUSED)


def reply(world: World, ctx: Commented, text: str, *, urgent: bool = False) -> None:
    """Answer a comment once; an issue that takes no comments fails nothing."""
    marker = markers.reply_marker(ctx.comment_id)
    try:
        comment_once(world, ctx.repo, ctx.event.issue_number, marker, text, urgent=urgent)
    except Permanent:
        return


def taken(world: World, ctx: Commented) -> None:
    """The command was carried out: the comment gets its thumb."""
    tell(world, ctx, "taken")
    world.github.react(ctx.repo, ctx.comment_id, "+1")
    world.record.done(f"comment:{ctx.comment_id}", TAKEN, ctx.comment_id)


def was_taken(world: World, comment_id: int) -> bool:
    """Whether a comment was carried out to the end: a replay under another GUID does nothing."""
    return world.record.remote_id(f"comment:{comment_id}", TAKEN) is not None


def tell(world: World, ctx: Commented, what: str, cause: str = "") -> None:
    """Tell the audit log, once, that this comment's command was taken, or refused and why."""
    place = {"repository_id": ctx.repo.id, "issue": ctx.event.issue_number}
    data = {"comment_id": ctx.comment_id, "cause": cause, **place}
    entry = note(world, f"command {what}", ctx.author, ctx.event.comment.body, **data)
    once = f"comment:{ctx.comment_id}:{what}"
    world.record.note_org(ctx.org.id, entry, request_id=ctx.request_id, once=once)


def commanded(
    world: World, ctx: Commented, row: RequestRecord, command: Command, text: str
) -> HistoryEntry:
    """The fact that a decision is under way; it is bound to what the issue shows."""
    return note(
        world,
        f"{command.name.value} commanded",
        ctx.author,
        text,
        comment_id=ctx.comment_id,
        fingerprint=row.shown_fingerprint,
        seconds=int(command.lifetime.total_seconds()) if command.lifetime else None,
    )


def unchanged_comment(world: World, ctx: Commented) -> None:
    """Read the comment again: only what a person wrote there and nobody edited counts."""
    now = world.github.comment(ctx.repo, ctx.comment_id)
    why = unfit(ctx.event.comment, now, ctx.event.issue_number)
    if why is not None:
        raise Refusal(why.value, refusals.edited_comment())


def authorised(world: World, ctx: Commented, requester: Account) -> None:
    """Ask GitHub now whether the author may decide this requester's request; else refuse."""
    check(world, ctx, membership(world, ctx), requester)


def membership(world: World, ctx: Commented) -> Membership | None:
    """The author's membership in the request's organization at this moment."""
    found = world.github.membership(ctx.org.reference, ctx.author.login)
    if found is None:
        check_names(world, ctx.org)  # a renamed organization has no members under its old name
    if found is None or not found.is_owner:
        world.recent_denials.note(ctx.org.id, ctx.author.id, world.clock.now())
    answer = f"{found.role}, {found.state}" if found else "no member"
    entry = note(world, "membership", ctx.author, answer, comment_id=ctx.comment_id)
    world.record.note_org(ctx.org.id, entry, request_id=ctx.request_id)
    return found


def check(
    world: World, ctx: Commented, standing: Membership | None, requester: Account | None
) -> None:
    """Refuse when the policy objects; without a requester only the standing is judged.

    A comment that was refused in an earlier run stays refused: its author was told so.
    """
    nobody = Account(0, "")
    why = objection(world.options.policy, ctx.author, standing, requester or nobody)
    if why is not None:
        raise Refusal(why.value, refusals.objection(why, ctx.org.login, world.options.web_url))
    if world.record.intended(f"comment:{ctx.comment_id}", REFUSED):
        raise Refusal(f"refused before: {ctx.comment_id}", refusals.refused_before())
