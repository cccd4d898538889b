"""What a request costs in calls of GitHub's API, and how soon it shows.

Run beside the local GitHub, with `python -m benchmarks.calls`. Tokens of the installation are not
counted: one serves an hour.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import app
from bot.sandbox import Organization, Repository, Sandbox, User

SECRET = "the benchmark's webhook secret"
SAMPLES = 20
REQUESTED = "personal_access_token_request"
WRITE = {"repository": {"contents": "write", "metadata": "read"}}


def wait(done: Callable[[], object]) -> None:
    """Until it is so, 30 seconds at most."""
    deadline = time.monotonic() + 30
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("the bot did not do it")
        time.sleep(0.002)


def counted(gh: Sandbox) -> list[str]:
    """The calls since the last clearing, without those for tokens."""
    calls = [f"{one.method} {one.template}" for one in gh.calls if "access_tokens" not in one.path]
    gh.clear_calls()
    return calls


def main() -> None:
    """Open and decide requests; print the calls, and the time from delivery to issue call."""
    gh = Sandbox(webhook_secret=SECRET)
    gh.start()
    with tempfile.TemporaryDirectory() as folder:
        bot = app.LocalBot.beside(
            {
                "APP_ID": str(gh.app.id),
                "PRIVATE_KEY": gh.private_key_pem,
                "WEBHOOK_SECRET": SECRET,
                "GITHUB_API_URL": gh.url,
                "LOG_LEVEL": "warning",
                "CONTENT_LIMIT": "1000/60",
            },
            Path(folder),
        )
        gh.webhook_url = bot.webhook_url
        try:
            _rounds(gh)
        finally:
            bot.stop()
            gh.stop()


def _rounds(gh: Sandbox) -> None:
    org, olga, mia = gh.add_organization("acme"), gh.add_user("olga"), gh.add_user("mia")
    gh.add_member(org, olga, role="admin")
    gh.add_member(org, mia)
    admin, api = gh.add_repository(org, "token-requests"), gh.add_repository(org, "api")
    gh.install(org)
    shown, called = [], []
    for number in range(SAMPLES):
        repositories = [api] if number % 2 else []
        took, until_call, opening = _ask(gh, org, mia, admin, repositories)
        deciding = _approve(gh, olga, admin)
        shown.append(took)
        called.append(until_call)
        if number in {2, 3}:
            kind = "chosen repositories" if repositories else "all repositories"
            print(f"{kind}: {len(opening)} calls to open, {len(deciding)} to decide")
            for call in (*opening, "", *deciding):
                print(f"    {call}")
    for what, seconds in {
        "delivery sent to issue call done, the delivery and two calls before included": called,
        "request to open issue as the member sees it": shown,
    }.items():
        print(f"{what}: median {statistics.median(seconds[2:]) * 1000:.0f} ms")


def _ask(
    gh: Sandbox,
    org: Organization,
    mia: User,
    admin: Repository,
    repositories: list[Repository],
) -> tuple[float, float, list[str]]:
    """One request of an idle bot: seconds until its issue is there, and until the call that opens
    it from when the delivery was sent; and the calls."""
    wait(gh.settle)
    time.sleep(0.2)
    gh.clear_calls()
    before = len(gh.issues(admin))
    selection: Literal["subset", "all"] = "subset" if repositories else "all"
    gh.request_token(
        org,
        mia,
        name="ci",
        permissions=WRITE,
        selection=selection,
        repositories=repositories,
        expires_at=datetime.now(UTC) + timedelta(days=30),  # for ever would be asked back
    )
    begun = time.monotonic()
    wait(lambda: len(gh.issues(admin)) > before)
    took = time.monotonic() - begun
    wait(gh.settle)
    sent = [one.delivered_at for one in gh.deliveries if one.event == REQUESTED][-1]
    opened = next(
        one.at for one in gh.calls if one.method == "POST" and one.path.endswith("/issues")
    )
    return took, (opened - sent).total_seconds(), counted(gh)


def _approve(gh: Sandbox, olga: User, admin: Repository) -> list[str]:
    """The owner approves the newest: the calls."""
    issue = max(gh.issues(admin), key=lambda one: one.number)
    said = gh.comment(olga, admin, issue.number, "/approve")
    wait(lambda: said.reactions)
    wait(gh.settle)
    return counted(gh)


if __name__ == "__main__":
    main()
