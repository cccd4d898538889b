"""One member asks for very many tokens at once: what it costs, and how soon others are served.

Run beside the local GitHub, with `python -m benchmarks.flood`, at the default CONTENT_LIMIT. When
all deliveries are answered an owner decides another member's request.
"""

import argparse
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

import app
from benchmarks.calls import SECRET, wait
from bot.sandbox import Delivery, Sandbox

MANY = 10_000
SENDERS = 16
WATCHED = 60.0
"""Seconds of the flood during which the calls of GitHub's API are counted."""
WRITE = {"repository": {"contents": "write", "metadata": "read"}}


def main() -> None:
    """Flood, decide, count; the figures in plain words."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=__doc__)
    parser.add_argument("--requests", type=int, default=MANY)
    many = parser.parse_args().requests
    gh = Sandbox(webhook_secret=SECRET)
    gh.start()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "APP_ID": str(gh.app.id),
            "PRIVATE_KEY": gh.private_key_pem,
            "WEBHOOK_SECRET": SECRET,
            "GITHUB_API_URL": gh.url,
            "LOG_LEVEL": "error",
        }
        bot = app.LocalBot.beside(environ, Path(folder))
        gh.webhook_url = bot.webhook_url
        try:
            _flood(gh, bot, many)
        finally:
            bot.stop()
            gh.stop()


def _flood(gh: Sandbox, bot: app.LocalBot, many: int) -> None:
    org, olga = gh.add_organization("acme"), gh.add_user("olga")
    mia, ned = gh.add_user("mia"), gh.add_user("ned")
    gh.add_member(org, olga, role="admin")
    for member in (mia, ned):
        gh.add_member(org, member)
    admin = gh.add_repository(org, "token-requests")
    gh.install(org)
    soon = datetime.now(UTC) + timedelta(days=30)  # for ever would be asked back
    other = gh.request_token(org, ned, name="other", permissions=WRITE, expires_at=soon)
    wait(lambda: gh.issues(admin))
    wait(gh.settle)
    before = len(gh.deliveries)
    with gh.drop_deliveries():
        for number in range(many):
            gh.request_token(org, mia, name=f"token-{number}", permissions=WRITE)
        wait(gh.settle)
    told = gh.deliveries[before:]
    gh.clear_calls()

    begun = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders, httpx.Client(trust_env=False) as client:
        answers = Counter(senders.map(lambda one: _send(client, bot, one), told))
    print(f"{dict(answers)} in {time.monotonic() - begun:.1f} s")
    decided = time.monotonic()
    gh.comment(olga, admin, 1, "/approve")
    wait(lambda: other.state == "approved")
    print(f"another member's request approved {time.monotonic() - decided:.1f} s after the comment")
    time.sleep(max(0.0, WATCHED - (time.monotonic() - begun)))
    _print_calls(gh)
    print(f"issues: {len(gh.issues(admin))}; jobs: {bot.service.store.inbox.counts()}")


def _send(client: httpx.Client, bot: app.LocalBot, delivery: Delivery) -> int:
    headers = {**delivery.headers, "Content-Type": "application/json"}
    return client.post(
        bot.webhook_url, content=delivery.payload, headers=headers, timeout=10
    ).status_code


def _print_calls(gh: Sandbox) -> None:
    calls = Counter(f"{one.method} {one.template}" for one in list(gh.calls))
    refused = sum(one.status in {403, 429} for one in list(gh.calls))
    print(f"{calls.total()} calls of GitHub's API in the first minute, {refused} rejected:")
    for call, number in calls.most_common():
        print(f"    {number} × {call}")


if __name__ == "__main__":
    main()
