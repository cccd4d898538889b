"""Many at once: one organization's burst leaves the others alone, and nothing is lost."""

from tests.journeys.stage import Stage, until

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
