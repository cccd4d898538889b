"""Whether GitHub's deliveries arrive."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.doctor.facts import Attempt, GitHubFacts, HookConfig, Unread
from bot.domain.doctor.pages import Pages
from bot.domain.health import refuses_signatures

ROW = "webhook"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SWEEPS = "The bot then hears of requests and commands only at a sweep."


def check_webhook(facts: GitHubFacts, webhook_path: str, pages: Pages) -> Iterator[Check]:
    """How the webhook is set up, and what GitHub's delivery log says."""
    if isinstance(facts.hook, Unread):
        yield facts.hook.unknown(ROW, "How the webhook is set up")
    else:
        faults = list(_faults_of(facts.hook, webhook_path, pages))
        yield from faults or [ok(ROW, _as_it_is(facts.hook))]
    if isinstance(facts.attempts, Unread):
        yield facts.attempts.unknown(ROW, "GitHub's log of deliveries")
    else:
        yield from _log(facts.attempts, facts.hook, pages)


def _as_it_is(hook: HookConfig | None) -> str:
    """What was looked at: whether anything arrives is told by the log."""
    address = _plain(hook.url) if hook else ""
    return f"The webhook is set to {address}, as JSON, with a secret."


def _plain(url: str) -> str:
    """Without what may be a secret in it: user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _faults_of(hook: HookConfig | None, path: str, pages: Pages) -> Iterator[Check]:
    if hook is None or not hook.url:
        yield Check(
            ROW,
            Verdict.FAULT,
            "The App's webhook is off, or has no URL.",
            _SWEEPS,
            f"On the App's settings page, tick Active, and set the Webhook URL to the bot's public"
            f" address with {path} behind it.",
            pages.settings(),
        )
        return
    where = urlsplit(hook.url)
    if where.path != path:
        yield Check(
            ROW,
            Verdict.FAULT,
            f"GitHub delivers to the path {where.path or '/'}, and the bot listens on {path}.",
            _SWEEPS,
            f"On the App's settings page, let the Webhook URL end in {path}, or set WEBHOOK_PATH.",
            pages.settings(),
        )
    if hook.content_type != "json":
        yield Check(
            ROW,
            Verdict.FAULT,
            f"GitHub delivers as {hook.content_type or 'something unknown'}, not as JSON.",
            "The bot answers 415 to every delivery.",
            "Set the webhook's content type to application/json.",
            pages.settings(),
        )
    if not hook.has_secret:
        yield Check(
            ROW,
            Verdict.FAULT,
            "No webhook secret is set on GitHub.",
            "Deliveries are not signed, so the bot refuses each of them with 401.",
            "On the App's settings page, set the Webhook secret to the value of WEBHOOK_SECRET.",
            pages.settings(),
        )
    if (where.scheme != "https" or not hook.verifies_tls) and where.hostname not in _LOOPBACK:
        yield Check(
            ROW,
            Verdict.WARNING,
            "GitHub delivers without TLS, or does not check the certificate.",
            "Others on the way can read who asks for which token.",
            "Give the bot an https address with a certificate, put it into the Webhook URL, and"
            " enable SSL verification.",
            pages.settings(),
        )


def _log(
    attempts: Sequence[Attempt], hook: HookConfig | Unread | None, pages: Pages
) -> Iterator[Check]:
    """Newest first."""
    if not attempts:
        yield Check(
            ROW,
            Verdict.UNKNOWN,
            "GitHub's log has no delivery of the last days, so nobody knows whether they arrive.",
            "",
            "Comment on a review issue with /status, then look again.",
            pages.settings("/advanced"),
        )
        return
    if refuses_signatures(one.status for one in attempts):
        refused = next(one for one in attempts if one.status == 401)
        yield Check(
            ROW,
            Verdict.FAULT,
            f"The bot answered 401 to GitHub's delivery {refused.guid} ({refused.at:%Y-%m-%d %H:%M}"
            " UTC), and accepted none since.",
            "WEBHOOK_SECRET is not the secret on GitHub, so requests and commands do not arrive.",
            "Make a new secret (openssl rand -hex 32): GitHub never shows the one it has. Enter it"
            " as the Webhook secret on the App's settings page. Set WEBHOOK_SECRET to it in the"
            " bot's environment or its .env file (either wins over what the set-up page kept), and"
            " restart the bot. It then asks GitHub for what was refused.",
            pages.settings(),
        )
        return
    url = hook.url if isinstance(hook, HookConfig) else ""
    yield from _arrivals(attempts, f" ({_plain(url)})" if url else "", pages)


def _arrivals(attempts: Sequence[Attempt], address: str, pages: Pages) -> Iterator[Check]:
    done = {one.guid for one in attempts if one.arrived}
    failed = [one for one in attempts if not one.arrived and one.guid not in done]
    last = next((one for one in attempts if one.arrived), None)
    if last:
        yield ok(ROW, f"The last delivery arrived at {last.at:%Y-%m-%d %H:%M} UTC.")
    if failed:
        newest = failed[0]
        answers = ", ".join(str(status) for status in sorted({one.status for one in failed}))
        yield Check(
            ROW,
            Verdict.WARNING if last else Verdict.FAULT,
            f"{len({one.guid for one in failed})} of the newest {len(attempts)} deliveries failed"
            f" ({answers}); the newest at {newest.at:%Y-%m-%d %H:%M} UTC ({newest.guid}).",
            _SWEEPS,
            "If the bot was not running then, there is nothing to do: at its next sweep it asks"
            " GitHub to send them again. Otherwise check that the Webhook URL"
            f"{address} can be reached from GitHub. 502 and 504: nobody answered, or not within 10"
            " seconds.",
            pages.settings("/advanced"),
        )
