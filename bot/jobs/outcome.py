"""What becomes of a job: how its run ended, in the inbox's words."""

import logging
import traceback
from collections.abc import Callable

from bot.jobs.work import C, Source
from bot.ports import Defer, LeaseLost, Park, Permanent, RateLimited, Retryable

log = logging.getLogger(__name__)

Ending = Callable[[], object]
"""Tells the inbox; called again while the store does not answer."""


def run_to_ending(source: Source[C], claim: C, run: Callable[[C], None]) -> Ending | None:
    """Run the job; how to tell the inbox of its end, or None when it is not ours any more."""
    try:
        run(claim)
    except Defer as way_out:
        why, after = str(way_out), way_out.seconds
        return lambda: source.defer(claim, after, why)
    except LeaseLost as lost:
        log.warning("dropped: %s", lost, extra={"delivery": claim.job.name})
        return None
    except Retryable as trouble:
        return _again(source, claim, trouble)
    except Exception as fault:  # noqa: BLE001 - whatever a handler does, the worker lives
        return _failure(source, claim, fault)
    return lambda: source.finish(claim)


def _again(source: Source[C], claim: C, trouble: Retryable) -> Ending:
    why, after, counted = str(trouble), trouble.after, not isinstance(trouble, RateLimited)
    log.info("will be tried again: %s", why, extra={"delivery": claim.job.name})
    return lambda: source.retry(claim, why, after, counted=counted)


def _failure(source: Source[C], claim: C, fault: Exception) -> Ending:
    """Messages of foreign errors may quote a token's name or reason: they stay out of the log."""
    extra = {"delivery": claim.job.name}
    if isinstance(fault, Permanent):
        log.warning("%s failed: %s", claim.kind, fault, extra=extra)
    else:
        where = "".join(traceback.format_tb(fault.__traceback__)).rstrip()
        log.error("%s failed: %s\n%s", claim.kind, type(fault).__name__, where, extra=extra)
    why, park = f"{type(fault).__name__}: {fault}", isinstance(fault, Park)

    def fail() -> None:
        if source.fail(claim, why, park=park):
            log.error(
                "%s is parked as failed; `deliveries retry` runs it again", claim.kind, extra=extra
            )

    return fail
