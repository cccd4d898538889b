"""Many at once: one organization's burst leaves the others alone, and nothing is lost."""

from tests.journeys.stage import Stage, until

MANY = 300


def test_one_organizations_burst_does_not_hold_up_another(scene: Stage) -> None:
    acme, globex = scene.organization("acme"), scene.organization("globex")
    quick, number = globex.asked(name="quick")
    scene.idle()

    for turn in range(MANY):
        acme.asks(name=f"token-{turn}")
    said = globex.says(globex.olga, number, "/approve")
    until(scene.gh.settle, "the last delivery; our GitHub makes one after the other", 50)
    until(lambda: quick.state == "approved", "the decision in the other organization", 20)
    until(lambda: said.reactions, "its answer", 20)

    with_issue = len(scene.gh.issues(acme.admin))
    assert with_issue <= 64, "80 % of the content limit"
    until(lambda: len(scene.gh.issues(acme.admin)) == 64, "what the limit allows", 30)
    store = scene.bot.service.store
    taken = [store.record.request(acme.org.id, one.id) for one in scene.gh.requests(acme.org)]
    assert len(taken) == MANY
