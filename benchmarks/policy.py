"""What judging by a policy costs: 10,000 recorded requests, by two versions.

`python -m benchmarks.policy`. The small policy is config/policies/company.yml; the large one has
200 rules, of which each looks at several facts.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.accounts import Account, Repository
from bot.domain.permissions import Danger
from bot.domain.policy.evaluation import evaluate
from bot.domain.policy.facts import Facts
from bot.domain.policy.loading import load
from bot.domain.policy.replay import Recorded, replay
from bot.domain.policy.rules import NO_RULES, Rules, compile_rules

REQUESTS = 10_000
NOW = datetime(2026, 11, 29, tzinfo=UTC)
COMPANY = Path(__file__).resolve().parents[1] / "config/policies/company.yml"
RULE = """
- name: r{0}
  when:
    permissions: {{only: [issues, "team_{0}*"]}}
    repositories: {{only: ["*a*b*{0}*"], at_most: 9}}
  approve: {{}}"""


def main() -> None:
    """Print the figures as a table in Markdown."""
    large = "version: 1\nmode: enforce\nrules:" + "".join(map(RULE.format, range(200)))
    requests = [Recorded(f"#{number}", _facts(number)) for number in range(REQUESTS)]
    print(
        "| policy | rules | read ms | one request µs | replay of 10,000 s |\n|---|---|---|---|---|"
    )
    for name, raw in (("company", COMPANY.read_bytes()), ("200 rules", large.encode())):
        start = time.perf_counter()
        rules = _rules(raw)
        read = time.perf_counter() - start
        single = _single(rules, requests[0].facts)
        start = time.perf_counter()
        replay(NO_RULES, rules, requests)
        took = time.perf_counter() - start
        print(
            f"| {name} | {len(rules.rules)} | {read * 1e3:.0f} | {single * 1e6:.0f} | {took:.1f} |"
        )


def _rules(raw: bytes) -> Rules:
    loaded = load(raw)
    if loaded.document is None:
        raise SystemExit(loaded.problems)
    return compile_rules(loaded.document)


def _single(rules: Rules, facts: Facts) -> float:
    start = time.perf_counter()
    for _ in range(200):
        evaluate(rules, facts)
    return (time.perf_counter() - start) / 200


def _facts(number: int) -> Facts:
    names = [f"acme/service-{number % 97}-{each}" for each in range(number % 7 + 1)]
    return Facts(
        permissions={"repository": {"contents": "read", "issues": "write", "metadata": "read"}},
        selection="subset",
        repositories=tuple(Repository(i, name, private=True) for i, name in enumerate(names)),
        created_at=NOW,
        expires_at=NOW + timedelta(days=number % 60 + 1),
        requester=Account(number % 500 + 1, f"user-{number % 500}"),
        now=NOW,
        organization="acme",
        reason="a reason of some length",
        danger=Danger.MEDIUM,
        renewal=number % 5 == 0,
        widens_limited_grant=False,
        adopted_by_requester=False,
    )


if __name__ == "__main__":
    main()
