"""One comment that commands many requests: what is kept while it runs, and how each is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.case import (
    AskBack,
    Case,
    Cause,
    Collect,
    Confirm,
    Fact,
    Proceed,
    Refuse,
    Wait,
    Waiting,
)
from bot.domain.case import Verdict as Judged
from bot.domain.commands import Command
from bot.domain.record import Decision, Preview, RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.times import DELIVERY_COMES_FIRST, FACTS_ARE_FRESH
from bot.domain.token_request import State, TokenRequest
from bot.handlers.commands.approvals import keep_approval
from bot.handlers.commands.context import BEGUN, SENT, CommandContext, Refusal
from bot.handlers.commands.facts import Facts, judge_command, recorded_case
from bot.handlers.commands.refusal import restore, withdraw
from bot.handlers.deferral import wait_for
from bot.handlers.requests.approvals import drop_and_tell
from bot.handlers.requests.outcome import note_missing, record_outcome
from bot.handlers.requests.pending import record_pending
from bot.ports import Defer, World
from bot.replies.causes import author_text, refusal_text

OF_THE_COMMAND = frozenset(
    {
        Cause.NOT_A_PERSON,
        Cause.NOT_AN_OWNER,
        Cause.UNKNOWN_CODE,
        Cause.ANOTHERS_CODE,
        Cause.OLD_CODE,
        Cause.CANNOT_REVOKE,
        Cause.OLDER_THAN_RECORD,
        Cause.COMMENT_GONE,
        Cause.COMMENT_BY_AN_APP,
        Cause.COMMENT_ELSEWHERE,
        Cause.COMMENT_EDITED,
        Cause.ISSUE_CHANGED,
        Cause.REFUSED_BEFORE,
    }
)
"""Causes that are about the comment and its author: the whole command is refused."""
OF_THE_WHOLE = frozenset({Waiting.NOT_FOUND, Waiting.OLD_FACTS, Waiting.FACT})
"""Waits that are about the command and not about one of its requests."""

POLL = 1.0
"""Seconds between two looks at what became of a bulk call."""
SINGLY_AFTER = timedelta(seconds=20)
"""When what GitHub's bulk left undone is reviewed one by one."""


@dataclass
class BulkRun:
    """A command for many while it is carried out.

    `bound` maps request ids to the fingerprints that the digest or the preview showed.
    """

    world: World
    ctx: CommandContext
    command: Command
    bound: Mapping[int, str] = field(default_factory=dict)
    code: str | None = None
    preview: Preview | None = None
    left_out: Skipped = field(default_factory=Skipped)


@dataclass(frozen=True)
class Judgement:
    """What became of some requests: those to go on with, or why the whole command does not.

    `cases` are those of the requests to go on with, judged by `facts`. `read_at` is when the oldest
    fact was read; `too_old`: all facts have to be read again.
    """

    facts: Facts
    cases: Mapping[tuple[int, int], Case] = field(default_factory=dict)
    ready: tuple[RequestRecord, ...] = ()
    refusal: Refusal | None = None
    read_at: datetime | None = None
    too_old: bool = False

    def holds(self, now: datetime) -> bool:
        """Whether its facts are fresh enough for a call that leaves now."""
        fresh = self.read_at is None or now - self.read_at <= FACTS_ARE_FRESH
        return fresh and not self.too_old


def judge_author(run: BulkRun) -> Refusal | None:
    """Whether the author may command at all, where no single request is meant yet.

    Raises Defer while that cannot be told.
    """
    code = {"code": run.code, "preview": run.preview}
    verdict, _case, facts = judge_command(run.world, run.ctx, run.command, None, **code)
    if isinstance(verdict, Refuse):
        return refuse_whole(run, verdict, facts)
    wait_for(run.world, verdict)
    return None


def judge_all(run: BulkRun, rows: Sequence[RequestRecord]) -> Judgement:
    """Judge each of these requests by the same facts; the author's membership is read last.

    What is not ready is in `run.left_out`. Raises Defer when the command as a whole has to wait,
    and when GitHub does not list one of them for the first time.
    """
    facts = Facts(run.world, run.ctx, rows)
    if not rows:
        return Judgement(facts, refusal=judge_author(run))
    judged = _judge_each(run, rows, facts)
    if _are_old(judged):
        facts.ask_again()
        judged = _judge_each(run, rows, facts)
    if _are_old(judged):
        return Judgement(facts, too_old=True)
    ready, cases = [], {}
    for row, verdict, case in judged:
        if isinstance(verdict, Refuse) and verdict.cause in OF_THE_COMMAND:
            return Judgement(facts, refusal=refuse_whole(run, verdict, facts))
        if isinstance(verdict, Wait) and verdict.why in OF_THE_WHOLE:
            wait_for(run.world, verdict)
        if isinstance(verdict, Proceed):
            ready.append(row)
            cases[row.key] = case
        else:
            leave_out(run, row, verdict, case)
    missed = [row for row in run.left_out.gone if note_missing(run.world, row)]
    if missed:  # by one look so far, which proves nothing
        raise Defer(Waiting.NO_LONGER_LISTED.value, DELIVERY_COMES_FIRST.total_seconds())
    return Judgement(facts, cases, tuple(ready), read_at=facts.read_at)


def _judge_each(
    run: BulkRun, rows: Sequence[RequestRecord], facts: Facts
) -> list[tuple[RequestRecord, Judged, Case]]:
    """The verdict about each; the membership is read last, when all other facts are there."""
    judged = []
    early = [facts.judge(_case(run, row), stop_before=Fact.MEMBERSHIP) for row in rows]
    for row, (verdict, case) in zip(rows, early, strict=True):
        waits = isinstance(verdict, Wait) and verdict.fact is Fact.MEMBERSHIP
        judged.append((row, *(facts.judge(case) if waits else (verdict, case))))
    return judged


def _are_old(judged: Sequence[tuple[RequestRecord, Judged, Case]]) -> bool:
    verdicts = [verdict for _, verdict, _ in judged]
    return any(isinstance(one, Wait) and one.why is Waiting.OLD_FACTS for one in verdicts)


def _case(run: BulkRun, row: RequestRecord) -> Case:
    return recorded_case(
        run.world,
        run.ctx,
        run.command,
        row,
        bound_to=run.bound.get(row.request.id),
        code=run.code,
        preview=run.preview,
    )


def refuse_whole(run: BulkRun, refusal: Refuse, facts: Facts) -> Refusal:
    """The refusal of the whole command; a digest that somebody changed is restored at once."""
    ctx, world = run.ctx, run.world
    if refusal.cause is Cause.ISSUE_CHANGED:
        restore(world, ctx, facts)
    text = author_text(refusal.cause, ctx.org.login, world.options.web_url)
    once = refusal.cause is Cause.REFUSED_BEFORE
    return Refusal(f"{refusal.cause}: {ctx.comment.id}" if once else refusal.cause, text)


def refuse_row(run: BulkRun, row: RequestRecord, cause: Cause) -> Refusal:
    """One request refuses the whole command."""
    org, web_url = run.ctx.org.login, run.world.options.web_url
    return Refusal(cause, refusal_text(cause, row, org, web_url))


def wait_for_bulk(run: BulkRun) -> None:
    """Raises Defer as long as GitHub may be at the bulk call of this comment."""
    sent = run.world.record.intended(run.ctx.scope, SENT)
    if sent is not None and run.world.clock.now() - sent < SINGLY_AFTER:
        raise Defer("GitHub may still be at its bulk review", POLL)


def leave_out(run: BulkRun, row: RequestRecord, verdict: Judged, case: Case) -> None:
    """Name it in the report; what an earlier run of this comment began is given up.

    Raises Defer while GitHub may still be at what that run asked for.
    """
    left_out = run.left_out
    if isinstance(verdict, Wait):
        if verdict.why is not Waiting.NO_LONGER_LISTED:
            (left_out.unread if verdict.why is Waiting.UNREAD_RULE else left_out.busy).append(row)
        elif not case.begun:  # what became of ours is read back
            left_out.gone.append(row)
        return
    if case.begun:
        wait_for_bulk(run)
    withdraw(run.world, run.ctx, row)
    if isinstance(verdict, Confirm):
        critical = verdict.reasons == {AskBack.CRITICAL_FOR_EVER}
        (left_out.critical if critical else left_out.widening).append(row)
    elif isinstance(verdict, Collect):
        run.world.record.intend(run.ctx.scope, BEGUN)
        keep_approval(run.world, run.ctx, row, case, verdict)
        drop_and_tell(run.world, run.ctx.org, row, verdict.dropped)
        left_out.counted.append(row)
    elif isinstance(verdict, Refuse):
        _leave_out_refused(run, row, verdict.cause, case)


def _leave_out_refused(run: BulkRun, row: RequestRecord, cause: Cause, case: Case) -> None:
    lists = {
        Cause.OWN_REQUEST: run.left_out.own,
        Cause.HELD: run.left_out.held,
        Cause.DECIDED: run.left_out.decided,
        Cause.NOT_APPROVED: run.left_out.decided,
        Cause.EXPIRED: run.left_out.decided,
        Cause.REQUEST_CHANGED: run.left_out.changed,
        Cause.OLDER_THAN_SHOWN: run.left_out.changed,
        Cause.REQUESTER_LEFT: run.left_out.left,
        Cause.NO_TOKEN_ID: run.left_out.widening,
        Cause.NOT_NAMED: run.left_out.not_named,
        Cause.HELD_BY_AN_OWNER: run.left_out.not_named,
        Cause.RULE_DENIES: run.left_out.ruled_out,
    }
    lists[cause].append(row)
    if cause is Cause.REQUEST_CHANGED and isinstance(case.listed, TokenRequest):
        record_pending(run.world, run.ctx.org, case.listed, row)
    if cause is Cause.EXPIRED:
        expired = Decision(State.EXPIRED, run.world.clock.now())
        record_outcome(run.world, run.ctx.org, row, expired)
