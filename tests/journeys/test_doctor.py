"""`python app.py doctor`: every fault that is planted is named, with its cure."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.domain.accounts import Account
from bot.domain.doctor.check import ROWS
from bot.domain.policy_version import Adopter, NamedIds, PolicyInForce
from bot.sandbox.auth import pem
from bot.storage.codec import dump
from tests.journeys.clinic import Clinic, clinic, run
from tests.journeys.outside import outside, status_and_words
from tests.journeys.stage import stage, until

Settings = dict[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with clinic(tmp_path_factory.mktemp("clinic")) as one:
        yield one


# ------------------------------------------------------------------ what is planted


@contextmanager
def wrong_key(house: Clinic) -> Iterator[Settings]:
    other = house.folder / "other.pem"
    other.write_text(pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    other.chmod(0o600)
    yield {"PRIVATE_KEY_PATH": str(other)}


@contextmanager
def wrong_app_id(_house: Clinic) -> Iterator[Settings]:
    yield {"APP_ID": "7"}


@contextmanager
def unknown_app_id(house: Clinic) -> Iterator[Settings]:
    fault = house.gh.failures.add(
        path="^/app$", status=404, message="Integration not found", times=None
    )
    yield {}
    house.gh.failures.remove(fault)


def clock(minutes: int) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        house.gh.ahead = timedelta(minutes=minutes)
        yield {}
        house.gh.ahead = timedelta()

    return plant


@contextmanager
def away(_house: Clinic) -> Iterator[Settings]:
    yield {"GITHUB_API_URL": "http://127.0.0.1:9"}


@contextmanager
def silent(house: Clinic) -> Iterator[Settings]:
    fault = house.gh.failures.add(status=502, times=None)
    yield {}
    house.gh.failures.remove(fault)


@contextmanager
def old_server(house: Clinic) -> Iterator[Settings]:
    said = "2022-11-28 is not a supported API version."
    fault = house.gh.failures.add(path="^/meta$", status=400, message=said)
    yield {}
    house.gh.failures.remove(fault)


def calls_left(left: int) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        caller = f"installation {house.acme.installation.id}"
        budget = house.gh.limits.budget(caller, house.gh.now())
        before, budget.used = budget.used, 5000 - left
        yield {}
        budget.used = before

    return plant


@contextmanager
def app_lacks_permission(house: Clinic) -> Iterator[Settings]:
    level = house.gh.app.permissions.pop("organization_personal_access_tokens")
    yield {}
    house.gh.app.permissions["organization_personal_access_tokens"] = level


@contextmanager
def app_only_reads_issues(house: Clinic) -> Iterator[Settings]:
    house.gh.app.permissions["issues"] = "read"
    yield {}
    house.gh.app.permissions["issues"] = "write"


@contextmanager
def app_lacks_event(house: Clinic) -> Iterator[Settings]:
    house.gh.app.events.remove("issue_comment")
    yield {}
    house.gh.app.events.append("issue_comment")


@contextmanager
def contents_not_accepted(house: Clinic) -> Iterator[Settings]:
    level = house.acme.installation.permissions.pop("contents")
    yield {}
    house.acme.installation.permissions["contents"] = level


@contextmanager
def permission_not_accepted(house: Clinic) -> Iterator[Settings]:
    held = house.acme.installation.permissions
    level = held.pop("organization_personal_access_tokens")
    yield {}
    held["organization_personal_access_tokens"] = level


def hook(**changes: object) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        before = {name: getattr(house.gh.hook, name) for name in changes}
        for name, value in changes.items():
            setattr(house.gh.hook, name, value)
        yield {}
        for name, value in before.items():
            setattr(house.gh.hook, name, value)

    return plant


def _delivered(house: Clinic) -> None:
    """One delivery arrives."""
    house.acme.says(house.acme.mia, 1, "Thank you.")
    assert house.gh.settle()


def _restart(house: Clinic, secret: str) -> None:
    house.scene.stop_bot()
    house.scene.environ["WEBHOOK_SECRET"] = secret
    house.scene.start_bot()


@contextmanager
def wrong_secret(house: Clinic) -> Iterator[Settings]:
    wrong, right = "another secret than GitHub has", house.scene.environ["WEBHOOK_SECRET"]
    _restart(house, wrong)
    _delivered(house)
    yield {}
    _restart(house, right)
    house.gh.redeliver(house.gh.deliveries[-1].guid)
    house.scene.idle()


@contextmanager
def lost_deliveries(house: Clinic) -> Iterator[Settings]:
    with house.gh.drop_deliveries():
        _delivered(house)
    yield {}
    house.gh.redeliver(house.gh.deliveries[-1].guid)
    assert house.gh.settle()


@contextmanager
def suspended(house: Clinic) -> Iterator[Settings]:
    house.gh.suspend(house.acme.installation)
    yield {}
    house.gh.unsuspend(house.acme.installation)


@contextmanager
def not_allowed(_house: Clinic) -> Iterator[Settings]:
    yield {"ORGANIZATIONS": "other"}


@contextmanager
def one_owner(house: Clinic) -> Iterator[Settings]:
    otto = house.acme.org.members[house.acme.otto.id]
    otto.role = "member"
    yield {}
    otto.role = "admin"


@contextmanager
def only_the_requester_is_owner(house: Clinic) -> Iterator[Settings]:
    members = house.acme.org.members
    before = {number: one.role for number, one in members.items()}
    for number, one in members.items():
        one.role = "admin" if number == house.acme.mia.id else "member"
    yield {}
    for number, role in before.items():
        members[number].role = role


@contextmanager
def no_admin_repository(_house: Clinic) -> Iterator[Settings]:
    yield {"ADMIN_REPO": "nowhere"}


@contextmanager
def app_not_where_the_hub_is(_house: Clinic) -> Iterator[Settings]:
    yield {"ADMIN_REPO": "hub-inc/requests", "ORGANIZATIONS": "acme"}


def repository(**changes: bool) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        for name, value in changes.items():
            setattr(house.acme.admin, name, value)
        yield {}
        for name, value in changes.items():
            setattr(house.acme.admin, name, not value)

    return plant


@contextmanager
def other_repositories(house: Clinic) -> Iterator[Settings]:
    house.acme.installation.repositories = None
    yield {}
    house.acme.installation.repositories = [house.acme.admin]


@contextmanager
def no_labels(house: Clinic) -> Iterator[Settings]:
    label = house.acme.admin.labels.pop("pending")
    yield {}
    house.acme.admin.labels["pending"] = label


@contextmanager
def no_database(house: Clinic) -> Iterator[Settings]:
    yield {"DATABASE_URL": f"sqlite:///{house.folder}/typo.db"}
    assert not (house.folder / "typo.db").exists(), "the doctor makes nothing"


@contextmanager
def no_such_file_of_a_database(house: Clinic) -> Iterator[Settings]:
    (house.folder / "notes.txt").write_text("no database at all\n" * 100)
    yield {"DATABASE_URL": f"sqlite:///{house.folder}/notes.txt"}


def copied(*statements: str) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        with house.copy(*statements) as url:
            yield {"DATABASE_URL": url}

    return plant


@contextmanager
def unsigned(house: Clinic) -> Iterator[Settings]:
    with house.copy("UPDATE audit_heads SET key = NULL, signature = NULL") as url:
        (house.folder / "copy.db.audit-key").unlink()
        yield {"DATABASE_URL": url}


@contextmanager
def no_audit_key(house: Clinic) -> Iterator[Settings]:
    with house.copy() as url:
        (house.folder / "copy.db.audit-key").unlink()
        yield {"DATABASE_URL": url}


def opened(name: str) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        (house.folder / name).chmod(0o644)
        yield {}
        (house.folder / name).chmod(0o600)

    return plant


@contextmanager
def short_secret(_house: Clinic) -> Iterator[Settings]:
    yield {"WEBHOOK_SECRET": "Xq7#short"}


@contextmanager
def open_dotenv(house: Clinic) -> Iterator[Settings]:
    file = house.folder / ".env"
    file.write_text("WEBHOOK_SECRET_PREVIOUS=the one before the present one\n")
    file.chmod(0o640)
    yield {}
    file.unlink()


@contextmanager
def open_key_of_the_set_up(house: Clinic) -> Iterator[Settings]:
    file = house.folder / "var" / "secrets.key"
    file.parent.mkdir()
    file.write_text("the key that the set-up keeps\n")
    file.chmod(0o604)
    yield {}
    file.unlink()


def policy(rules: str, **ids: int) -> Callable[[Clinic], AbstractContextManager[Settings]]:
    """An adopted policy; `ids`: what its users and teams led to then, else what they lead to now.

    The team `ops` has olga in it, the team `empty` nobody.
    """

    @contextmanager
    def plant(house: Clinic) -> Iterator[Settings]:
        acme, gh = house.acme, house.gh
        teams = {one.slug: one for one in (gh.add_team(acme.org, "ops", acme.olga),
                                           gh.add_team(acme.org, "empty"))}  # fmt: skip
        away = house.scene.gh.add_user(f"nora-{len(gh.users)}")
        text = f"version: 1\nmode: enforce\n{rules}\n".replace("nora", away.login)
        users = {away.login: away.id, "mia-acme": acme.mia.id, "gone": 7}
        found = {slug: one.id for slug, one in teams.items()} | {"lost": 8}
        named = NamedIds({**users, **_among(ids, users)}, {**found, **_among(ids, found)})
        at = house.scene.clock.now()
        adopter = Adopter(account(acme.olga), at, 1, "/adopt", "")
        adopted = PolicyInForce(acme.org.id, "c0ffee", text, (adopter,), at, named, acme.org.id, 1)
        row = f"{acme.org.id}, 1, 'c0ffee', 0, '{dump(adopted).replace(chr(39), chr(39) * 2)}'"
        with house.copy(f"INSERT INTO policies VALUES ({row})") as url:
            yield {"DATABASE_URL": url}
        for one in teams.values():
            gh.remove_team(acme.org, one)

    return plant


def _among(ids: dict[str, int], names: dict[str, int]) -> dict[str, int]:
    return {name.replace("_", "-"): number for name, number in ids.items()
            if name.replace("_", "-") in names}  # fmt: skip


def account(user: Any) -> Account:
    return Account(user.id, user.login)


TWO_OF = "reviewers: {sec: {%s}}\nrules: [{name: two, when: {}, review: {by: [sec], approvals: 2}}]"
ONE_OF = TWO_OF.replace("approvals: 2", "approvals: 1")

_LAST = "(SELECT max(id) FROM history)"
FAULTS = [
    (wrong_key, "credentials fault", "does not accept it", "new private key"),
    (wrong_app_id, "credentials fault", "APP_ID 7", "Compare APP_ID"),
    (unknown_app_id, "credentials fault", "Integration not found", "Compare APP_ID"),
    (clock(5), "credentials fault", "behind GitHub's", "Set the clock"),
    (clock(-5), "credentials fault", "ahead of GitHub's", "Set the clock"),
    (away, "GitHub fault", "GitHub does not answer", "GITHUB_API_URL"),
    (silent, "GitHub fault", "502", "status page"),
    (old_server, "GitHub fault", "does not know API version", "GITHUB_API_URL"),
    (calls_left(400), "GitHub warning", "of 5000 calls are left for acme", "wait"),
    (calls_left(0), "GitHub fault", "0 of 5000 calls are left for acme", "wait"),
    (
        app_lacks_permission,
        "App fault",
        "Personal access tokens: Read and write",
        "permissions page",
    ),
    (app_only_reads_issues, "App fault", "Issues: Read and write", "set Repository permissions"),
    (app_lacks_event, "App fault", "Issue comment", "Subscribe to events"),
    (contents_not_accepted, "App warning", "Repository permissions → Contents", "Review request"),
    (permission_not_accepted, "App fault", "acme has not accepted", "Review request"),
    (hook(url="http://127.0.0.1:1/hooks"), "webhook fault", "/hooks", "WEBHOOK_PATH"),
    (hook(url=None), "webhook fault", "is off", "tick Active"),
    (hook(content_type="form"), "webhook fault", "as form", "application/json"),
    (hook(secret=""), "webhook fault", "No webhook secret", "Webhook secret"),
    (
        hook(url="http://bot.example/api/github/webhooks"),
        "webhook warning",
        "without TLS",
        "https address",
    ),
    (wrong_secret, "webhook fault", "answered 401", "openssl rand -hex 32"),
    (wrong_secret, "webhook fault", "accepted none since", "Set WEBHOOK_SECRET to it in"),
    (lost_deliveries, "webhook warning", "(502)", "/api/github/webhooks) can be reached"),
    (suspended, "organization fault", "suspended in acme", "Unsuspend"),
    (not_allowed, "organization warning", "ORGANIZATIONS does not allow it", "into ORGANIZATIONS"),
    (one_owner, "organization warning", "olga-acme is the only owner", "second person"),
    (
        only_the_requester_is_owner,
        "organization fault",
        "mia-acme waits for a token and is the only owner",
        "second person",
    ),
    (no_admin_repository, "admin repository fault", "acme/nowhere does not exist", "Create"),
    (app_not_where_the_hub_is, "admin repository fault", "not installed in hub-inc", "ADMIN_REPO"),
    (repository(private=False), "admin repository fault", "is public", "ADMIN_REPO"),
    (repository(archived=True), "admin repository fault", "is archived", "Unarchive"),
    (repository(has_issues=False), "admin repository fault", "switched off", "tick “Issues”"),
    (other_repositories, "admin repository warning", "acme/api, acme/site", "Only select"),
    (no_labels, "admin repository warning", "lacks labels of the bot: pending", "Start the bot"),
    (
        policy("rules: [{name: old, when: {}, review: {}, until: 2026-01-31}]"),
        "policy warning",
        "“old” of acme ended after 2026-01-31",
        "later day",
    ),
    (policy(ONE_OF % "users: [mia-acme, gone]"), "policy warning", "user gone", "Correct"),
    (policy(ONE_OF % "teams: [ops, lost]"), "policy warning", "team lost", "Correct"),
    (
        policy(ONE_OF % "teams: [ops], users: [mia-acme]", mia_acme=99),
        "policy warning",
        "user mia-acme, which the policy of acme names, has another id",
        "Correct",
    ),
    (
        policy(ONE_OF % "teams: [ops], users: [mia-acme]", ops=99),
        "policy warning",
        "team ops, which the policy of acme names, has another id",
        "Correct",
    ),
    (
        policy(ONE_OF % "users: [mia-acme, nora]"),
        "policy warning",
        "Reviewers of “sec” cannot read acme/token-requests: nora",
        "the role Read",
    ),
    (
        policy("rules: [{name: many, when: {}, review: {approvals: 3}}]"),
        "policy fault",
        "“many” of acme needs 3 approvals, and 2 people",
        "fewer approvals",
    ),
    (policy(TWO_OF % "teams: [ops, empty]"), "policy fault", "and 1 person", "fewer approvals"),
    (policy(TWO_OF % "users: [mia-acme], teams: [ops]", ops=99), "policy fault", "1 person", "by"),
    (policy("rules: [{name: new, when: {moon: full}}]"), "policy fault", "cannot read", "adopt"),
    (no_database, "store fault", "typo.db", "DATABASE_URL"),
    (no_such_file_of_a_database, "store fault", "not a database", "DATABASE_URL"),
    (
        copied("UPDATE alembic_version SET version_num = '0001_since_0001'"),
        "store fault",
        "schema 1",
        "Check DATABASE_URL",
    ),
    (
        copied("UPDATE jobs SET state = 'dead' WHERE id = 1"),
        "store warning",
        "1 job failed",
        "retry GUID",
    ),
    (
        copied("UPDATE jobs SET state = 'ready', ready_at = ready_at - 10800 WHERE id = 1"),
        "store warning",
        "3 hours",
        "--state waiting",
    ),
    (
        copied("DELETE FROM effects WHERE scope = 'health'"),
        "store warning",
        "No bot has worked",
        "serve",
    ),
    (
        copied(
            "DROP TRIGGER history_no_update",
            f"UPDATE history SET actor = 'nobody' WHERE id = {_LAST}",
        ),
        "audit fault",
        "was changed",
        "audit verify",
    ),
    (
        copied("DROP TRIGGER history_no_delete", f"DELETE FROM history WHERE id = {_LAST}"),
        "audit fault",
        "is missing",
        "audit verify",
    ),
    (unsigned, "audit warning", "not signed", "AUDIT_KEY"),
    (no_audit_key, "audit fault", "is missing", "Put the key back"),
    (opened("bot.db.audit-key"), "audit warning", "bot.db.audit-key", "chmod 600"),
    (short_secret, "secrets warning", "fewer than 16 characters", "openssl"),
    (opened("key.pem"), "secrets warning", "key.pem (PRIVATE_KEY)", "chmod 600"),
    (opened("bot.db"), "secrets warning", "bot.db (the record)", "chmod 600"),
    (open_key_of_the_set_up, "secrets warning", "var/secrets.key", "chmod 600"),
    (open_dotenv, "secrets warning", ".env (WEBHOOK_SECRET_PREVIOUS)", "chmod 600"),
]


@pytest.mark.parametrize(
    ("plant", "row", "seen", "todo"),
    FAULTS,
    ids=[f"{n} {one[1]}" for n, one in enumerate(FAULTS, 1)],
)
def test_a_fault_is_named_with_its_cure(
    house: Clinic,
    plant: Callable[[Clinic], AbstractContextManager[Settings]],
    row: str,
    seen: str,
    todo: str,
) -> None:
    """And nothing hides the other checks: each row of the table says something."""
    with plant(house) as settings:
        ended = house.checked(**settings)
    named = [
        one
        for one in ended.troubles
        if f"{one['check']} {one['verdict']}" == row and seen in one["seen"] and todo in one["todo"]
    ]
    assert named, ended.out + ended.err
    assert all(one["why"] for one in ended.troubles)
    assert ended.status == 1
    assert {one["check"] for one in ended.checks} == {*ROWS}


def test_a_policy_that_works(house: Clinic) -> None:
    with policy(TWO_OF % "users: [mia-acme], teams: [ops]")(house) as settings:
        ended = house.checked(**settings)
    assert (ended.status, ended.troubles) == (0, []), ended.out
    (told,) = [one for one in ended.checks if one["check"] == "policy"]
    assert "policy c0ffee is in force, adopted by olga-acme on " in told["seen"]


def test_names_that_github_does_not_tell_are_unknown(house: Clinic) -> None:
    with policy(TWO_OF % "teams: [ops]")(house) as settings:
        fault = house.gh.failures.add(path="/teams/ops$", status=502, times=None)
        ended = house.checked(**settings)
        house.gh.failures.remove(fault)
    told = [(one["verdict"], one["seen"]) for one in ended.checks if one["check"] == "policy"]
    assert [verdict for verdict, _seen in told] == ["ok", "unknown", "unknown"], told
    assert "not all who may give one could be read" in told[2][1]


def test_all_is_well(house: Clinic) -> None:
    """Every row was looked at; what no App can read stays unknown."""
    ended = house.checked()
    assert (ended.status, ended.troubles) == (0, []), ended.out
    assert {one["check"] for one in ended.checks} == {*ROWS}
    unknown = [one for one in ended.checks if one["verdict"] == "unknown"]
    assert [one["check"] for one in unknown] == ["approval"]
    assert unknown[0]["link"].endswith("/organizations/acme/settings/personal-access-tokens")
    fields = {"check", "verdict", "seen", "why", "todo", "link"}
    assert all(set(one) == fields for one in ended.checks)


def test_nothing_is_called_well_that_github_did_not_tell(house: Clinic) -> None:
    with away(house) as settings:
        ended = house.checked(**settings)
    well = {one["check"] for one in ended.checks if one["verdict"] == "ok"}
    assert well == {"store", "audit", "secrets"}


def test_people_read_the_faults_first(house: Clinic) -> None:
    with repository(archived=True)(house), opened("key.pem")(house):
        ended = house.doctor()
    lines = ended.out.splitlines()
    assert lines[0].startswith("1 fault, 1 warning, 1 unknown, ")
    assert lines[2] == "FAULT    admin repository: acme/token-requests is archived."
    assert lines[4].startswith("         To do:  In its settings")
    assert lines[5].endswith("/acme/token-requests/settings")
    assert [one.split(" ")[0] for one in lines[6:8]] == ["", "WARNING"]


def test_who_can_push_is_told(house: Clinic) -> None:
    (told,) = [one for one in house.checked().checks if "Who can push" in one["seen"]]
    assert "olga-acme, otto-acme" in told["seen"]


# ------------------------------------------------------------------ words and settings


def test_an_organization_that_nobody_knows(house: Clinic) -> None:
    ended = house.doctor("--org", "nobody")
    assert (ended.status, ended.out) == (2, "")
    assert "'nobody'" in ended.err
    assert "acme" in ended.err


def test_settings_that_cannot_be_used(house: Clinic) -> None:
    ended = house.doctor(APP_ID="seven")
    assert (ended.status, ended.out) == (2, "")
    assert "APP_ID" in ended.err


def test_a_key_that_is_no_rsa_key(house: Clinic) -> None:
    ended = house.doctor(PRIVATE_KEY_PATH=str(house.folder / "bot.db.audit-key"))
    assert (ended.status, "PRIVATE_KEY" in ended.err) == (2, True)


# ------------------------------------------------------------------ stories of their own


def test_approvals_that_nobody_requested(tmp_path: Path) -> None:
    """Those of owners prove nothing: GitHub never asks them for a request."""
    with clinic(tmp_path) as house:
        house.gh.grant_without_review(house.acme.org, house.acme.olga)
        house.scene.idle()
        (told,) = [one for one in house.checked().checks if one["check"] == "approval"]
        assert told["verdict"] == "unknown"
        house.gh.grant_without_review(house.acme.org, house.acme.mia)
        house.scene.idle()
        (told,) = [one for one in house.checked().checks if one["check"] == "approval"]
        assert told["verdict"] == "fault"
        assert "1 got access without a request, the last one of mia-acme" in told["seen"]
        assert "Require administrator approval" in told["todo"]


def test_two_organizations_and_one_of_them_asked_for(tmp_path: Path) -> None:
    with clinic(tmp_path) as house:
        house.scene.organization("beta")
        every, one = house.doctor("--json"), house.doctor("--json", "--org", "ACME")
        assert (every.status, one.status) == (1, 0)
        assert "beta/api" in every.out
        assert "beta" not in one.out


def test_before_anything_is_installed(tmp_path: Path) -> None:
    """The first command of all: no database, no installation; and it makes none."""
    with stage(tmp_path) as scene:
        scene.stop_bot()
        environ = {**scene.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/new/bot.db"}
        ended = run(environ, "--json")
        assert ended.status == 1
        seen = " ".join(one["seen"] for one in ended.troubles)
        assert "not installed in any organization" in seen
        assert "no database of the bot" in seen
        (told,) = [one for one in ended.troubles if one["check"] == "organization"]
        assert told["link"].endswith("/apps/countersign/installations/new")
        assert not (tmp_path / "new").exists()


def test_the_program_in_a_process_of_its_own(tmp_path: Path) -> None:
    with outside(tmp_path) as scene:
        (tmp_path / "key.pem").chmod(0o600)
        acme = scene.organization("acme")
        scene.gh.choose_repositories(acme.installation, [acme.admin])
        acme.asked()
        scene.idle()
        until(lambda: status_and_words(scene, "doctor")[0] == 0, "a healthy bot")
        status, said = status_and_words(scene, "doctor", ADMIN_REPO="nowhere")
        assert (status, "acme/nowhere does not exist" in said) == (1, True)


def test_the_doctor_changes_nothing(house: Clinic) -> None:
    def rows() -> list[object]:
        with closing(sqlite3.connect(house.folder / "bot.db")) as database:
            tables = ("history", "token_requests", "organizations", "previews", "issues")
            return [database.execute(f"SELECT * FROM {name}").fetchall() for name in tables]

    before = rows()
    house.gh.clear_calls()
    assert house.checked().status == 0
    assert rows() == before
    written = [one for one in house.scene.calls_for_work if one.method != "GET"]
    assert all(one.path.endswith("/access_tokens") for one in written)
