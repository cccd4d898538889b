"""The conditions of POLICY.md's table, each made into a test of facts.

A test is pure and total: it answers yes, no or `UNREAD`, whatever the facts hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.permissions import RANKS, Danger
from bot.domain.policy.facts import (
    UNKNOWN_RANK,
    UNREAD,
    Answer,
    Facts,
    HeldPermission,
    Unread,
)
from bot.domain.policy.globs import Glob, compile_glob, compile_repository_glob
from bot.domain.policy.schema import (
    Conditions,
    DangerCondition,
    LifetimeCondition,
    PermissionCondition,
    ReasonLength,
    RepositoryCondition,
    RequesterCondition,
)
from bot.domain.unseen import is_unseen

GRACE = timedelta(hours=1)
"""GitHub counts a token's lifetime from its making, which is before the request's."""
PERMISSIONS, REPOSITORIES = "permissions", "repositories"
"""`Test.fact` of the conditions on them."""
GROUPS = ("repository", "organization")
"""What `only` may cover; GitHub's other groups are in no catalogue."""
SELECTIONS = ("all", "subset", "none")

RepositoryMatch = Callable[[str], Answer]
"""Whether a rule means the repository of this `owner/name`, in lower case."""

UserIds = Mapping[str, int]
"""Login in lower case → the id that was recorded when the policy was adopted."""


@dataclass(frozen=True)
class Test:
    """One condition. `key` is its place in the rule (`lifetime.at_most`).

    `fact` is what it looks at: permissions, repositories, expiry, teams, users, reason, danger,
    renewal or organization.
    """

    __test__ = False  # pytest, this is none of yours

    key: str
    fact: str
    holds: Callable[[Facts], Answer]


def make_tests(
    conditions: Conditions, user_ids: UserIds | None, organization: str
) -> tuple[Test, ...]:
    """The tests that must all hold. Without `user_ids` users are compared by login; without
    `organization`, its login at the adoption, its login of today is compared.
    """
    return tuple(_tests(conditions, user_ids, organization))


def _tests(given: Conditions, user_ids: UserIds | None, organization: str) -> Iterator[Test]:
    if given.permissions:
        yield from _permissions(given.permissions)
    if given.repositories:
        yield from _repositories(given.repositories, organization)
    if given.expires is not None:
        never = given.expires == "never"
        yield Test("expires", "expiry", lambda facts: (facts.expires_at is None) == never)
    if given.lifetime:
        yield from _lifetime(given.lifetime)
    if given.requester:
        yield _requester(given.requester, user_ids)
    if given.reason:
        yield _reason(given.reason)
    if given.danger:
        yield from _danger(given.danger)
    if given.renewal:
        yield Test("renewal", "renewal", lambda facts: facts.renewal)
    if given.organizations:
        yield _organizations([login.lower() for login in given.organizations], organization)


def _permissions(given: PermissionCondition) -> Iterator[Test]:
    if given.any:
        some = [_at_least(pattern) for pattern in given.any]
        yield _permission_test("any", lambda held: any(_has(held, each) for each in some))
    if given.all:
        each_of = [_at_least(pattern) for pattern in given.all]
        yield _permission_test("all", lambda held: all(_has(held, each) for each in each_of))
    if given.only:
        covers = [_at_most(pattern) for pattern in given.only]
        yield _permission_test("only", lambda held: all(_is_covered(each, covers) for each in held))


def _permission_test(key: str, holds: Callable[[tuple[HeldPermission, ...]], bool]) -> Test:
    return Test(f"permissions.{key}", PERMISSIONS, lambda facts: holds(facts.held))


@dataclass(frozen=True)
class _Pattern:
    """A `P` of POLICY.md's table, made ready. `rank`: the level, at least or at most."""

    name: str
    matches: Glob
    rank: int


def _at_least(pattern: str) -> _Pattern:
    name, _, level = pattern.partition(":")
    return _Pattern(name, compile_glob(name), RANKS.get(level, 0))


def _at_most(pattern: str) -> _Pattern:
    """Without a level any that is known."""
    name, _, level = pattern.partition(":")
    return _Pattern(name, compile_glob(name), RANKS.get(level, UNKNOWN_RANK - 1))


def _has(held: tuple[HeldPermission, ...], wanted: _Pattern) -> bool:
    return any(each.rank >= wanted.rank and any(map(wanted.matches, each.names)) for each in held)


def _is_covered(held: HeldPermission, covers: list[_Pattern]) -> bool:
    """No wildcard covers what this version does not know. Nothing covers an unknown level: its rank
    is above that of every pattern.
    """
    if held.group not in GROUPS:
        return False
    if held.name == "metadata" and held.level == "read":
        return True
    full, known = held.full_name, held.is_known
    return any(
        held.rank <= each.rank and (each.matches(full) if known else each.name == full)
        for each in covers
    )


def _repositories(given: RepositoryCondition, adopted_as: str) -> Iterator[Test]:
    if given.selection:
        wanted = frozenset(given.selection)
        yield Test("repositories.selection", REPOSITORIES, lambda facts: _selects(facts, wanted))
    if given.any:
        some = _compile_globs(given.any, adopted_as)
        yield Test("repositories.any", REPOSITORIES, lambda facts: _any_repository(facts, some))
    if given.only:
        all_of = _compile_globs(given.only, adopted_as)
        yield Test(
            "repositories.only", REPOSITORIES, lambda facts: _only_repositories(facts, all_of)
        )
    if given.visibility:
        private = given.visibility == "private"
        yield Test("repositories.visibility", REPOSITORIES, lambda facts: _visible(facts, private))
    if given.at_most is not None:
        yield _repository_count(given.at_most)


def _selects(facts: Facts, wanted: frozenset[str]) -> Answer:
    return facts.selection in wanted if facts.selection in SELECTIONS else UNREAD


def _any_repository(facts: Facts, is_meant: RepositoryMatch) -> Answer:
    if facts.selection != "subset":
        return facts.selection == "all" if facts.selection in SELECTIONS else UNREAD
    if isinstance(facts.chosen, Unread):
        return UNREAD
    answers = [is_meant(full_name) for full_name, _private in facts.chosen]
    if True in answers:
        return True
    return UNREAD if UNREAD in answers else False


def _only_repositories(facts: Facts, is_meant: RepositoryMatch) -> Answer:
    if facts.selection != "subset":
        return False if facts.selection in SELECTIONS else UNREAD
    if isinstance(facts.chosen, Unread):
        return UNREAD
    answers = [is_meant(full_name) for full_name, _private in facts.chosen]
    if False in answers or not answers:
        return False
    return UNREAD if UNREAD in answers else True


def _compile_globs(patterns: list[str], adopted_as: str) -> RepositoryMatch:
    """Repositories are meant by their organization's login at the adoption. What is found by its
    login of today alone may have meant another organization then: that tells nothing.
    """
    globs, owner = [compile_repository_glob(pattern) for pattern in patterns], adopted_as.lower()

    def is_meant(full_name: str) -> Answer:
        name = full_name.rpartition("/")[2]
        if any(matches(f"{owner}/{name}" if owner else full_name) for matches in globs):
            return True
        return UNREAD if any(matches(full_name) for matches in globs) else False

    return is_meant


def _visible(facts: Facts, private: bool) -> Answer:
    if facts.selection != "subset":
        return False if facts.selection in SELECTIONS else UNREAD
    if isinstance(facts.chosen, Unread):
        return UNREAD
    told = [is_private for _full_name, is_private in facts.chosen]
    if not told or (not private) in told:
        return False
    return UNREAD if None in told else True


def _repository_count(most: int) -> Test:
    def holds(facts: Facts) -> Answer:
        if facts.selection != "subset":
            return facts.selection == "none" if facts.selection in SELECTIONS else UNREAD
        return UNREAD if isinstance(facts.chosen, Unread) else len(facts.chosen) <= most

    return Test("repositories.at_most", REPOSITORIES, holds)


def _lifetime(given: LifetimeCondition) -> Iterator[Test]:
    if given.at_most:
        most = given.at_most + GRACE
        yield Test("lifetime.at_most", "expiry", lambda facts: not _is_longer(facts, most))
    if given.more_than:
        more = given.more_than + GRACE
        yield Test("lifetime.more_than", "expiry", lambda facts: _is_longer(facts, more))


def _is_longer(facts: Facts, than: timedelta) -> bool:
    """Never is longer than any time."""
    return facts.expires_at is None or facts.expires_at - facts.created_at > than


def _requester(given: RequesterCondition, user_ids: UserIds | None) -> Test:
    teams = [slug.lower() for slug in given.teams]
    users = [login.lower() for login in given.users]

    def holds(facts: Facts) -> Answer:
        answers: list[Answer] = [facts.teams.get(slug, UNREAD) for slug in teams]
        answers += [
            is_user(login, facts.requester.login, facts.requester.id, user_ids) for login in users
        ]
        if True in answers:
            return True
        return UNREAD if UNREAD in answers else False

    return Test("requester", "teams" if teams else "users", holds)


def is_user(named: str, login: str, user_id: int, user_ids: UserIds | None) -> Answer:
    """Whether the account is the one that the policy names.

    The id that was recorded at adoption decides. A name that now belongs to another account tells
    nothing.
    """
    if user_ids is None:
        return named == login.lower()
    recorded = user_ids.get(named)
    if recorded is not None and recorded == user_id:
        return True
    return UNREAD if recorded is None or named == login.lower() else False


def _reason(given: object) -> Test:
    if isinstance(given, ReasonLength):
        least = given.at_least
        return _length_test("reason.at_least", lambda length: length >= least)
    return _length_test("reason", lambda length: length == 0)


def _length_test(key: str, fits: Callable[[int], bool]) -> Test:
    def holds(facts: Facts) -> Answer:
        return UNREAD if isinstance(facts.reason, Unread) else fits(_length(facts.reason or ""))

    return Test(key, "reason", holds)


def _length(text: str) -> int:
    """Characters that are seen, without the blanks around them."""
    return len("".join(c for c in text if c.isspace() or not is_unseen(c)).strip())


def _danger(given: DangerCondition) -> Iterator[Test]:
    if given.at_least:
        least = Danger[given.at_least.upper()]
        yield Test("danger.at_least", "danger", lambda facts: _is_at_least(facts, least))
    if given.at_most:
        above = Danger[given.at_most.upper()] + 1
        yield Test("danger.at_most", "danger", lambda facts: _not(_is_at_least(facts, above)))


def _is_at_least(facts: Facts, least: int) -> Answer:
    """The token alone may be as dangerous, whatever else the requester has."""
    if not isinstance(facts.danger, Unread):
        return facts.danger >= least
    alone = facts.danger_alone
    return True if not isinstance(alone, Unread) and alone >= least else UNREAD


def _not(answer: Answer) -> Answer:
    return answer if answer is UNREAD else not answer


def _organizations(logins: list[str], adopted_as: str) -> Test:
    def holds(facts: Facts) -> Answer:
        known = adopted_as or facts.organization
        return UNREAD if isinstance(known, Unread) else known.lower() in logins

    return Test("organizations", "organization", holds)
