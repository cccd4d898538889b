"""One owner's decision on one request: checked, recorded, carried out, confirmed, shown.

The whole path of an approval is in this file, in the order in which it happens.
"""

from dataclasses import replace
from typing import NoReturn

from bot.domain.commands import Command, Name, Place, read_command
from bot.domain.reconciliation import differs, merge
from bot.domain.record import Decision, HistoryEntry, RequestRecord, Verdict
from bot.domain.token_request import State
from bot.handlers.audit_trail import asking, note
from bot.handlers.commands.context import (
    Commented,
    Refusal,
    authorised,
    close_the_door,
    commanded,
    reply,
    taken,
    unchanged_comment,
)
from bot.handlers.commands.preview import make_preview, the_preview
from bot.handlers.deferral import is_being_decided, patience, take_over
from bot.handlers.effects import trying, wait_for_earlier_try
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.requester import has_left
from bot.handlers.requests.outcome import GRACE, infer_outcome, note_missing, record_outcome
from bot.handlers.requests.pending import find_pending, record_pending
from bot.ports import Defer, NotFound, Refused, World
from bot.replies import comments, refusals

REVOKING = "organization_personal_access_tokens"


def decide(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/approve` and `/deny`, safe to run again after any interruption."""
    if _finish_own(world, ctx, row):
        return
    _was_it_taken(world, ctx, row)
    _may_be_decided(world, ctx, row)
    unchanged_comment(world, ctx)
    if command.lifetime is not None and _asks_back(world, ctx, row, command):
        return
    _as_shown(world, ctx, row)
    _still_a_member(world, ctx, row, command)
    authorised(world, ctx, row.request.requester)  # last, just before the call
    _record_intent(world, ctx, row, command)
    _review(world, ctx, row)
    taken(world, ctx)


def _finish_own(world: World, ctx: Commented, row: RequestRecord) -> bool:
    """This very comment was carried out before: only what it shows may be missing."""
    if row.state.is_open or row.decision is None or row.decision.comment_id != ctx.comment_id:
        return False
    publish_outcome(world, ctx.org, row, ctx.seen)
    taken(world, ctx)
    return True


def _may_be_decided(world: World, ctx: Commented, row: RequestRecord) -> None:
    """The state of the record must allow a decision by this comment."""
    if not _ours(ctx, row) and is_being_decided(world, row):
        raise Defer("another decision is under way", 2)
    if not _ours(ctx, row):
        take_over(world, row)
    if row.state is State.HELD:
        raise Refusal("held", refusals.held(row, world.options.web_url))
    _not_expired(world, ctx, row)
    if not row.state.is_open:
        raise Refusal("decided", refusals.already_decided(row, world.options.web_url))


def _not_expired(world: World, ctx: Commented, row: RequestRecord) -> None:
    if row.state.is_open and row.request.has_expired(world.clock.now()):
        record_outcome(world, ctx.org, row, Decision(State.EXPIRED, world.clock.now()), ctx.seen)
        raise Refusal("expired", refusals.already_decided(row, world.options.web_url))


def _was_it_taken(world: World, ctx: Commented, row: RequestRecord) -> None:
    """An earlier run may have asked GitHub for this very decision: what GitHub did then counts,
    whatever became of the comment or its author since.
    """
    if row.state is not State.DECIDING or not _ours(ctx, row):
        return
    if find_pending(world, ctx.org, row.request) is None:
        _find_out(world, ctx, row)
    wait_for_earlier_try(world, *review_of(ctx))


def review_of(ctx: Commented) -> tuple[str, str]:
    """Under which scope and step the comment's call of GitHub's review is noted."""
    return f"comment:{ctx.comment_id}", "review"


def let_go(world: World, ctx: Commented, row: RequestRecord, *entries: HistoryEntry) -> None:
    """The decision is given up, and the request may be decided anew.

    Should GitHub have carried an earlier try out after all, it is known whose it was.
    """
    if row.state is State.DECIDING:
        asked = world.record.intended(*review_of(ctx)) is not None
        row.let_go = row.decision if asked else None
    row.state, row.decision = State.PENDING, None
    world.record.save(row, *entries)


def _ours(ctx: Commented, row: RequestRecord) -> bool:
    return row.decision is not None and row.decision.comment_id == ctx.comment_id


def _as_shown(world: World, ctx: Commented, row: RequestRecord) -> None:
    """GitHub must still show the request, and exactly as the issue does."""
    listed = find_pending(world, ctx.org, row.request)
    if listed is None:
        _find_out(world, ctx, row)
    request = merge(row.request, listed)
    if request.selection == "subset":
        now = world.github.request_repositories(ctx.org.reference, request.id)
        request = replace(request, repositories=now, repositories_known=True)
    if differs(row.request, listed) or request.fingerprint != row.shown_fingerprint:
        close_the_door(world, ctx)  # what is shown from now on is not what its author read
        let_go(world, ctx, row)
        record_pending(world, ctx.org, request, row)
        _not_expired(world, ctx, row)
        raise Refusal("changed", refusals.changed())
    if is_older(ctx, row):
        raise Refusal("changed", refusals.changed())
    row.request = request  # the requester's name of today, by which their membership is asked for


def is_older(ctx: Commented, row: RequestRecord) -> bool:
    """Whether the comment was written before the issue came to show what it shows now."""
    written, changed = ctx.event.comment.created_at, row.changed_at
    return bool(written and changed and written <= changed)  # GitHub's times are whole seconds


def _still_a_member(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """Nobody who left the organization is given access to it; denying is always possible."""
    if command.name is Name.APPROVE and has_left(world, ctx.org, row):
        raise Refusal(
            "requester left", refusals.requester_left(row, ctx.org.login, world.options.web_url)
        )


def _record_intent(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """From here on the row is ours: nobody else may call GitHub for it."""
    row.decision = Decision(
        outcome=Verdict(command.name).outcome,
        at=world.clock.now(),
        by=ctx.author,
        reason=command.reason,
        comment_id=ctx.comment_id,
        comment_text=ctx.event.comment.body,
        lifetime=command.lifetime,
        job=world.job.name,
    )
    row.state = State.DECIDING
    world.record.save(row, commanded(world, ctx, row, command, command.line))


def _review(world: World, ctx: Commented, row: RequestRecord) -> None:
    """Carry the recorded decision out; only GitHub's confirmation makes it final."""
    decision = row.decision
    if decision is None:
        return
    verdict = Verdict.APPROVE if decision.outcome is State.APPROVED else Verdict.DENY

    def ask() -> None:
        with asking(world, ctx.org, "review", f"{verdict}: {decision.reason}", row.request.id):
            world.github.review(ctx.org.reference, row.request.id, verdict, decision.reason)

    first = world.record.intended(*review_of(ctx)) is None
    try:
        trying(world, *review_of(ctx), ask)
    except (NotFound, Refused) as answer:
        _not_pending(world, ctx, row, answer, first=first)
        return
    record_outcome(world, ctx.org, row, decision, ctx.seen)


def _not_pending(
    world: World, ctx: Commented, row: RequestRecord, answer: NotFound | Refused, *, first: bool
) -> None:
    """GitHub did not take the review: its list tells whether the request is over.

    Then somebody else decided it, or an earlier try of ours did of which no answer came.
    """
    if find_pending(world, ctx.org, row.request) is not None:
        let_go(world, ctx, row, note(world, "not taken", "GitHub", str(answer)))
        raise Refusal("not taken", refusals.not_taken(str(answer)))
    if first:
        row.state, row.decision = State.PENDING, None
    _find_out(world, ctx, row)


def _find_out(world: World, ctx: Commented, row: RequestRecord) -> NoReturn:
    """The request is over on GitHub: once it is known how, the command is judged anew."""
    if note_missing(world, row):
        raise Defer("the delivery that tells more may be on its way", GRACE.total_seconds())
    known = infer_outcome(world, ctx.org, row, ctx.seen)
    raise Defer("it is no longer pending on GitHub", 0 if known else patience(world))


def _asks_back(world: World, ctx: Commented, row: RequestRecord, command: Command) -> bool:
    """`/approve for` needs the right to revoke, and a second word when it widens a grant."""
    if ctx.org.permissions.get(REVOKING) != "write":
        raise Refusal("cannot revoke", refusals.cannot_revoke())
    token_id = row.request.token_id
    if token_id is None:
        raise Refusal("no token id", refusals.no_token_id())
    if (row.state is State.DECIDING and _ours(ctx, row)) or command.code is not None:
        return False
    if not world.github.grants(ctx.org.reference, [token_id]):
        return False
    authorised(world, ctx, row.request.requester)
    preview = make_preview(world, ctx, command.line, [row])
    reply(world, ctx, comments.confirm_widening(row, preview.code))
    taken(world, ctx)
    return True


def confirm(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/confirm CODE` on a review issue: the timed approval that was asked back."""
    if _finish_own(world, ctx, row):
        return
    _was_it_taken(world, ctx, row)
    begun = row.state is State.DECIDING and _ours(ctx, row)
    preview = the_preview(world, ctx, command.code, begun=begun)
    if preview.shown.get(row.request.id) != row.shown_fingerprint:
        raise Refusal("changed", refusals.changed())
    previewed = read_command(preview.command, Place.REVIEW)
    if not isinstance(previewed, Command):
        raise Refusal("unknown code", refusals.unknown_code())
    decide(world, ctx, row, replace(previewed, code=preview.code))
    world.record.use_preview(preview.code)
