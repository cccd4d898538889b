"""A policy made ready for use: done once a version, so that judging a request is quick."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from bot.domain.policy.conditions import Test, UserIds, make_tests
from bot.domain.policy.facts import UNREAD, Facts
from bot.domain.policy.schema import GrantsPart, PolicyFile, Reviewers, Rule


@dataclass(frozen=True)
class ReadyRule:
    """A rule with its tests. `ends_at`: the first moment at which it no longer applies."""

    rule: Rule
    when: tuple[Test, ...]
    unless: tuple[Test, ...] | None
    in_shadow: bool
    ends_at: datetime | None


@dataclass(frozen=True)
class Rules:
    """The rules of one version. `user_ids` None: users are compared by login (no adopted version).

    `teams`: the slugs, in lower case, that conditions name: whoever gathers facts reads these.
    `needs`: the facts that any condition looks at (`Test.fact`): the others need not be read.
    `grants`: which active tokens are revoked without a person, if any.
    """

    rules: tuple[ReadyRule, ...]
    reviewers: Mapping[str, Reviewers]
    user_ids: UserIds | None
    teams: frozenset[str]
    needs: frozenset[str]
    grants: GrantsPart | None = None


NO_RULES = Rules((), {}, None, frozenset(), frozenset())
"""Without a policy."""


def compile_rules(
    document: PolicyFile, user_ids: UserIds | None = None, organization: str = ""
) -> Rules:
    """The rules of this file. Of a version that was adopted, as recorded then: `user_ids`, login →
    id, and the organization's own login, which also owns the repositories that they name. A rename
    changes what no rule says.
    """
    ids = None if user_ids is None else {login.lower(): id_ for login, id_ in user_ids.items()}
    rules = tuple(_ready(rule, document.mode, ids, organization) for rule in document.rules)
    tests = [test for rule in rules for test in (*rule.when, *(rule.unless or ()))]
    return Rules(
        rules,
        document.reviewers,
        ids,
        frozenset(_teams(document)),
        frozenset(test.fact for test in tests),
        document.grants if document.mode == "enforce" else None,
    )


def narrowed(rules: Rules, facts: Facts, about: str) -> Rules:
    """The same rules for requests that are like this one in a fact (`Test.fact`), quicker to judge.

    Rules that the fact rules out are left out, and so are its conditions that hold: outcomes are
    the same, `findings` lack what is left out.
    """
    return replace(rules, rules=tuple(_narrowed(rules.rules, facts, about)))


def _narrowed(rules: tuple[ReadyRule, ...], facts: Facts, about: str) -> Iterator[ReadyRule]:
    for ready in rules:
        when = _rest(ready.when, facts, about)
        unless = None if ready.unless is None else _rest(ready.unless, facts, about)
        if when is not None and unless != ():
            same = (when, unless) == (ready.when, ready.unless)
            yield ready if same else replace(ready, when=when, unless=unless)


def _rest(tests: tuple[Test, ...], facts: Facts, about: str) -> tuple[Test, ...] | None:
    """The tests that this fact leaves open; None when it fails one."""
    answers = [test.holds(facts) if test.fact == about else UNREAD for test in tests]
    if False in answers:
        return None
    return tuple(test for test, answer in zip(tests, answers, strict=True) if answer is UNREAD)


def _ready(rule: Rule, mode: str, user_ids: UserIds | None, organization: str) -> ReadyRule:
    return ReadyRule(
        rule,
        make_tests(rule.when, user_ids, organization),
        None if rule.unless is None else make_tests(rule.unless, user_ids, organization),
        (rule.mode or mode) == "shadow",
        _end_of(rule),
    )


def _end_of(rule: Rule) -> datetime | None:
    """The end of its last day, in UTC; none for the last day of all, which nothing follows."""
    if rule.until is None or rule.until == rule.until.max:
        return None
    return datetime.combine(rule.until, time(), UTC) + timedelta(days=1)


def _teams(document: PolicyFile) -> set[str]:
    return {
        slug.lower()
        for rule in document.rules
        for conditions in (rule.when, rule.unless)
        if conditions and conditions.requester
        for slug in conditions.requester.teams
    }
