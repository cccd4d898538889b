"""Many at once: one organization's burst leaves the others alone, and nothing is lost."""

from collections import Counter
from pathlib import Path

from tests.journeys.stage import LOOKS, Stage, stage, until

MANY = 300


def test_one_organizations_burst_does_not_hold_up_another(scene: Stage) -> None:
    acme, globex = scene.organization("acme"), scene.organization("globex")
    quick, number = globex.asked(name="quick")
    scene.idle()
    # so that there is a queue of more than a minute
    slow = scene.gh.failures.add(path="/acme", mode="delay", delay=0.5, times=None)

    for turn in range(MANY):
        acme.asks(name=f"token-{turn}")
    said = globex.says(globex.olga, number, "/approve")
    until(scene.gh.settle, "the last delivery; our GitHub makes one after the other", 50)
    until(lambda: quick.state == "approved", "the decision in the other organization", 20)
    until(lambda: said.reactions, "its answer", 20)

    every = [one.id for one in scene.gh.requests(acme.org)]
    known = scene.bot.service.store.record.request
    assert len(every) == MANY
    assert not all(known(acme.org.id, one) for one in every), "no queue: nothing is shown"
    scene.gh.failures.remove(slow)
    until(lambda: len(scene.gh.issues(acme.admin)) == 64, "80 % of the limit", 30)
    until(lambda: all(known(acme.org.id, one) for one in every), "all in the record", 30)


def test_who_waits_for_room_asks_github_nothing_meanwhile(tmp_path: Path) -> None:
    """Thousands may wait for hours: they use up neither GitHub's primary limit nor the inbox."""
    with stage(tmp_path, CONTENT_LIMIT="10/7200") as scene:
        acme = scene.organization("acme")
        every = [acme.asks(name=f"token-{number}").id for number in range(40)]
        store = scene.bot.service.store
        until(lambda: all(store.record.request(acme.org.id, one) for one in every), "the record")
        until(lambda: len(scene.gh.issues(acme.admin)) == 8, "80 % of the limit")
        scene.sweep()
        scene.gh.clear_calls()

        def waiting() -> dict[str, int]:
            rows = store.inbox.deliveries("waiting", limit=1000)
            return Counter(row.event for row in rows if row.event != "AlarmDue")

        before = waiting()
        for _ in range(4):
            scene.sweep()

        assert len(scene.gh.issues(acme.admin)) == 8, "there was no room"
        asked = Counter(f"{one.method} {one.template}" for one in scene.gh.calls)
        for look in LOOKS:
            asked[f"GET {look}"] -= 4  # each sweep's time is a look's time too
        assert max(asked.values()) <= 4, f"more than a sweep's own calls: {asked}"
        assert waiting() == before, "no sweep adds what waits already"
        assert store.inbox.stuck(acme.org.id) == [], "nobody is alarmed"

        scene.sweep(hours=2)
        until(lambda: len(scene.gh.issues(acme.admin)) == 16, "those whose turn it is")
