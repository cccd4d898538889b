"""`/revoke token:ID…`, `/revoke KIND` and `/keep` on a digest.

Each is judged by the same checks as other commands. Each grant is read again just before it is
revoked, and matched by token id and grant id here: a server may ignore filters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.case import Refuse
from bot.domain.commands import Name
from bot.domain.record import Preview, RequestRecord
from bot.domain.times import FACTS_ARE_FRESH
from bot.domain.token_request import Grant, State
from bot.domain.tokens import Keep, Kind, KnownGrant
from bot.handlers.audit_trail import asking, note
from bot.handlers.commands.bulk.revoke import SENT
from bot.handlers.commands.bulk.run import BulkRun, refuse_whole
from bot.handlers.commands.context import Refusal, acknowledge, refuse_for_good, reply
from bot.handlers.commands.facts import judge_command
from bot.handlers.commands.preview import make_token_preview
from bot.handlers.commands.revoke import revocation
from bot.handlers.commands.stops import note_stop
from bot.handlers.deferral import wait_for
from bot.handlers.requests.grants import read_grants, require_missing
from bot.handlers.requests.outcome import record_outcome
from bot.handlers.tokens.check import check, checked_grants
from bot.handlers.tokens.daily_pass import owner_has_left
from bot.ports import NotFound, Retryable
from bot.replies import token_commands as words

MOST = 100
"""Tokens that one preview shows, and one command revokes."""
AT_ONCE = 10
"""Tokens that are read and revoked together: their facts must be fresh at each call."""


@dataclass
class _Run:
    """`done` are revoked; `left_out` says of each other one why it was not."""

    bulk: BulkRun
    done: list[KnownGrant] = field(default_factory=list)
    left_out: dict[str, list[KnownGrant]] = field(default_factory=dict)

    def leave_out(self, known: KnownGrant, why: str) -> None:
        self.left_out.setdefault(why, []).append(known)


def command_tokens(
    run: BulkRun, _rows: Sequence[RequestRecord], _own: Sequence[RequestRecord]
) -> Refusal | None:
    """Carry out a command about active tokens."""
    targets = run.command.targets
    if targets is None:
        return None
    if targets.kind is not None:
        return _preview(run, Kind(targets.kind))
    known = _known(run, targets.tokens)
    unknown = [one for one in targets.tokens if one not in known]
    if unknown and run.world.record.intended(run.ctx.scope, SENT) is None:
        return Refusal("unknown token", words.unknown_tokens(unknown))
    if run.command.name is Name.KEEP:
        return _keep(run, list(known.values()))
    return _revoke(run, list(known.values()), None)


def confirm_tokens(run: BulkRun, preview: Preview) -> Refusal | None:
    """Revoke what a preview showed, as far as it is still what it was, and name all others."""
    kind = Kind((run.command.targets and run.command.targets.kind) or "")
    shown = set(preview.shown.values())
    known = run.world.record.known_grants(run.ctx.org.id, ended_since=preview.created_at)
    return _revoke(run, [one for one in known if str(one.grant.id) in shown], kind)


def _known(run: BulkRun, token_ids: Sequence[int]) -> dict[int, KnownGrant]:
    """The organization's own grants of these tokens, by token id: those that stand, and what an
    earlier run of this comment ended.
    """
    record, org_id = run.world.record, run.ctx.org.id
    began = record.intended(run.ctx.scope, SENT)
    if began is None:
        found = record.grants_of_tokens(org_id, token_ids)
    else:
        known = record.known_grants(org_id, ended_since=began)
        found = [one for one in known if one.grant.token_id in token_ids]
    return {one.grant.token_id: one for one in found}


def _judge(run: BulkRun) -> Refusal | None:
    """Whether the author may command this at this moment. Raises Defer while that is unknown."""
    told = {"code": run.code, "preview": run.preview}
    verdict, _case, facts = judge_command(run.world, run.ctx, run.command, None, **told)
    if isinstance(verdict, Refuse):
        return refuse_whole(run, verdict, facts)
    wait_for(run.world, verdict)
    return None


def _is_own(run: BulkRun, grant: Grant) -> bool:
    return grant.owner.id == run.ctx.comment.author.id


def _preview(run: BulkRun, kind: Kind) -> Refusal | None:
    refusal = _judge(run)
    if refusal is not None:
        return refusal
    world, ctx = run.world, run.ctx
    now = world.clock.now()
    found = [
        one.known
        for one in checked_grants(world.record, ctx.org.id)
        if kind in one.kinds(now) and not one.known.is_kept(now)
    ]
    others = [one for one in found if not _is_own(run, one.grant)]
    if not others:
        return Refusal("no tokens", words.no_tokens({words.OWN: found}, world.options.web_url))
    chosen = others[:MOST]
    preview = make_token_preview(world, ctx, run.command.line, chosen)
    more, own = len(others) - len(chosen), len(found) - len(others)
    text = words.token_preview(kind, chosen, more, own, preview.code, world.options.web_url)
    reply(world, ctx, text)
    acknowledge(world, ctx)
    return None


def _keep(run: BulkRun, known: Sequence[KnownGrant]) -> Refusal | None:
    refusal = _judge(run)
    if refusal is not None:
        return refusal
    world, ctx, command = run.world, run.ctx, run.command
    if command.lifetime is None:
        return None
    until = world.clock.now() + command.lifetime
    own = [one for one in known if _is_own(run, one.grant)]
    done = [one for one in known if one not in own]
    left_out = {words.OWN: own}
    if not done:
        return Refusal("own token", words.no_tokens(left_out, world.options.web_url))
    for one in done:
        id_ = one.grant.token_id
        author = ctx.comment.author
        keep = Keep(ctx.org.id, id_, until, author, command.reason, ctx.comment.id)
        facts = {"token_id": id_, "until": until.isoformat(), "comment_id": ctx.comment.id}
        world.record.save_keep(keep, note(world, "token kept", author, command.reason, **facts))
    text = words.kept_tokens(done, left_out, until, world.options.web_url)
    reply(world, ctx, text, urgent=True)
    acknowledge(world, ctx)
    return None


def _revoke(run: BulkRun, known: Sequence[KnownGrant], kind: Kind | None) -> Refusal | None:
    """Judge, read again and revoke, some at a time; safe to run again after any interruption. The
    refusal stands when nothing was done.
    """
    this = _Run(run)
    _take_up(this, known)
    rest = [one for one in known if one not in this.done]
    _note_stops(run, rest)
    while rest:
        refusal = _judge(run)
        if refusal is not None and not this.done:
            return refusal
        if refusal is not None:
            refuse_for_good(run.world, run.ctx)
            this.left_out.setdefault(words.STOPPED, []).extend(rest)
            break
        began = run.world.clock.now()
        some = rest[:AT_ONCE]
        listed = read_grants(run.world, run.ctx.org, [one.grant.token_id for one in some])
        for one in some:
            if run.world.clock.now() - began > FACTS_ARE_FRESH:
                break  # the others are judged and read anew
            _revoke_one(this, one, listed.get(one.grant.token_id, []), kind)
            rest.remove(one)
    world, ctx = run.world, run.ctx
    if not this.done:
        return Refusal("no tokens", words.no_tokens(this.left_out, world.options.web_url))
    text = words.revoked_tokens(this.done, this.left_out, world.options.web_url)
    reply(world, ctx, text, urgent=True)
    acknowledge(world, ctx)
    return None


def _take_up(this: _Run, known: Sequence[KnownGrant]) -> None:
    """What an earlier run of this comment asked for and GitHub did counts, whatever became of the
    comment since. What GitHub still lists is judged anew.
    """
    run = this.bulk
    world, ctx = run.world, run.ctx
    asked = [one for one in known if world.record.intended(ctx.scope, _step(one)) is not None]
    listed = read_grants(world, ctx.org, [one.grant.token_id for one in asked if one.stands])
    for one in asked:
        found = [now.id for now in listed.get(one.grant.token_id, [])]
        if one.stands and one.grant.id in found:
            continue
        if one.stands:
            require_missing(world, ctx.org, one)
            _record(run, one)
        this.done.append(one)


def _step(known: KnownGrant) -> str:
    """The step of the comment's scope under which this revocation is noted."""
    return f"token:{known.grant.token_id}"


def _note_stops(run: BulkRun, known: Sequence[KnownGrant]) -> None:
    """What was approved of these tokens is not renewed before the command is judged."""
    for one in known:
        for row in run.world.record.requests_of_token(run.ctx.org.id, one.grant.token_id):
            note_stop(run.world, run.ctx.comment.id, row, run.command)


def _revoke_one(this: _Run, known: KnownGrant, listed: Sequence[Grant], kind: Kind | None) -> None:
    """Revoke one grant unless something speaks against it now."""
    run = this.bulk
    world, ctx = run.world, run.ctx
    step = _step(known)
    asked = world.record.intended(ctx.scope, step) is not None
    now = next((one for one in listed if one.id == known.grant.id), None)
    if not known.stands or (now is None and not asked):
        this.leave_out(known, words.OTHER if listed else words.GONE)
        return
    if now is None:
        require_missing(world, ctx.org, known)
    else:
        world.record.save_grants(ctx.org.id, [now], world.clock.now())
        if _is_own(run, now):
            this.leave_out(known, words.OWN)
            return
        current = _as_recorded(run, known)  # a use that this look did not tell was one all the same
        if kind is not None and not asked and current.is_kept(world.clock.now()):
            this.leave_out(known, words.KEPT)
            return
        if kind is not None and not _is_still(run, current, kind):
            this.leave_out(known, words.CHANGED.format(kind=kind))
            return
        world.record.intend(ctx.scope, SENT)
        world.record.intend(ctx.scope, step)
        _ask(run, now)
    _record(run, known)
    this.done.append(known)


def _as_recorded(run: BulkRun, known: KnownGrant) -> KnownGrant:
    """The grant as the record has it by now, with what GitHub told last and what owners keep."""
    kept = run.world.record.grants_of_tokens(run.ctx.org.id, [known.grant.token_id])
    return next((one for one in kept if one.grant.id == known.grant.id), known)


def _is_still(run: BulkRun, known: KnownGrant, kind: Kind) -> bool:
    """Whether it is of this kind by GitHub's and the record's word of this moment."""
    world, org = run.world, run.ctx.org
    if kind is Kind.OWNERLESS:
        return owner_has_left(world, org, known.grant.owner)
    (one,) = check(world.record, org.id, [known])
    return kind in one.kinds(world.clock.now())


def _ask(run: BulkRun, grant: Grant) -> None:
    """Raises Retryable when GitHub listed it a moment ago and does not find it now."""
    world, org = run.world, run.ctx.org
    try:
        with asking(world, org, "revoke", run.command.line, grants=[grant.id]):
            world.github.revoke(org.reference, grant.id)
    except NotFound as answer:
        raise Retryable(f"GitHub listed grant {grant.id} a moment ago: {answer}") from answer


def _record(run: BulkRun, known: KnownGrant) -> None:
    """The grant is over, and with it what was approved of its token."""
    world, org = run.world, run.ctx.org
    for row in world.record.requests_of_token(org.id, known.grant.token_id):
        if row.state is State.APPROVED:
            record_outcome(world, org, row, revocation(world, run.ctx, run.command))
    world.record.end_grants(org.id, [known.grant.id], world.clock.now(), here=True)
