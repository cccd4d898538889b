"""Calls that create content: only what GitHub may have seen uses the limit."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from bot.domain.accounts import AdminRepository
from bot.github.api import GitHubApi
from bot.github.failures import Unsent
from bot.ports import LeaseLost, RateLimited, Refused, Retryable
from tests.github.scripted import FixedClock, FreeBudgets, Reply, ScriptedGitHub, ShortLease

ISSUES = "/repos/acme/token-requests/issues"
OPENED = {"number": 12, "state": "open", "title": "t"}


@pytest.fixture
def create(api: GitHubApi, repo: AdminRepository) -> Callable[[], object]:
    return lambda: api.create_issue(repo, "t", "b", [])


def test_a_call_that_found_no_connection_is_given_back(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, create: Callable[[], object]
):
    script.on("POST", ISSUES, Reply(201, OPENED))
    create()
    script.stop()
    api.close()
    for _ in range(9):
        with pytest.raises(Retryable, match="no connection"):
            create()
    assert budgets.given_back == [(1, mark) for mark in range(2, 11)]


@pytest.mark.parametrize("reply", [Reply(0), Reply(502), Reply(201, b"garbage"), Reply(422)])
def test_a_call_that_github_may_have_seen_stays_counted(
    script: ScriptedGitHub, budgets: FreeBudgets, create: Callable[[], object], reply: Reply
):
    script.on("POST", ISSUES, reply)
    with pytest.raises((Retryable, Refused)):
        create()
    assert (len(budgets.taken), budgets.given_back) == (1, [])


def test_what_cannot_be_signed_or_must_wait_uses_no_room(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, repo: AdminRepository
):
    script.token(1, Reply(502))
    with pytest.raises(Retryable):
        api.create_issue(repo, "t", "b", [])
    script.token(1)
    budgets.pauses = {1: 5}
    with pytest.raises(RateLimited):
        api.create_issue(repo, "t", "b", [])
    assert budgets.taken == []


def test_without_a_lease_the_room_is_given_back(
    script: ScriptedGitHub, api: GitHubApi, budgets: FreeBudgets, repo: AdminRepository
):
    script.on("POST", ISSUES, Reply(201, OPENED))
    api.create_issue(repo, "t", "b", [])
    with pytest.raises(LeaseLost):
        api.leased(ShortLease(0)).create_issue(repo, "t", "b", [])
    assert budgets.given_back == [(1, 2)]


@contextmanager
def no_tls() -> Iterator[str]:
    """A server that answers a TLS client's hello with something else."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}/"


@contextmanager
def nobody() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"http://127.0.0.1:{port}/"


@contextmanager
def no_such_host() -> Iterator[str]:
    yield "http://nowhere.invalid/"


@pytest.mark.parametrize("place", [nobody, no_such_host, no_tls])
def test_what_counts_as_never_sent(place: Callable[[], Iterator[str]], private_key: str):
    with place() as url, pytest.raises(Unsent, match="GET /app/installations: no connection"):
        GitHubApi(7, private_key, url, FreeBudgets(), FixedClock()).installations()


def test_a_certificate_that_is_not_trusted_is_named(tmp_path: Path, private_key: str):
    """GitHub Enterprise Server with an authority of one's own, before SSL_CERT_FILE names it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path, private_key))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with suppress(OSError):
                context.wrap_socket(peer, server_side=True).close()

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(Unsent, match=r"certificate is not trusted.*SSL_CERT_FILE"):
            GitHubApi(7, private_key, url, FreeBudgets(), FixedClock()).installations()


def self_signed(folder: Path, private_key: str) -> Path:
    key = load_pem_private_key(private_key.encode(), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ghe.example")])
    start, later = datetime.now(UTC) - timedelta(days=1), timedelta(days=9)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + later)
    file = folder / "server.pem"
    signed = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    file.write_bytes(private_key.encode() + signed)
    return file


class Turned:
    """A time that the story sets, in seconds."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return FixedClock.at + timedelta(seconds=self.at)


def test_while_github_fails_one_at_a_time_tries(
    script: ScriptedGitHub, budgets: FreeBudgets, private_key: str, repo: AdminRepository
):
    """An hour of twelve who wait, each of whom comes back every second; then GitHub recovers."""
    clock = Turned()
    api = GitHubApi(7, private_key, script.url, budgets, clock)
    script.on("POST", ISSUES, Reply(502))

    def tries() -> bool:
        try:
            api.await_room(repo)
            api.create_issue(repo, "t", "b", [])
        except Retryable:
            return False
        return True

    for clock.at in range(3600):
        assert not any(tries() for _ in range(12))
    used = len(budgets.taken)
    assert 175 <= used <= 195
    script.on("POST", ISSUES, Reply(201, OPENED))
    while not tries():
        clock.at += 1
    assert clock.at - 3600 <= 20
    assert all(tries() for _ in range(12)), "all at once again"
    api.close()


def test_a_few_bad_answers_and_a_clock_that_is_set_back_hold_up_nobody(
    script: ScriptedGitHub, budgets: FreeBudgets, private_key: str, repo: AdminRepository
):
    clock = Turned()
    api = GitHubApi(7, private_key, script.url, budgets, clock)
    script.on("POST", ISSUES, *[Reply(502)] * 4, Reply(201, OPENED), *[Reply(502)] * 5)
    script.on("POST", f"{ISSUES}/12/comments", Reply(201, {"id": 5}))
    for fails in (True, True, True, True, False, *[True] * 5):
        if fails:
            with pytest.raises(Retryable, match="502"):
                api.create_issue(repo, "t", "b", [])
        else:
            assert api.create_issue(repo, "t", "b", [])
    with pytest.raises(Retryable, match="one at a time"):
        api.create_comment(repo, 12, "b")
    clock.at -= 3600
    assert api.create_comment(repo, 12, "b") == 5
    api.close()
