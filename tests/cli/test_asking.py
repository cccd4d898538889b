"""What people type after `requests` and `deliveries`: filters anywhere, and mistakes."""

from pathlib import Path
from typing import Any

import pytest

import app
from bot.domain.accounts import Account
from bot.domain.record import OrganizationRecord
from bot.domain.token_request import State
from bot.storage import Store
from tests.cli.service import environment
from tests.storage.making import make_row


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Any:
    """Runs a command on a small record: its status, stdout and stderr."""
    settings = environment(tmp_path)
    for name, text in settings.items():
        monkeypatch.setenv(name, text)
    with_requests(Store.open(settings["DATABASE_URL"], app_id=7))

    def run(*arguments: str) -> tuple[int | str | None, str, str]:
        capfd.readouterr()
        try:
            status = app.main([*arguments])
        except SystemExit as end:
            status = end.code
        return status, *capfd.readouterr()

    return run


def with_requests(store: Store) -> None:
    store.record.save_organization(OrganizationRecord(42, "acme", 7))
    store.record.save_organization(OrganizationRecord(43, "globex", 8))
    for number, state, org, login in (
        (1, State.PENDING, 42, "mona"),
        (2, State.DENIED, 42, "mona"),
        (3, State.DENIED, 42, "hubot"),
        (4, State.DENIED, 43, "mona"),
    ):
        facts = {"org_id": org, "requester": Account(number, login)}
        store.record.save(make_row(number, state=state, request=facts))
    store.close()


def listed(cli: Any, *arguments: str) -> set[int]:
    status, out, err = cli("requests", *arguments)
    assert status == 0, err
    return {number for number in range(1, 5) if f"/{number}\t" in out}


# ------------------------------------------------------------------ filters

FILTERS = [
    (["--state", "denied"], {2, 3, 4}),
    (["--org", "acme"], {1, 2, 3}),
    (["--owner", "mona"], {1, 2, 4}),
    (["--owner", "@Mona"], {1, 2, 4}),
    (["--limit", "1"], {4}),
    (["--permission", "Contents:WRITE"], {1, 2, 3, 4}),
    (["--owner", "mona", "--owner", "hubot", "--org", "acme"], {1, 2, 3}),
]


@pytest.mark.parametrize(("filters", "found"), FILTERS)
def test_a_filter_counts_before_and_after_list(cli: Any, filters: list[str], found: Any) -> None:
    assert listed(cli, *filters) == found
    assert listed(cli, *filters, "list") == found
    assert listed(cli, "list", *filters) == found


def test_filters_before_and_after_list_count_together(cli: Any) -> None:
    assert listed(cli, "--owner", "mona", "list", "--owner", "hubot") == {1, 2, 3, 4}
    assert listed(cli, "--state", "denied", "list", "--org", "globex") == {4}
    assert listed(cli, "--org", "globex", "list", "--org", "acme") == {1, 2, 3}, "the last counts"
    assert listed(cli, "list") == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "arguments",
    [
        ("requests", "--state", "denied", "show", "acme/1"),
        ("requests", "--owner", "mona", "show", "acme/1"),
        ("deliveries", "--state", "failed", "retry", "guid"),
        ("deliveries", "--limit", "3", "retry", "guid"),
    ],
)
def test_what_takes_no_filter_says_so(cli: Any, arguments: tuple[str, ...]) -> None:
    status, _, err = cli(*arguments)
    assert (status, f"`{arguments[3]}` takes no {arguments[1]}" in err) == (2, True), err


# ------------------------------------------------------------------ mistakes


@pytest.mark.parametrize("command", ["requests", "requests list", "deliveries"])
@pytest.mark.parametrize("limit", ["-1", "0", "many", "٣", "9" * 30])
def test_a_limit_is_a_number_from_1(cli: Any, command: str, limit: str) -> None:
    status, _, err = cli(*command.split(), "--limit", limit)
    assert (status, "a whole number from 1 to 1000000" in err) == (2, True), err


@pytest.mark.parametrize("port", ["-1", "65536", "99999", "http"])
def test_a_port_is_a_number_up_to_65535(cli: Any, port: str) -> None:
    status, _, err = cli("demo", "--port", port)
    assert (status, "a whole number from 0 to 65535" in err) == (2, True), err


@pytest.mark.parametrize("name", ["1", "acme", "acme/", "/1", "acme/x", "acme/" + "9" * 23])
def test_what_names_no_request_is_refused(cli: Any, name: str) -> None:
    status, _, err = cli("requests", "show", name)
    assert (status, "as `requests` lists it" in err) == (2, True), err


def test_a_request_that_is_not_there(cli: Any) -> None:
    assert cli("requests", "show", "acme/1")[0] == 0
    assert cli("requests", "show", "42/1")[0] == 0
    status, _, err = cli("requests", "show", "acme/999999999999999999")
    assert (status, "no such token request" in err) == (1, True)
    status, _, err = cli("requests", "show", "acne/1")
    assert "acme, globex" in str(status), "who there is instead"


# ------------------------------------------------------------------ permissions


@pytest.mark.parametrize(
    ("permission", "hint"),
    [
        ("contents:wriet", "levels are read, write and admin"),
        ("contentz", "did you mean contents?"),
        ("contentz:read", "did you mean contents?"),
        ("nonsense", "no permission 'nonsense'"),
    ],
)
def test_a_permission_that_is_not_known_is_named(cli: Any, permission: str, hint: str) -> None:
    """It is not refused: GitHub may have it by now."""
    status, out, err = cli("requests", "--permission", permission)
    assert (status, out) == (0, "")
    assert "No such token requests.\n" in err
    assert hint in err


@pytest.mark.parametrize("permission", ["contents:write", "pull requests:admin", "issues"])
def test_a_known_permission_gets_no_hint(cli: Any, permission: str) -> None:
    status, out, err = cli("requests", "--permission", permission)
    assert (status, err) == (0, "" if out else "No such token requests.\n")


@pytest.mark.parametrize("until", ["2026-11-22", "2026-11-01"])
def test_an_export_of_no_time_at_all_is_a_mistake_and_no_empty_log(cli: Any, until: str) -> None:
    status, out, said = cli(
        *("audit", "export", "--format", "jsonl", "--since", "2026-11-22", "--until", until)
    )
    assert (status, out) == (2, "")
    assert "the day of --until is not included" in said
