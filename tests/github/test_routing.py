"""Routing: which deliveries wait where, which need nothing, which are malformed."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.github.webhooks.routing import USED, Ignored, Malformed, Route, route
from bot.web.envelope import read_envelope

EXAMPLES = Path(__file__).parents[1] / "payloads"
SHARED = Path(__file__).parents[2] / "../shared/github/payloads"
REQUEST = "personal_access_token_request"


def example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def everyone(account: Account) -> bool:
    return account.type == "Organization"


def nobody(_account: Account) -> bool:
    return False


@pytest.mark.parametrize("action", ["created", "approved", "denied", "cancelled"])
def test_a_token_request_waits_on_its_own_lane(action: str):
    routed = route(REQUEST, example(f"{REQUEST}.{action}"), everyone, nobody)
    assert routed == Route(action, 50000001, 70001, "request:70001/700123", None, 1)


def test_comments_come_first_and_wait_where_their_issue_belongs():
    routed = route("issue_comment", example("issue_comment.created"), everyone, nobody)
    assert routed == Route("created", 50000001, 70001, None, (81000, 12), 0)
    routed = route("issues", example("issues.closed"), everyone, nobody)
    assert routed == Route("closed", 50000001, 70001, None, (81000, 12), 1)


@pytest.mark.parametrize(
    "name",
    [
        "installation.created",
        "installation_repositories.added",
        "organization.renamed",
        "organization.member_removed",
        "installation_target.renamed",
    ],
)
def test_the_rest_waits_on_the_organizations_lane(name: str):
    event, action = name.split(".")
    routed = route(event, example(name), everyone, nobody)
    assert routed == Route(action, 50000001, 70001, "organization:70001", None, 1)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("issue_comment", "edited"),
        ("issue_comment", "deleted"),
        ("issues", "pinned"),
        ("issues", "invented"),
    ],
)
def test_actions_that_are_not_used_need_nothing(name: str, action: str):
    payload = example("issue_comment.created") | {"action": action}
    assert isinstance(route(name, payload, everyone, nobody), Ignored)


@pytest.mark.parametrize("action", ["labeled", "unlabeled"])
def test_only_labels_of_ours_are_of_interest(action: str):
    payload = example("issues.closed") | {"action": action}
    for name in ("pending", "Approved", "token-request"):
        routed = route("issues", payload | {"label": {"name": name}}, everyone, nobody)
        assert routed == Route(action, 50000001, 70001, None, (81000, 12), 1)
    for label in ({"name": "team-a"}, {"name": 7}, {}, None):
        assert isinstance(route("issues", payload | {"label": label}, everyone, nobody), Ignored)


@pytest.mark.parametrize("action", ["publicized", "archived", "deleted"])
def test_what_becomes_of_a_repository_waits_on_the_organizations_lane(action: str):
    payload = example("issues.closed") | {"action": action}
    del payload["issue"]
    routed = route("repository", payload, everyone, nobody)
    assert routed == Route(action, 50000001, 70001, "organization:70001", None, 1)
    assert isinstance(
        route("repository", payload | {"action": "edited"}, everyone, nobody), Ignored
    )
    del payload["repository"]
    assert isinstance(route("repository", payload, everyone, nobody), Malformed)


def push(**changes: object) -> dict[str, Any]:
    payload = example("issues.closed") | {"ref": "refs/heads/main"} | changes
    payload["repository"] = payload["repository"] | {"default_branch": "main"}
    return {name: value for name, value in payload.items() if name not in {"action", "issue"}}


def test_a_push_to_the_default_branch_waits_on_the_organizations_lane():
    """It has no action. What it is about is its ref."""
    routed = route("push", push(), everyone, nobody)
    assert routed == Route("", 50000001, 70001, "organization:70001", None, 1)
    envelope = read_envelope(json.dumps(push()).encode())
    assert route("push", envelope, everyone, nobody) == routed
    for ref in ("refs/heads/other", "refs/tags/main", "main", "refs/heads/main/2", ""):
        assert isinstance(route("push", push(ref=ref), everyone, nobody), Ignored), ref
    nameless = push()
    del nameless["repository"]["default_branch"]
    assert isinstance(route("push", nameless | {"ref": "refs/heads/"}, everyone, nobody), Ignored)


@pytest.mark.parametrize("without", ["ref", "repository"])
def test_a_push_of_nothing_is_malformed(without: str):
    payload = push()
    assert isinstance(route("push", payload | {without: 7}, everyone, nobody), Malformed)
    del payload[without]
    assert isinstance(route("push", payload, everyone, nobody), Malformed)


def test_events_that_are_not_used_need_nothing():
    for name in ("ping", "fork", "star"):
        assert isinstance(route(name, {}, everyone, nobody), Ignored)


def test_a_comment_on_a_pull_request_needs_nothing():
    payload = example("issue_comment.created")
    payload["issue"]["pull_request"] = {"url": "https://api.github.com/repos/acme/x/pulls/1"}
    assert isinstance(route("issue_comment", payload, everyone, nobody), Ignored)


@pytest.mark.parametrize("gone", ["installation", "repository"])
def test_a_comment_of_nowhere_needs_nothing(gone: str):
    payload = example("issue_comment.created")
    del payload[gone]
    assert isinstance(route("issue_comment", payload, everyone, nobody), Ignored)


def test_a_request_that_names_no_organization_needs_nothing():
    payload = example(f"{REQUEST}.created")
    del payload["organization"]
    assert isinstance(route(REQUEST, payload, everyone, nobody), Ignored)


def test_installations_on_user_accounts_need_nothing():
    payload = example("installation.created")
    payload["installation"]["account"]["type"] = "User"
    assert isinstance(route("installation", payload, lambda _: True, nobody), Ignored)


def test_of_organizations_that_are_not_served_only_the_hub_counts():
    comment, request = example("issue_comment.created"), example(f"{REQUEST}.created")
    assert isinstance(route("issue_comment", comment, nobody, nobody), Ignored)
    assert isinstance(route("issue_comment", comment, nobody, everyone), Route)
    assert isinstance(route(REQUEST, request, nobody, everyone), Ignored)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (REQUEST, f"{REQUEST}.id"),
        ("issue_comment", "comment.id"),
        ("issue_comment", "issue.id"),
        ("issue_comment", "issue.number"),
        ("issues", "issue.id"),
        ("issues", "issue.number"),
    ],
)
@pytest.mark.parametrize("value", [None, "7", True, 7.5, {}, -1, 2**64])
def test_a_used_event_without_its_ids_is_malformed(name: str, path: str, value: object):
    payload = example(f"{REQUEST}.created") | example("issue_comment.created")
    parent, last = path.split(".")
    payload[parent][last] = value
    assert route(name, payload, everyone, nobody) == Malformed(f"{name}: no integer {path}")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("issue_comment.created", "issues"),
        ("issue_comment.created", "repository"),
        ("issues.closed", "repository"),
        ("issues.closed", "organization"),
        (f"{REQUEST}.created", "installation"),
        (f"{REQUEST}.created", "installation_target"),
    ],
)
def test_a_body_under_another_events_name_is_malformed(body: str, name: str):
    """The name is a header and not signed."""
    routed = route(name, example(body) | {"action": min(USED[name])}, everyone, nobody)
    assert isinstance(routed, Malformed)
    assert "which this event has not" in routed.why


@pytest.mark.parametrize("action", [None, 1, ["created"]])
def test_a_used_event_without_an_action_is_malformed(action: object):
    payload = example("installation.created") | {"action": action}
    assert isinstance(route("installation", payload, everyone, nobody), Malformed)
    assert isinstance(route("installation", {}, everyone, nobody), Malformed)


@pytest.mark.skipif(not SHARED.exists(), reason="the collected payloads are not beside us")
def test_no_collected_payload_is_malformed():
    for path in sorted(SHARED.glob("*.*.json")):
        routed = route(path.name.split(".")[0], json.loads(path.read_bytes()), everyone, nobody)
        assert not isinstance(routed, Malformed), path.name


EVERY_EXAMPLE = sorted(path for place in (EXAMPLES, SHARED) for path in place.glob("*.json"))


@pytest.mark.parametrize("path", EVERY_EXAMPLE, ids=lambda path: path.stem)
def test_the_door_reads_all_that_routing_asks_for(path: Path):
    """What is left out of the envelope would be missing here: the route has to be the same."""
    payload = json.loads(path.read_text())
    event = path.stem.split(".")[0]
    for changed in (payload, payload | {"issue": {"pull_request": {"url": "x"}, "id": 1}}):
        envelope = read_envelope(json.dumps(changed).encode())
        assert route(event, envelope, everyone, everyone) == route(
            event, changed, everyone, everyone
        )
