"""A command is judged: what its verdict waits for is read from GitHub."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from bot.domain.accounts import Membership, Repository
from bot.domain.case import Case, Fact, Verdict, Wait, Waiting
from bot.domain.commands import Command
from bot.domain.events import Comment
from bot.domain.judgement import judge
from bot.domain.record import RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import note, save
from bot.handlers.commands.context import REFUSED, CommandContext
from bot.handlers.deferral import is_being_decided
from bot.handlers.effects import is_under_way
from bot.handlers.issues.content import digest_shows_record, shows_record
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import check_names
from bot.handlers.organizations.requester import has_left
from bot.handlers.requests.grants import read_grants
from bot.ports import Issue, NotFound, World

REVOKING = "organization_personal_access_tokens"
"""The installation's permission that a revocation needs."""
MOST_AT_ONCE = 10
"""Calls of GitHub side by side for one command."""


def judge_command(
    world: World, ctx: CommandContext, command: Command, row: RequestRecord | None, **more: Any
) -> tuple[Verdict, Case, "Facts"]:
    """The verdict about one request, with what it rests on.

    Facts that grew too old while others were read are asked for once more, all at once.
    """
    facts = Facts(world, ctx, [row] if row else [])
    verdict, case = facts.judge(recorded_case(world, ctx, command, row, **more))
    if isinstance(verdict, Wait) and verdict.why is Waiting.OLD_FACTS:
        facts.ask_again()
        verdict, case = facts.judge(recorded_case(world, ctx, command, row, **more))
    return verdict, case, facts


def recorded_case(
    world: World, ctx: CommandContext, command: Command, row: RequestRecord | None, **more: Any
) -> Case:
    """The command with all that the record knows of it; GitHub is not asked."""
    case = Case(
        command,
        ctx.comment,
        ctx.issue,
        world.clock.now(),
        row,
        refused_before=world.record.intended(ctx.scope, REFUSED) is not None,
        first_look=world.job.attempt == 1,
        denied_recently=is_denied(world, ctx),
        may_revoke=ctx.org.permissions.get(REVOKING) == "write",
        **more,
    )
    if row is None:
        return case
    stops = [job for id_, job in row.stops.items() if id_ != ctx.comment.id]
    return replace(
        case,
        call_under_way=case.begun and is_under_way(world, *review_effect(ctx)),
        other_decision=is_decided_by_another(world, ctx, row),
        stop_waits=any(world.inbox.goes_on(job) for job in stops),
        earlier_end=_earlier_end(world, row),
    )


def is_denied(world: World, ctx: CommandContext) -> bool:
    """Whether GitHub said more than once within the last minute that the author is no owner."""
    return world.recent_denials.knows(ctx.org.id, ctx.comment.author.id, world.clock.now())


def review_effect(ctx: CommandContext) -> tuple[str, str]:
    """The scope and step under which the comment's call of GitHub's review is noted."""
    return ctx.scope, "review"


def _earlier_end(world: World, row: RequestRecord) -> Any:
    """When an earlier timed approval of the same token ends; None without one."""
    org_id, token_id = row.request.org_id, row.request.token_id
    same = world.record.requests_of_token(org_id, token_id) if token_id is not None else []
    ends = [one.revoke_at for one in same if one.key != row.key and one.revoke_at]
    return min(ends, default=None)


def is_decided_by_another(world: World, ctx: CommandContext, row: RequestRecord) -> bool:
    """Whether another comment's decision is under way.

    One that nobody carries out any more makes room for another one.
    """
    if row.state is not State.DECIDING or row.is_decided_by(ctx.comment.id):
        return False
    goes_on = is_being_decided(world, row)
    if not goes_on:
        save(world, row, row.withdraw(""))
    return goes_on


class Facts:
    """What GitHub tells now: each thing is asked once for all requests of a command.

    `rows` are the requests that are judged together. `read_at` is when the oldest fact was asked.
    """

    def __init__(self, world: World, ctx: CommandContext, rows: Sequence[RequestRecord]) -> None:
        self._world, self._ctx, self._rows = world, ctx, rows
        self._asked: dict[object, Callable[[], Any]] = {}
        self._told: dict[object, Any] = {}
        self.read_at = world.clock.now()

    def judge(self, case: Case, *, stop_before: Fact | None = None) -> tuple[Verdict, Case]:
        """The verdict, after asking GitHub one by one for the facts that it waits for."""
        verdict = judge(case, self._world.options.policy)
        while isinstance(verdict, Wait) and verdict.fact and verdict.fact is not stop_before:
            case = self._with(case, verdict.fact)
            verdict = judge(case, self._world.options.policy)
        return verdict, case

    def ask_again(self) -> None:
        """Ask for everything anew, all at once, the membership last.

        Where GitHub is slow, the first answers are too old when the last one is there. The age of
        an answer counts from when it was asked for.
        """
        self.read_at = self._world.clock.now()
        with ThreadPoolExecutor(MOST_AT_ONCE) as side_by_side:
            answers = {key: side_by_side.submit(ask) for key, ask in self._asked.items()}
        self._told = {key: answer.result() for key, answer in answers.items()}

    def _ask(self, key: object, ask: Callable[..., Any], *about: Any) -> Any:
        if key not in self._told:
            self._asked[key] = partial(ask, *about)
            self._told[key] = self._asked[key]()
        return self._told[key]

    def _with(self, case: Case, fact: Fact) -> Case:
        if not self._told:
            self.read_at = self._world.clock.now()
        match fact:
            case Fact.COMMENT:
                case = replace(case, comment_now=self._comment())
            case Fact.ISSUE:
                case = replace(case, issue_as_recorded=self._issue_as_recorded())
            case Fact.LISTED:
                case = replace(case, listed=self._listed(case.row))
            case Fact.REQUESTER:
                case = replace(case, requester_left=self._requester_left(case))
            case Fact.GRANTS:
                case = replace(case, has_access=self._has_access(case.row))
            case Fact.MEMBERSHIP:
                case = replace(case, membership=self._ask(fact, self._membership))
        if (fact is Fact.COMMENT and case.comment_now is None) or (
            fact is Fact.MEMBERSHIP and case.membership is None
        ):
            case = self._missing(case, fact)
        denied = is_denied(self._world, self._ctx)
        return replace(
            case, read_at=self.read_at, now=self._world.clock.now(), denied_recently=denied
        )

    def _missing(self, case: Case, fact: Fact) -> Case:
        """Since when GitHub does not find it; a renamed organization or repository is looked for.

        Raises Retryable when something is called otherwise by now.
        """
        check_names(self._world, self._ctx.org)
        since = self._world.record.intend(self._ctx.scope, f"not found: {fact.name}")
        if since is not None and fact is Fact.COMMENT:
            admin_repository(self._world, self._ctx.org, anew=True)
        return replace(case, missing_since={fact: since or self._world.clock.now()})

    def _comment(self) -> Comment | None:
        ctx, github = self._ctx, self._world.github
        found: Comment | None = self._ask(Fact.COMMENT, github.comment, ctx.repo, ctx.comment.id)
        return found

    def issue(self) -> Issue | None:
        """The commented issue as it stands now."""
        ctx, github = self._ctx, self._world.github
        number = ctx.issue.number
        found: Issue | None = self._ask(Fact.ISSUE, github.issue, ctx.repo, number)
        return found

    def _issue_as_recorded(self) -> bool | None:
        issue, ctx = self.issue(), self._ctx
        if issue is None:
            return None
        if ctx.digest is not None:
            return digest_shows_record(ctx.digest, issue)
        return ctx.row is not None and shows_record(ctx.row, issue)

    def _listed(self, row: RequestRecord | None) -> TokenRequest | None:
        """The request as GitHub lists it now. Its chosen repositories GitHub tells separately."""
        pending: dict[int, TokenRequest] = self._ask(Fact.LISTED, self._pending)
        found = pending.get(row.request.id) if row else None
        if row is None or found is None:
            return None
        if found.selection != "subset":
            return replace(found, repositories=row.request.repositories)  # the list names none
        repositories = self._ask(("repositories", found.id), self._repositories, found.id)
        if repositories is None:
            return None
        return replace(found, repositories=repositories, repositories_known=True)

    def _pending(self) -> dict[int, TokenRequest]:
        """One request is asked for by its token, several by the whole list."""
        token_id = self._rows[0].request.token_id if len(self._rows) == 1 else None
        tokens = [] if token_id is None else [token_id]
        pending = self._world.github.pending_requests(self._ctx.org.reference, tokens)
        return {one.id: one for one in pending}

    def _repositories(self, request_id: int) -> tuple[Repository, ...] | None:
        """None: the request is no longer pending."""
        try:
            return self._world.github.request_repositories(self._ctx.org.reference, request_id)
        except NotFound:
            return None

    def _requester_left(self, case: Case) -> bool:
        row = case.row
        if row is None or not isinstance(case.listed, TokenRequest):
            return False
        # the login of today, by which GitHub is asked for the person
        row.request = replace(row.request, requester=case.listed.requester)
        key = (Fact.REQUESTER, row.request.requester.id)
        left: bool = self._ask(key, has_left, self._world, self._ctx.org, row)
        return left

    def _has_access(self, row: RequestRecord | None) -> bool:
        asked = {row.request.token_id for row in self._rows}
        tokens = [id_ for id_ in asked if id_ is not None]
        grants = self._ask(Fact.GRANTS, read_grants, self._world, self._ctx.org, tokens)
        return row is not None and row.request.token_id in grants

    def _membership(self) -> Membership | None:
        world, ctx = self._world, self._ctx
        found = world.github.membership(ctx.org.reference, ctx.comment.author.login)
        if found is None or not found.is_owner:
            world.recent_denials.note(ctx.org.id, ctx.comment.author.id, world.clock.now())
        said = f"{found.role}, {found.state}" if found else "no member"
        entry = note(world, "membership", ctx.comment.author, said, comment_id=ctx.comment.id)
        world.record.note_org(ctx.org.id, entry, request_id=ctx.request_id)
        return found
