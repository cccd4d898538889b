"""A command is judged: what its verdict waits for is read from GitHub."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.access import ends_to_come
from bot.domain.accounts import Account, Membership
from bot.domain.case import Case, Fact, Given, Verdict, Wait, Waiting
from bot.domain.commands import Command, Name
from bot.domain.entitlement import NOBODY, teams_to_read
from bot.domain.events import Comment
from bot.domain.policy.deciders import is_member, is_owner
from bot.domain.policy.people import Reviewer
from bot.domain.policy_version import Adopter
from bot.domain.record import Approval, RequestRecord
from bot.domain.times import ANOTHER_DECISION
from bot.domain.token_request import State, TokenRequest
from bot.handlers.answered import REFUSED
from bot.handlers.audit_trail import note, save
from bot.handlers.commands.context import CommandContext
from bot.handlers.commands.request_facts import RequestFacts
from bot.handlers.commands.stops import has_unjudged_stop
from bot.handlers.deferral import is_being_decided
from bot.handlers.effects import is_under_way
from bot.handlers.gaps import known_since
from bot.handlers.issues.adoption import known_wholly_since
from bot.handlers.issues.content import digest_shows_record, shows_record
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import check_names
from bot.handlers.requests.outcome import requests_of_same_token
from bot.ports import Defer, Issue, World


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


def explained_case(world: World, ctx: CommandContext, row: RequestRecord) -> tuple[Case, "Facts"]:
    """What an approval would rest on, without its author: for who wants to know."""
    facts = Facts(world, ctx, [row])
    nobody = replace(ctx.comment, author=NOBODY)
    asked = Command(Name.APPROVE, "")
    case = Case(asked, nobody, ctx.issue, world.clock.now(), row, row.shown_fingerprint)
    for fact in (Fact.LISTED, Fact.RULES, Fact.APPROVALS):
        if fact is Fact.LISTED or isinstance(case.listed, TokenRequest):
            case = facts.read(case, fact)
    return case, facts


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
        may_revoke=ctx.org.may_revoke,
        record_since=_record_since(world, ctx),
        on_digest=ctx.digest is not None,
        **more,
    )
    return case if row is None else case_of_request(world, case, row, review_effect(ctx))


def case_of_request(world: World, case: Case, row: RequestRecord, effect: tuple[str, str]) -> Case:
    """The case with what the record knows of its request. `effect`: its own call of GitHub."""
    author = case.comment.id if case.comment else None
    return replace(
        case,
        call_under_way=case.begun and is_under_way(world, *effect),
        other_decision=not case.begun and is_decided_by_another(world, row),
        stop_waits=has_unjudged_stop(world, row, author),
        earlier_end=_earlier_end(world, row),
    )


def _record_since(world: World, ctx: CommandContext) -> datetime | None:
    if ctx.row is None:
        return known_since(world.record, ctx.org.id)
    return known_wholly_since(world, ctx.row, ctx.issue.number)


def is_denied(world: World, ctx: CommandContext) -> bool:
    """Whether GitHub said more than once within the last minute that the author is no owner."""
    return world.recent_denials.knows(ctx.org.id, ctx.comment.author.id, world.clock.now())


def review_effect(ctx: CommandContext) -> tuple[str, str]:
    """The scope and step under which the comment's call of GitHub's review is noted."""
    return ctx.scope, "review"


def _earlier_end(world: World, row: RequestRecord) -> datetime | None:
    """When an earlier timed approval of the same token ends; None without one."""
    now, same = world.clock.now(), requests_of_same_token(world, row)
    return min(ends_to_come(same, now), default=None)


def is_decided_by_another(world: World, row: RequestRecord) -> bool:
    """Whether a decision is under way, which is not the caller's own.

    One that nobody carries out any more makes room for another one.
    """
    if row.state is not State.DECIDING:
        return False
    goes_on = is_being_decided(world, row)
    if not goes_on:
        save(world, row, row.withdraw(""))
    return goes_on


class Facts(RequestFacts):
    """What GitHub tells now of a command: of its requests, its comment and its author."""

    def __init__(self, world: World, ctx: CommandContext, rows: Sequence[RequestRecord]) -> None:
        super().__init__(world, ctx.org, rows)
        self._ctx = ctx

    def _with(self, case: Case, fact: Fact) -> Case:
        match fact:
            case Fact.COMMENT:
                case = replace(case, comment_now=self._comment())
            case Fact.ISSUE:
                shown, changed_at = self._issue_as_recorded(), self._digest_changed_at()
                case = replace(case, issue_as_recorded=shown, digest_changed_at=changed_at)
            case Fact.APPROVALS:
                case = replace(case, given=self._given(case))
            case Fact.MEMBERSHIP:
                case = replace(case, membership=self._ask(fact, self._membership))
            case Fact.TEAMS:
                case = replace(case, teams=self._teams_of(self._author(), case))
            case _:
                case = super()._with(case, fact)
        if (fact is Fact.COMMENT and case.comment_now is None) or (
            fact is Fact.MEMBERSHIP and case.membership is None
        ):
            case = self._missing(case, fact)
        unsure, denied = frozenset(self._unsure), is_denied(self._world, self._ctx)
        return replace(case, unsure=unsure, denied_recently=denied)

    def _missing(self, case: Case, fact: Fact) -> Case:
        """Since when GitHub does not find it, unless this is the first look; a renamed organization
        or repository is looked for.

        Raises Retryable when something is called otherwise by now.
        """
        check_names(self._world, self._org)
        since = self._world.record.intend(*self._look(fact))
        if since is not None and fact is Fact.COMMENT:
            admin_repository(self._world, self._ctx.org, anew=True)
        if since is None and fact is Fact.MEMBERSHIP:  # the two looks of a comment count once
            author = self._ctx.comment.author
            self._world.recent_denials.note(self._org.id, author.id, self._world.clock.now())
        return replace(case, missing_since={} if since is None else {fact: since})

    def _found(self, fact: Fact) -> None:
        """A 404 from before was one of a moment: the next one is the first again."""
        if self._world.record.intended(*self._look(fact)) is not None:
            self._world.record.forget(*self._look(fact))

    def _look(self, fact: Fact) -> tuple[str, str]:
        return self._ctx.scope, f"not found: {fact.name}"

    def _comment(self) -> Comment | None:
        found: Comment | None = self._ask(Fact.COMMENT, self._read_comment)
        return found

    def _read_comment(self) -> Comment | None:
        found = self._world.github.comment(self._ctx.repo, self._ctx.comment.id)
        if found is not None:
            self._found(Fact.COMMENT)
        return found

    def _author(self) -> Account:
        return _today(self._ctx.comment.author, self._comment())

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

    def _digest_changed_at(self) -> datetime | None:
        """Read when GitHub has told what the issue shows: who brings it back notes that first."""
        ctx, issue = self._ctx, self._ctx.issue
        if ctx.digest is None or ctx.again:  # what counted then was not written under that text
            return None
        digest = self._world.record.digest_of_issue(issue.repo_id, issue.number)
        return digest.changed_at if digest else None

    def _given(self, case: Case) -> tuple[Given, ...]:
        """What became of the approvals of others: their comments and they themselves, as now."""
        return tuple(self._given_now(one, case) for one in case.earlier_approvals)

    def _given_now(self, one: Approval, case: Case) -> Given:
        account, found, unedited, unsure = self._written_before(one, one.author)
        teams = self._teams_of(account, case) if is_member(account, found) else {}
        return Given(one, Reviewer(account, is_owner(account, found), teams), unedited, unsure)

    def still_adopts(self, one: Adopter) -> bool:
        """Still an owner, by GitHub's word of now, and the comment is what it was. Raises Defer if
        GitHub does not find one of these for the first time.
        """
        account, found, unedited, unsure = self._written_before(one, one.account)
        if unsure:
            raise Defer(Waiting.NOT_FOUND.value, ANOTHER_DECISION.total_seconds())
        return unedited and is_owner(account, found)

    def _written_before(
        self, one: Approval | Adopter, author: Account
    ) -> tuple[Account, Membership | None, bool, bool]:
        """Whose comment it is and what they are here, as now; whether it is still what it was; and
        whether it or its author was not found, once so far.
        """
        github, org = self._world.github, self._org.reference
        now = self._ask(
            ("approval", one.comment_id), github.comment, self._ctx.repo, one.comment_id
        )
        account = _today(author, now)
        found = self._ask(("approver", account.id), github.membership, org, account.login)
        unedited = (
            now is not None
            and (now.author.id, now.body, now.updated_at)
            == (account.id, one.comment, one.updated_at)
            and not (now.edited or now.via_app)
        )
        sure = [
            self._is_sure(f"comment {one.comment_id}", found=now is not None),
            self._is_sure(f"member {account.id}", found=found is not None),
        ]
        return account, found, unedited, not all(sure)

    def owners(self) -> list[Account]:
        """The organization's active owners."""
        found: list[Account] = self._ask("owners", self._world.github.owners, self._org.reference)
        return found

    def _teams_of(self, account: Account, case: Case) -> dict[str, bool]:
        """For each team that a rule names here whether the account is surely in it: two calls."""
        slugs = sorted(teams_to_read(case, self.policy))
        return {
            slug: self._ask(("in team", slug, account.id), self._is_in_team, slug, account) is True
            for slug in slugs
        }

    def _membership(self) -> Membership | None:
        world, ctx = self._world, self._ctx
        found = world.github.membership(ctx.org.reference, self._author().login)
        if found is not None:
            self._found(Fact.MEMBERSHIP)
        if found is not None and not found.is_owner:
            world.recent_denials.note(ctx.org.id, ctx.comment.author.id, world.clock.now())
        said = f"{found.role}, {found.state}" if found else "no member"
        entry = note(world, "membership", ctx.comment.author, said, comment_id=ctx.comment.id)
        world.record.note_org(ctx.org.id, entry, request_id=ctx.request_id)
        return found


def _today(author: Account, comment: Comment | None) -> Account:
    """The author by the login that GitHub tells with their comment: people are renamed."""
    return comment.author if comment is not None and comment.author.id == author.id else author
