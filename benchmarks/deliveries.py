"""Deliveries as GitHub sends them: signed, about 9 KB, each with a GUID of its own."""

import hashlib
import hmac
import json
import random
import uuid
from typing import Any

SECRET = "of the benchmark"
SIZE = 9216
BODIES = 512  # distinct ones; building more would only take memory
PATH = "/api/github/webhooks"


def make_deliveries(count: int, port: int, seed: int = 1) -> list[tuple[bytes, bytes]]:
    """(head, body) of `count` HTTP requests, ready to be sent to this port of loopback."""
    bodies = [_dump(_token_request(seed * 1_000_000 + n)) for n in range(BODIES)]
    signed = [(body, _sign(body)) for body in bodies]
    return [(_head(port, *signed[n % BODIES]), signed[n % BODIES][0]) for n in range(count)]


def _head(port: int, body: bytes, signature: str) -> bytes:
    lines = (
        f"POST {PATH} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: GitHub-Hookshot/abc",
        "Accept: */*",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"X-GitHub-Delivery: {uuid.uuid4()}",
        "X-GitHub-Event: personal_access_token_request",
        "X-GitHub-Hook-ID: 412345678",
        "X-GitHub-Hook-Installation-Target-ID: 123456",
        "X-GitHub-Hook-Installation-Target-Type: integration",
        f"X-Hub-Signature-256: {signature}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _sign(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def _dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _token_request(number: int) -> dict[str, Any]:
    """In the layout of GitHub's schema `webhook-personal-access-token-request-created`."""
    dice = random.Random(number)
    organization = _organization("octo-engineering", 9_919_001)
    request = _request(number, dice)
    document = {
        "action": "created",
        "personal_access_token_request": request,
        "organization": organization,
        "sender": request["owner"],
        "installation": {"id": 51_234_567, "node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u"},
    }
    size = len(_dump(document))
    while size < SIZE:
        repository = _repository(organization["login"], dice)
        request["repositories"].append(repository)
        size += len(_dump(repository)) + 1
    request["repository_count"] = len(request["repositories"])
    return document


def _request(number: int, dice: random.Random) -> dict[str, Any]:
    permissions = {
        "organization": {"members": "read"},
        "repository": {"metadata": "read", "contents": "write", "pull_requests": "write"},
        "other": {},
    }
    return {
        "id": 1_000_000 + number,
        "owner": _user(f"dev-{dice.randrange(4000):04d}", 20_000_000 + dice.randrange(9_000_000)),
        "permissions_added": permissions,
        "permissions_upgraded": {"organization": {}, "repository": {}, "other": {}},
        "permissions_result": permissions,
        "repository_selection": "subset",
        "repository_count": 0,
        "repositories": [],
        "created_at": "2025-03-14T09:26:53Z",
        "token_id": 7_000_000 + number,
        "token_name": f"deploy token number {number}",
        "token_expired": False,
        "token_expires_at": "2099-06-12T09:26:53Z",
        "token_last_used_at": None,
    }


def _repository(owner: str, dice: random.Random) -> dict[str, Any]:
    name = f"service-{dice.randrange(10_000):04d}-{dice.choice(['api', 'worker', 'infra', 'docs'])}"
    number = 100_000_000 + dice.randrange(800_000_000)
    return {
        "full_name": f"{owner}/{name}",
        "id": number,
        "name": name,
        "node_id": f"R_kgDO{number:08x}",
        "private": True,
    }


def _user(login: str, number: int) -> dict[str, Any]:
    api = f"https://api.github.com/users/{login}"
    links = ("followers", "subscriptions", "orgs", "repos", "received_events", "starred", "gists")
    return {
        "login": login,
        "id": number,
        "node_id": f"U_kgDO{number:08x}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "url": api,
        "html_url": f"https://github.com/{login}",
        "type": "User",
        "site_admin": False,
        **{f"{link}_url": f"{api}/{link}" for link in links},
    }


def _organization(login: str, number: int) -> dict[str, Any]:
    api = f"https://api.github.com/orgs/{login}"
    links = ("repos", "events", "hooks", "issues")
    return {
        "login": login,
        "id": number,
        "node_id": f"O_kgDO{number:08x}",
        "url": api,
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "description": "Platform engineering and everything that keeps the lights on",
        **{f"{link}_url": f"{api}/{link}" for link in links},
    }
