"""The doctor's checks as tables: what is seen, and what is said of it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.accounts import Account
from bot.domain.doctor import machine
from bot.domain.doctor.app import check_credentials, check_github
from bot.domain.doctor.check import ROWS, Check, Verdict, complete, is_trouble, worst_first
from bot.domain.doctor.facts import (
    AppFacts,
    Attempt,
    Cause,
    GitHubFacts,
    Greeting,
    HookConfig,
    Installed,
    OrganizationFacts,
    PolicyFacts,
    RateLimit,
    RepositoryFacts,
    StoreFacts,
    Unread,
)
from bot.domain.doctor.machine import check_audit, check_secrets, check_store
from bot.domain.doctor.needs import EVENTS, PERMISSIONS
from bot.domain.doctor.organization import check_approval, check_owners
from bot.domain.doctor.pages import Pages
from bot.domain.doctor.policy import check_policy
from bot.domain.doctor.repository import check_repository
from bot.domain.doctor.webhook import check_webhook
from bot.settings import LEAST_SECRET

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
APP = AppFacts(7, "countersign", Account(1, "acme", "Organization"), {}, ())
PAGES = Pages("https://github.com", APP)
AWAY = Unread("no answer in time", Cause.AWAY)
HERE = Installed(5, Account(1, "acme", "Organization"), suspended=False, permissions={})
PATH = "/hooks"
HOOK = HookConfig("https://bot.example/hooks", "json", has_secret=True, verifies_tls=True)


def github(**changes: object) -> GitHubFacts:
    facts = {"greeting": Greeting(200, NOW, "2026-03-10", "api.github.com"), "app": APP,
             "installed": [HERE], "hook": HOOK, "attempts": []}  # fmt: skip
    return GitHubFacts(7, **{**facts, **changes})  # type: ignore[arg-type] # as the tables say


def organization(**changes: object) -> OrganizationFacts:
    facts = {"rate_limit": RateLimit(5000, 5000, NOW), "owners": [], "requesters": [],
             "unasked": [], "policy": PolicyFacts("")}  # fmt: skip
    return OrganizationFacts(HERE, **{**facts, **changes})  # type: ignore[arg-type] # as above


def verdicts(checks: object) -> list[str]:
    return [one.verdict.value for one in checks]  # type: ignore[attr-defined] # any iterable


# ------------------------------------------------------------------ what the App needs


def entries(key: str) -> dict[str, str]:
    """The indented entries under a key of app.yml."""
    text = (Path(__file__).resolve().parents[2] / "app.yml").read_text()
    block = re.search(rf"^{key}:\n((?:[ #].*\n|\n)+)", text, re.M)
    assert block
    pairs = re.findall(r"^  (?:- )?(\w+)(?:: *(\w+))?$", block[1], re.M)
    return dict(pairs)


def test_the_doctor_knows_what_app_yml_asks_for() -> None:
    """A new permission or event needs its label in bot/domain/doctor/needs.py."""
    assert {need.name: need.level for need in PERMISSIONS} == entries("default_permissions")
    assert set(EVENTS) == set(entries("default_events"))


def test_both_know_what_a_short_secret_is() -> None:
    assert machine.LEAST_SECRET == LEAST_SECRET


# ------------------------------------------------------------------ each row


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(0, "ok"), (30, "ok"), (-30, "ok"), (31, "fault"), (-31, "fault")]
)
def test_the_clock(seconds: int, verdict: str) -> None:
    greeting = Greeting(200, NOW + timedelta(seconds=seconds), "2026-03-10", "api.github.com")
    assert verdicts(check_credentials(github(greeting=greeting), PAGES, NOW)) == ["ok", verdict]


@pytest.mark.parametrize(
    ("greeting", "verdict"),
    [(AWAY, "unknown"), (Greeting(200, None, "2026-03-10", "api.github.com"), "unknown")],
)
def test_a_clock_that_github_does_not_tell_is_not_called_right(
    greeting: Greeting | Unread, verdict: str
) -> None:
    assert verdicts(check_credentials(github(greeting=greeting), PAGES, NOW))[1] == verdict


def test_another_app_answers() -> None:
    other = AppFacts(8, "other", APP.owner, {}, ())
    check, _ = check_credentials(github(app=other), PAGES, NOW)
    assert (check.verdict, "App 8" in check.seen) == (Verdict.FAULT, True)


def test_a_rate_limit_for_everybody_is_no_silence() -> None:
    limited = Unread("403, a rate limit", Cause.LIMITED)
    assert verdicts(check_github(github(greeting=limited), [])) == ["unknown"]


@pytest.mark.parametrize(
    ("left", "verdict"), [(5000, "ok"), (500, "ok"), (499, "warning"), (0, "fault")]
)
def test_calls_that_are_left(left: int, verdict: str) -> None:
    org = organization(rate_limit=RateLimit(5000, left, NOW))
    assert verdicts(check_github(github(), [org]))[1:] == [verdict]


def attempts(*statuses: int) -> list[Attempt]:
    """Newest first, each another delivery."""
    return [Attempt(f"guid-{n}", status, NOW) for n, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ([], ["unknown"]),
        (attempts(202), ["ok"]),
        (attempts(401, 202), ["fault"]),
        (attempts(202, 401), ["ok", "warning"]),
        (attempts(502, 202), ["ok", "warning"]),
        (attempts(502, 504), ["fault"]),
        ([Attempt("same", 202, NOW), Attempt("same", 502, NOW)], ["ok"]),
        (AWAY, ["unknown"]),
    ],
)
def test_the_log_of_deliveries(log: list[Attempt] | Unread, found: list[str]) -> None:
    assert verdicts(check_webhook(github(attempts=log), PATH, PAGES))[1:] == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://bot.example/hooks", ["ok"]),
        ("https://bot.example/", ["fault"]),
        ("http://bot.example/hooks", ["warning"]),
        ("http://127.0.0.1:3000/hooks", ["ok"]),
        ("", ["fault"]),
    ],
)
def test_the_url_of_the_webhook(url: str, found: list[str]) -> None:
    hook = HookConfig(url, "json", has_secret=True, verifies_tls=True)
    assert verdicts(check_webhook(github(hook=hook), PATH, PAGES))[:-1] == found


def test_what_may_be_secret_in_a_url_is_not_shown() -> None:
    hook = HookConfig(
        "https://me:hunter2@bot.example/hooks?token=Tr0ub",
        "json",
        has_secret=True,
        verifies_tls=True,
    )
    said = str(list(check_webhook(github(hook=hook), PATH, PAGES)))
    assert "https://bot.example/hooks" in said
    assert "hunter2" not in said
    assert "Tr0ub" not in said


OLGA, OTTO, ROBOT = Account(2, "olga"), Account(3, "otto"), Account(4, "robot", "Bot")


@pytest.mark.parametrize(
    ("owners", "requesters", "verdict"),
    [
        ([OLGA, OTTO], [OLGA], "ok"),
        ([OLGA, OTTO], AWAY, "ok"),
        ([OLGA], [OTTO], "warning"),
        ([OLGA], [OTTO, OLGA], "fault"),
        ([OLGA, ROBOT], [OLGA], "fault"),
        ([ROBOT], [], "fault"),
        ([], [], "fault"),
        (AWAY, [OLGA], "unknown"),
    ],
)
def test_an_owner_besides_each_requester(
    owners: list[Account] | Unread, requesters: list[Account] | Unread, verdict: str
) -> None:
    org = organization(owners=owners, requesters=requesters)
    assert check_owners(org, PAGES).verdict.value == verdict


@pytest.mark.parametrize(
    ("owners", "unasked", "verdict"),
    [
        ([OLGA], [OTTO], "fault"),
        ([OLGA], [OLGA], "unknown"),
        ([OLGA], [], "unknown"),
        (AWAY, [OTTO], "unknown"),
        ([OLGA], AWAY, "unknown"),
    ],
)
def test_approval_is_never_called_well(
    owners: list[Account] | Unread, unasked: list[Account] | Unread, verdict: str
) -> None:
    org = organization(owners=owners, unasked=unasked)
    assert check_approval(org, PAGES).verdict.value == verdict


@pytest.mark.parametrize(
    ("policy", "found", "seen"),
    [
        (PolicyFacts(""), ["ok"], "has no policy in force"),
        (PolicyFacts("abc", ["olga"], NOW), ["ok"], "adopted by olga on 2026-05-04"),
        (PolicyFacts("", waiting="def"), ["ok", "warning"], "Version def"),
        (AWAY, ["unknown"], "no answer in time"),
    ],
)
def test_the_policy(policy: PolicyFacts | Unread, found: list[str], seen: str) -> None:
    checks = list(check_policy(organization(policy=policy), None, NOW))
    assert verdicts(checks) == found
    assert seen in checks[-1].seen


def test_an_admin_repository_that_cannot_be_read_is_not_called_missing() -> None:
    facts = RepositoryFacts("acme/token-requests", HERE, AWAY, AWAY, AWAY, AWAY)
    assert verdicts(check_repository(facts, ["pending"], PAGES)) == ["unknown"]


def store(**changes: object) -> StoreFacts:
    facts = {"place": "var/bot.db", "schema": "0004", "free": 10**11, "oldest": 0.0, "parked": 0,
             "worked_at": NOW, "replicas": 1}  # fmt: skip
    return StoreFacts(**{**facts, **changes})  # type: ignore[arg-type] # as above


@pytest.mark.parametrize(
    ("facts", "troubles"),
    [
        (store(), []),
        (store(free=None), []),
        (store(free=999_999_999), ["warning"]),
        (store(free=99_999_999), ["fault"]),
        (store(oldest=3599.0), []),
        (store(oldest=3600.0), ["warning"]),
        (store(parked=2), ["warning"]),
        (store(worked_at=None), ["warning"]),
        (store(worked_at=NOW - timedelta(minutes=5)), []),
        (store(worked_at=NOW - timedelta(minutes=6)), ["warning"]),
        (AWAY, ["fault"]),
    ],
)
def test_the_store(facts: StoreFacts | Unread, troubles: list[str]) -> None:
    found = [one for one in verdicts(check_store(facts, NOW)) if one != "ok"]
    assert found == troubles


@pytest.mark.parametrize(("cause", "verdict"), [(Cause.OTHER, "fault"), (Cause.AWAY, "unknown")])
def test_an_audit_log_that_cannot_be_read(cause: Cause, verdict: str) -> None:
    assert verdicts(check_audit(Unread("its key is missing", cause), [])) == [verdict]


def test_files_that_cannot_be_looked_at_are_not_called_closed() -> None:
    assert verdicts(check_secrets([], AWAY)) == ["ok", "unknown"]


# ------------------------------------------------------------------ all of them


def test_no_row_is_left_out() -> None:
    """What was not looked at is unknown."""
    found = complete([Check("store", Verdict.OK, "It answers."), Check("App", Verdict.OK, "Good.")])
    assert [one.check for one in found] == list(ROWS)
    well = [one.check for one in found if one.verdict is Verdict.OK]
    assert well == ["App", "store"]


def test_what_is_unknown_is_no_trouble() -> None:
    checks = [Check("App", verdict, "") for verdict in (Verdict.OK, Verdict.UNKNOWN)]
    assert not is_trouble(checks)
    assert is_trouble([*checks, Check("App", Verdict.WARNING, "")])


def test_the_worst_comes_first() -> None:
    every = [Check(row, verdict, "") for row in ("App", "store") for verdict in reversed(Verdict)]
    shown = [f"{one.verdict} {one.check}" for one in worst_first(every)]
    assert shown[:3] == ["fault App", "fault store", "warning App"]
    assert shown[-1] == "ok store"


@pytest.mark.parametrize(
    ("owner", "page"),
    [
        (Account(1, "acme", "Organization"), "/organizations/acme/settings/apps/countersign"),
        (Account(2, "olga"), "/settings/apps/countersign"),
    ],
)
def test_where_the_settings_of_the_app_are(owner: Account, page: str) -> None:
    pages = Pages("https://github.com", AppFacts(7, "countersign", owner, {}, ()))
    assert pages.settings() == f"https://github.com{page}"
    assert Pages("https://github.com", AWAY).settings() == "https://github.com/settings/apps"
