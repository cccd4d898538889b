"""Payloads become events: whole ones, old ones, odd ones."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.events import InstallationEvent, OrganizationEvent, RepositoryEvent
from bot.github.reading import UNKNOWN, moment, text, whole
from bot.github.webhooks.payloads import LONG_AGO, READERS, read_event
from bot.ports import Permanent

EXAMPLES = Path(__file__).parents[1] / "payloads"
SHARED = Path(__file__).parents[2] / "../shared/github/payloads"
REQUEST = "personal_access_token_request"


def example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def read(name: str, payload: object) -> Any:
    return read_event(name, json.dumps(payload).encode())


def test_a_created_request_is_read_whole():
    event = read(REQUEST, example(f"{REQUEST}.created"))
    request = event.request
    assert (event.action, event.installation_id, event.org_login) == ("created", 50000001, "acme")
    assert event.sender == request.requester == Account(9001, "alice", "User")
    assert (request.org_id, request.id, request.token_id) == (70001, 700123, 4455667)
    assert request.created_at == datetime(2026, 3, 2, 9, 15, 27, tzinfo=UTC)
    assert request.created_at.utcoffset().total_seconds() == 0
    assert request.expires_at == datetime(2026, 5, 31, 9, 15, 27, tzinfo=UTC)
    assert request.added == {"repository": {"contents": "read", "pull_requests": "write"}}
    assert request.upgraded == {"repository": {"issues": "write"}}
    assert request.result["organization"] == {"members": "read"}
    assert [(one.full_name, one.private) for one in request.repositories] == [
        ("acme/payments", True),
        ("acme/website", False),
    ]
    assert request.repositories_known
    assert not request.reason_known


def test_a_decision_names_who_decided():
    event = read(REQUEST, example(f"{REQUEST}.denied"))
    assert event.sender == Account(9002, "olga", "User")
    assert event.request.requester.login == "alice"


def test_a_push_names_the_commits_that_change_the_policy():
    payload = example("issues.closed")
    payload["commits"] = [
        {"id": "a1", "added": [".github/token-policy.yml"], "modified": [], "removed": []},
        {"id": "b2", "added": ["README.md"], "modified": None},
        {"id": "c3", "removed": ["x", ".github/token-policy.yml"]},
        {"id": "d4", "modified": ".github/token-policy.yml"},
        "e5",
    ]
    event = read("push", payload)
    assert event.commits == ("a1", "c3")
    assert (event.installation_id, event.org_id, event.repository.id) == (50000001, 70001, 81000)
    assert read("push", payload | {"commits": None, "sender": None}).commits == ()


def test_a_cut_repository_list_is_known_to_be_cut():
    payload = example(f"{REQUEST}.created")
    payload[REQUEST]["repository_count"] = 300
    assert read(REQUEST, payload).request.needs_repositories


@pytest.mark.parametrize("selection", ["all", "none"])
def test_null_repositories_are_none(selection: str):
    payload = example(f"{REQUEST}.created")
    payload[REQUEST] |= {
        "repository_selection": selection,
        "repositories": None,
        "repository_count": None,
    }
    request = read(REQUEST, payload).request
    assert request.repositories == ()
    assert not request.needs_repositories


def test_only_the_ids_are_needed():
    payload = {
        "action": "created",
        REQUEST: {"id": 5, "owner": {"id": 6, "login": "alice", "type": "User"}},
        "organization": {"id": 7, "login": "acme"},
    }
    event = read(REQUEST, payload)
    assert event.installation_id == 0
    assert event.sender.id == 6
    request = event.request
    assert (request.token_id, request.token_name, request.expires_at) == (None, "", None)
    assert (request.added, request.upgraded, request.result) == (None, None, {})
    assert (request.created_at, request.selection) == (LONG_AGO, "unknown")


def test_a_missing_result_is_what_is_added_and_upgraded():
    payload = example(f"{REQUEST}.created")
    del payload[REQUEST]["permissions_result"]
    assert read(REQUEST, payload).request.result == {
        "repository": {"contents": "read", "pull_requests": "write", "issues": "write"}
    }


def test_unknown_permissions_and_fields_stay_visible():
    payload = example(f"{REQUEST}.created")
    payload["news"] = payload[REQUEST]["news"] = [1]
    payload[REQUEST]["permissions_result"] = {"planet": {"terraform": "write"}, "other": {"x": 1}}
    result = read(REQUEST, payload).request.result
    assert result == {"planet": {"terraform": "write"}, "other": {"x": "1"}}


@pytest.mark.parametrize("path", [f"{REQUEST}.id", f"{REQUEST}.owner.id", "organization.id"])
def test_a_missing_id_is_named(path: str):
    payload = example(f"{REQUEST}.approved")
    *parents, last = path.split(".")
    place = payload
    for name in parents:
        place = place[name]
    del place[last]
    with pytest.raises(Permanent, match=path.replace(".", r"\.")):
        read(REQUEST, payload)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"a": 1e999}'])
def test_what_is_no_payload_is_refused(body: bytes):
    with pytest.raises(Permanent):
        read_event(REQUEST, body)


def test_an_event_that_is_not_used_is_refused():
    with pytest.raises(Permanent, match="push"):
        read_event("push", b"{}")


def test_a_comment_is_read_whole():
    event = read("issue_comment", example("issue_comment.created"))
    assert (event.org_id, event.repository.id, event.issue_number) == (70001, 81000, 12)
    assert event.repository.private is True
    assert event.issue_author == Account(9100, "countersign[bot]", "Bot")
    assert event.comment.author == event.sender == Account(9002, "olga", "User")
    assert event.comment.body == "/approve for the release"
    assert event.comment.updated_at == "2026-03-02T09:20:00Z"
    assert event.comment.via_app is None
    assert not event.is_pull_request


@pytest.mark.parametrize(("app", "via"), [({"id": 9}, 9), ({"slug": "x"}, 0), ({}, None)])
def test_an_app_that_acts_for_somebody_is_seen(app: object, via: int | None):
    payload = example("issue_comment.created")
    payload["comment"]["performed_via_github_app"] = app
    assert read("issue_comment", payload).comment.via_app == via


def test_a_deleted_author_is_nobody_who_may_decide():
    payload = example("issue_comment.created")
    payload["comment"]["user"] = payload["sender"] = payload["issue"]["user"] = None
    event = read("issue_comment", payload)
    assert event.comment.author == event.sender == event.issue_author == UNKNOWN
    assert not UNKNOWN.is_person


def test_an_author_without_a_type_is_no_person():
    payload = example("issue_comment.created")
    del payload["comment"]["user"]["type"]
    assert not read("issue_comment", payload).comment.author.is_person


def test_an_old_repository_does_not_say_whether_it_is_private():
    payload = example("issues.closed")
    del payload["repository"]["private"]
    event = read("issues", payload)
    assert event.repository.private is None
    assert event.sender.login == "olga"


def test_an_installation_tells_its_permissions():
    event = read("installation", example("installation.created"))
    assert isinstance(event, InstallationEvent)
    assert event.account == Account(70001, "acme", "Organization")
    assert event.permissions["members"] == "read"
    assert read("installation_repositories", example("installation_repositories.added"))


def test_a_renamed_organization_and_a_member_who_left():
    renamed = read("organization", example("organization.renamed"))
    assert renamed == OrganizationEvent("renamed", 50000001, 70001, "acme")
    assert read("installation_target", example("installation_target.renamed")) == renamed
    left = read("organization", example("organization.member_removed"))
    assert left.member == Account(9001, "alice", "User")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-02T10:00:00+05:30", datetime(2026, 3, 2, 4, 30, tzinfo=UTC)),
        ("2026-03-02T10:00:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00:00.250Z", datetime(2026, 3, 2, 10, 0, 0, 250_000, tzinfo=UTC)),
        (1767600000, datetime(2026, 1, 5, 8, tzinfo=UTC)),
        (10**30, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (True, None),
        (None, None),
    ],
)
def test_times(value: object, expected: datetime | None):
    assert moment(value) == expected


@pytest.mark.parametrize("value", [True, 0, -1, 1.0, "1", None, 2**63])
def test_what_is_no_id(value: object):
    assert whole(value) is None


def test_texts_can_be_stored():
    assert text("a\ud800b\0c 😀") == "a\ufffdb\ufffdc 😀"
    assert text(None) == ""


@pytest.mark.skipif(not SHARED.exists(), reason="the collected payloads are not beside us")
def test_collected_payloads_are_all_read():
    names = [path for path in sorted(SHARED.glob("*.*.json")) if path.name.split(".")[0] in READERS]
    assert len(names) > 60
    for path in names:
        event = read_event(path.name.split(".")[0], path.read_bytes())
        assert event.action == path.name.split(".")[1]


def test_a_repository_event_names_the_repository():
    payload = example("issues.closed") | {"action": "publicized"}
    event = read("repository", payload)
    assert isinstance(event, RepositoryEvent)
    assert (event.action, event.org_id, event.repository.id) == ("publicized", 70001, 81000)
    with pytest.raises(Permanent, match=r"repository\.id"):
        read("repository", {**payload, "repository": {}})
