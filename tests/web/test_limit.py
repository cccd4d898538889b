"""The time limit that many tasks share."""

import asyncio

import pytest

from bot.web.limit import Limit

SECONDS = 0.1


async def waits(limit: Limit, come: asyncio.Event) -> str:
    """What became of it; it goes on afterwards in any case."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    began = loop.time()
    try:
        with limit:
            await come.wait()
            became = "came"
    except TimeoutError:
        became = "ended" if loop.time() - began >= SECONDS else "ended early"
    await asyncio.sleep(SECONDS * 2)  # nobody looks after who has left
    return became if task and not task.cancelling() else "still cancelled"


async def tell() -> list[str]:
    limit = Limit(asyncio.get_running_loop(), SECONDS)
    now, never = asyncio.Event(), asyncio.Event()
    now.set()
    first = [asyncio.create_task(waits(limit, one)) for one in (never, now, never)]
    await asyncio.sleep(SECONDS / 2)
    later = asyncio.create_task(waits(limit, never))
    return [await one for one in (*first, later)] + [await waits(limit, never)]


def test_what_does_not_come_is_ended_each_after_its_own_time() -> None:
    assert asyncio.run(tell()) == ["ended", "came", "ended", "ended", "ended"]


def test_who_is_ended_by_another_hears_of_that() -> None:
    async def story() -> None:
        limit = Limit(asyncio.get_running_loop(), 60)
        task = asyncio.create_task(waits(limit, asyncio.Event()))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(story())
