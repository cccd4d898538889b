"""What GitHub tells now of the requests that are judged together: each thing is asked once."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta

from bot.domain.access import ends_to_come, held_unlisted
from bot.domain.accounts import Account, Organization, Repository
from bot.domain.case import Case, Fact, Proceed, Verdict, Wait, Waiting
from bot.domain.entitlement import command_of, time_limit
from bot.domain.judgement import judge
from bot.domain.permissions import Held
from bot.domain.policy import facts as policy_facts
from bot.domain.policy.evaluation import Judgement, evaluate
from bot.domain.policy.facts import UNREAD
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.renewal import limit_of
from bot.domain.times import FACTS_ARE_FRESH, GONE_FOR_GOOD
from bot.domain.token_request import Grant, State, TokenRequest
from bot.domain.tokens import basis_of, has_unknown_limit
from bot.handlers.commands.answers import Answers, if_told
from bot.handlers.commands.renewals import Renewals
from bot.handlers.commands.undelivered import undelivered_stops
from bot.handlers.deferral import wait_for
from bot.handlers.earlier_requests import all_other_requests
from bot.handlers.gaps import gap_of
from bot.handlers.in_force import policy_of
from bot.handlers.organizations.requester import has_left
from bot.handlers.requests.grants import read_grants
from bot.handlers.requests.outcome import requests_of_same_token
from bot.ports import Defer, NotFound, World

log = logging.getLogger(__name__)


class RequestFacts(Answers):
    """`rows` are the requests that are judged together, by `policy`."""

    def __init__(
        self, world: World, org: OrganizationRecord, rows: Sequence[RequestRecord]
    ) -> None:
        super().__init__(world)
        self._org, self._rows = org, rows
        self.policy = policy_of(world, org.id)
        self._unsure: set[tuple[str, int]] = set()
        self._too_slow: set[tuple[str, int]] = set()

    def judge(self, case: Case, *, stop_before: Fact | None = None) -> tuple[Verdict, Case]:
        """The verdict, after asking GitHub one by one for the facts that it waits for."""
        verdict = judge(case, self.policy)
        while isinstance(verdict, Wait) and verdict.fact and verdict.fact is not stop_before:
            if not self._told:
                self.read_at = self._world.clock.now()
            case = self._with(case, verdict.fact)
            case = replace(case, read_at=self.read_at, now=self._world.clock.now())
            verdict = judge(case, self.policy)
        return verdict, case

    def require_same(self, case: Case) -> None:
        """Once the intent is recorded: nothing came between that changes the verdict. Of two that
        are decided at the same moment one at least sees the other's intent by now. GitHub is not
        asked again. Raises Defer.
        """
        again = self.judge_again(case)
        wait_for(self._world, again)
        if again != Proceed() or self.is_outdated:
            raise Defer("something changed since it was judged", 0)

    def judge_again(self, case: Case) -> Verdict:
        """The verdict by what the record says now, and GitHub said before."""
        now = replace(case, now=self._world.clock.now())
        if isinstance(case.ruling, Judgement):
            now = self._with(now, Fact.RULES)
        if isinstance(case.others, Sequence):
            now = self._with(now, Fact.OTHERS)
        again = judge(now, self.policy)
        if again == Proceed() and time_limit(now, self.policy) != time_limit(case, self.policy):
            return Wait(Waiting.OLD_FACTS, timedelta())
        return again

    @property
    def is_outdated(self) -> bool:
        """Whether another policy is in force by now."""
        return policy_of(self._world, self._org.id).sha != self.policy.sha

    def read(self, case: Case, fact: Fact) -> Case:
        """The case with one more fact, asked for whether or not anything waits for it."""
        return self._with(case, fact)

    def send_again(self, side_by_side: Executor) -> Callable[[], None]:
        """The same; who is not found in a team was not found once more then."""
        self._unsure.clear()
        return super().send_again(side_by_side)

    def _with(self, case: Case, fact: Fact) -> Case:
        match fact:
            case Fact.LISTED:
                return replace(case, listed=self._listed(case.row))
            case Fact.STOPS if case.row:
                stops = self._ask(fact, undelivered_stops, self._world, self._org, self._rows)
                has_stop = None if stops is None else case.row.key in stops
                return replace(case, unanswered_stop=has_stop)
            case Fact.REQUESTER:
                return replace(case, requester_left=self._requester_left(case))
            case Fact.GRANTS:
                return replace(case, has_access=self._has_access(case.row))
            case Fact.OTHERS if case.row and isinstance(case.listed, TokenRequest):
                return replace(case, others=self._other_grants(case.row, case.listed))
            case Fact.RULES if case.row and isinstance(case.listed, TokenRequest):
                ruling = self._ruling(case.row, case.listed)
                commanded = command_of(ruling.enforced) if case.comment is None else None
                case = replace(case, command=commanded or case.command)
                return replace(case, ruling=ruling, unsure=frozenset(self._unsure))
        raise AssertionError(f"nobody reads {fact}")

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
        count = len(repositories)
        return replace(
            found, repositories=repositories, repositories_known=True, repository_count=count
        )

    def _pending(self) -> dict[int, TokenRequest]:
        """One request is asked for by its token, several by the whole list."""
        token_id = self._rows[0].request.token_id if len(self._rows) == 1 else None
        tokens = [] if token_id is None else [token_id]
        pending = self._world.github.pending_requests(self._org.reference, tokens)
        return {one.id: one for one in pending}

    def _repositories(self, request_id: int) -> tuple[Repository, ...] | None:
        """None: the request is no longer pending."""
        try:
            return self._world.github.request_repositories(self._org.reference, request_id)
        except NotFound:
            return None

    def _requester_left(self, case: Case) -> bool:
        row = case.row
        if row is None or not isinstance(case.listed, TokenRequest):
            return False
        # the login of today, by which GitHub is asked for the person
        row.request = replace(row.request, requester=case.listed.requester)
        key = (Fact.REQUESTER, row.request.requester.id)
        left: bool = self._ask(key, has_left, self._world, self._org, row)
        return left

    def _has_access(self, row: RequestRecord | None) -> bool:
        grants = self._ask(Fact.GRANTS, self._grants)
        return row is not None and row.request.token_id in grants

    def _grants(self) -> dict[int, list[Grant]]:
        """What the tokens of all these requests have by now."""
        asked = {row.request.token_id for row in self._rows}
        tokens = [id_ for id_ in asked if id_ is not None]
        return read_grants(self._world, self._org, tokens)

    # ------------------------------------------------------------ what the rules look at

    def _ruling(self, row: RequestRecord, listed: TokenRequest) -> Judgement:
        return evaluate(self.policy.rules, self.looked_at(row, listed))

    def looked_at(self, row: RequestRecord, listed: TokenRequest) -> policy_facts.Facts:
        """The facts of this request that the rules need. What cannot be read is left out."""
        in_force, needs = self.policy.in_force, self.policy.rules.needs
        adopters = in_force.adopters if in_force else ()
        renewals = Renewals(self._world, self._org, self._ask)
        renewed = renewals.renewed_by(row, listed) if "renewal" in needs else UNREAD
        return policy_facts.facts_of(
            listed,
            self._org.login,
            self._world.clock.now(),
            needs,
            self._other_grants(row, listed) if "danger" in needs else None,
            teams=self._teams_of_requester(listed.requester),
            renewal=UNREAD if renewed is UNREAD else renewed is not None,
            renewed_limit=None if renewed is UNREAD else limit_of(renewed),
            widens_limited_grant=self._may_be_limited(row),
            adopted_by_requester=any(one.account.id == listed.requester.id for one in adopters),
        )

    def _teams_of_requester(self, requester: Account) -> Mapping[str, bool]:
        answers = {
            slug: self._ask(("requester in", slug, requester.id), self._try_team, slug, requester)
            for slug in sorted(self.policy.rules.teams)
        }
        return {slug: answer for slug, answer in answers.items() if answer is not None}

    def _try_team(self, slug: str, account: Account) -> bool | None:
        answer: bool | None = if_told(f"the team {slug}", self._is_in_team, slug, account)
        return answer

    def _is_in_team(self, slug: str, account: Account) -> bool | None:
        """Whether the account is an active member; None: the name leads to another team than when
        the policy was adopted, or to none, or that is not sure yet.
        """
        org, github = self._org.reference, self._world.github
        recorded = self.policy.in_force.ids.teams.get(slug) if self.policy.in_force else None
        team = github.team(org, slug)
        is_same = team is not None and team.id == recorded
        is_in = is_same and github.is_team_member(org, slug, account.login)
        looked_up = is_same or team is None
        if looked_up and not self._is_sure(f"{slug}/{account.id}", found=is_in):
            self._unsure.add((slug, account.id))
            return None
        if not is_same:
            log.warning("the team %s in %s is not the one that was adopted", slug, org.login)
            return None
        return is_in

    def _is_sure(self, what: str, *, found: bool) -> bool:
        """GitHub answers 404 for moments: what is not found is not there when it is not found again
        some time later, for the same job.
        """
        record, looks = self._world.record, (f"job:{self._world.job.id}", what)
        if found:
            if record.intended(*looks) is not None:
                record.forget(*looks)
            return True
        since = record.intend(*looks)
        return since is not None and self._world.clock.now() - since >= GONE_FOR_GOOD

    def _other_grants(self, row: RequestRecord, listed: TokenRequest) -> list[Held] | None:
        """What the requester's other tokens may do here, or will in a moment; None when that cannot
        be told.
        """
        requester = listed.requester
        grants = self._grants_of(requester)
        known = all_other_requests(self._world, row, states=(State.DECIDING, State.APPROVED))
        if grants is None or known is None:
            return None
        others = [one for one in grants if one.token_id != listed.token_id]
        active = [one for one in others if not one.token_expired]
        return [*active, *held_unlisted(known, grants, self._world.clock.now())]

    def _grants_of(self, owner: Account) -> list[Grant] | None:
        """What takes longer to read than facts are fresh is not known: every other fact would be
        too old each time. A server that ignores the owner lists everybody's.
        """
        key, began = ("grants of", owner.id), self._world.clock.now()
        if key in self._too_slow:
            return None
        grants: list[Grant] | None = self._ask(key, self._try_grants, self._org.reference, owner)
        if self._world.clock.now() - began > FACTS_ARE_FRESH:
            log.warning("a decision has to do without a requester's tokens: that takes too long")
            self._too_slow.add(key)
            del self._asked[key]
            return None
        return grants

    def _try_grants(self, org: Organization, owner: Account) -> list[Grant] | None:
        ask = self._world.github.grants_of_owner
        grants: list[Grant] | None = if_told("a requester's tokens", ask, org, owner.login)
        return None if grants is None else [one for one in grants if one.owner.id == owner.id]

    def _may_be_limited(self, row: RequestRecord) -> bool:
        """Whether the token has an access already whose time is limited here, or may be by a
        decision that the record does not know any more.
        """
        token_id, gap = row.request.token_id, gap_of(self._world.record, self._org.id)
        same = requests_of_same_token(self._world, row)
        if ends_to_come(same, self._world.clock.now()):
            return True
        if gap is None or token_id is None:
            return False
        grants = self._ask(Fact.GRANTS, self._grants)
        basis = basis_of(same)
        return any(has_unknown_limit(one, basis, gap) for one in grants.get(token_id, []))
