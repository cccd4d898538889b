"""What judging by a policy costs: 10,000 recorded requests, by the version in force and a new one.

`python -m benchmarks.policy`. The small policy is config/policies/company.yml. The large ones have
200 rules: in one each ends at the permissions, in the other each looks at the repositories too. A
replay reads the requests from a SQLite database. Its memory is what it takes beyond that before.
Seconds are the processor's, so that others who use the machine do not count.
"""

import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bot.domain.accounts import Account, Repository
from bot.domain.card_facts import CardFacts
from bot.domain.policy.evaluation import evaluate
from bot.domain.policy.facts import Facts
from bot.domain.policy.loading import load
from bot.domain.policy.recorded import recorded_facts
from bot.domain.policy.replay import replay
from bot.domain.policy.rules import NO_RULES, Rules, compile_rules
from bot.domain.record import IssueRef, OrganizationRecord, RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.policies.replay import recorded_requests
from bot.storage import Store
from bot.storage.record.requests import _columns
from bot.storage.tables import TOKEN_REQUESTS

REQUESTS = 10_000
NOW = datetime(2026, 11, 29, tzinfo=UTC)
ACME = OrganizationRecord(1, "acme", 1)
COMPANY = Path(__file__).resolve().parents[1] / "config/policies/company.yml"
RULE = """
- name: r{0}
  when:
    permissions: {{only: [%s]}}
    repositories: {{only: ["*a*b*{0}*"], at_most: 9}}
  approve: {{}}"""
RENEWALS = """
- {name: renewals, when: {renewal: true}, approve: {}}"""
HEAD = "version: 1\nmode: enforce\nrules:"


def main() -> None:
    """Print the figures as a table in Markdown."""
    policies = {
        "company": COMPANY.read_bytes(),
        "renewals": (HEAD + RENEWALS).encode(),
        "200 rules, permissions": _large('issues, "team_{0}*"'),
        "200 rules, repositories": _large('"*"'),
    }
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/bot.db", app_id=1)
        _fill(store)
        print("| policy | rules | read ms | one request µs | replay of 10,000 s | memory MB |")
        print(f"|{'---|' * 6}")
        for name, raw in policies.items():
            print(f"| {name} | {' | '.join(_figures(store, raw))} |")
        store.close()


def _large(permission: str) -> bytes:
    return (HEAD + "".join((RULE % permission).format(n) for n in range(200))).encode()


def _figures(store: Store, raw: bytes) -> list[str]:
    start = time.process_time()
    rules = _rules(raw)
    read = time.process_time() - start
    single = _single(rules, recorded_facts(_row(1), "acme", NOW))
    before, start = _memory(), time.process_time()
    since = NOW - timedelta(days=90)
    found = replay(NO_RULES, rules, recorded_requests(store.record, ACME, since, rules.needs))
    took = time.process_time() - start
    assert found.judged == REQUESTS
    figures = len(rules.rules), read * 1e3, single * 1e6
    return [*(f"{one:.0f}" for one in figures), f"{took:.1f}", f"{_memory() - before:.0f}"]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _fill(store: Store) -> None:
    rows = [{**_columns(_row(number)), "version": 1} for number in range(1, REQUESTS + 1)]
    with store._database.write() as connection:  # noqa: SLF001 - quicker than saving each
        connection.execute(insert(TOKEN_REQUESTS), rows)


def _rules(raw: bytes) -> Rules:
    loaded = load(raw)
    if loaded.document is None:
        raise SystemExit(loaded.problems)
    return compile_rules(loaded.document)


def _single(rules: Rules, facts: Facts) -> float:
    start = time.process_time()
    for _ in range(200):
        evaluate(rules, facts)
    return (time.process_time() - start) / 200


def _row(number: int) -> RequestRecord:
    names = [f"acme/service-{number % 97}-{each}" for each in range(number % 7 + 1)]
    made = NOW - timedelta(minutes=number)
    request = TokenRequest(
        org_id=1,
        id=number,
        requester=Account(number % 500 + 1, f"user-{number % 500}"),
        token_name=f"token {number}",
        result={"repository": {"contents": "read", "issues": "write", "metadata": "read"}},
        selection="subset",
        created_at=made,
        token_id=number,
        repositories=tuple(Repository(i, name, private=True) for i, name in enumerate(names)),
        repository_count=len(names),
        repositories_known=True,
        expires_at=made + timedelta(days=number % 60 + 1),
        reason="a reason of some length",
        reason_known=True,
    )
    issue = IssueRef(1, "acme/token-requests", number)
    return RequestRecord(request, State.PENDING, issue=issue, card=CardFacts(()))


if __name__ == "__main__":
    main()
