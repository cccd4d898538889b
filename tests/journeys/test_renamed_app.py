"""The App takes another name: whose an echo, an issue or a comment is, ids tell."""

from tests.journeys.stage import Stage, until

REVIEW = r"/personal-access-token-requests/\d+$"


def test_a_timed_approval_keeps_its_end_though_the_app_was_renamed(scene: Stage) -> None:
    """GitHub's answer is lost, and its echo comes from a login that the bot has not heard of."""
    acme = scene.organization("acme")
    request, number = acme.asked()
    acme.obeyed(acme.olga, number, "/hold")
    acme.obeyed(acme.olga, number, "/unhold")  # by now the bot knows its own name
    scene.gh.rename_app("gatekeeper")
    lost = scene.gh.failures.add(method="POST", path=REVIEW, mode="lost")
    said = acme.says(acme.olga, number, "/approve for 3d")
    until(lambda: lost.hits, "the lost answer")
    acme.answered(said, "+1")
    scene.idle()

    row = scene.bot.service.store.record.request(acme.org.id, request.id)
    assert (row.state, row.revoke_at is not None) == ("approved", True)
    (words,) = [
        one.body
        for one in scene.gh.issue(acme.admin, number).comments
        if "**Approved**" in one.body
    ]
    assert f"[{acme.olga.login}]" in words
    assert "will be revoked" in words


def test_what_a_renamed_app_wrote_is_found_again(scene: Stage) -> None:
    """The answer to its comment is lost: no second one is written."""
    acme = scene.organization("acme")
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/hold")
    scene.gh.rename_app("gatekeeper")
    lost = scene.gh.failures.add(method="POST", path=rf"/issues/{number}/comments$", mode="lost")
    said = acme.says(acme.olga, number, "/status")
    until(lambda: lost.hits, "the lost answer")
    acme.answered(said, "+1")
    scene.idle()
    ours = [
        one.body for one in scene.gh.issue(acme.admin, number).comments if one.user.type == "Bot"
    ]
    assert len(ours) == len(set(ours))
