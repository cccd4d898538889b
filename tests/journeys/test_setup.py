"""From an empty folder to a decided request, by the set-up page alone."""

from pathlib import Path

from tests.journeys.servers import everywhere
from tests.journeys.setting_up import Visitor, setting_up
from tests.journeys.stage import until


@everywhere
def test_from_an_empty_folder_to_a_decided_request(tmp_path: Path, server: str | None) -> None:
    with setting_up(tmp_path, server) as scene:
        bot, who = scene.serve(), Visitor()
        page = who.open(scene.address(bot))
        assert page.places == ["Now", "Later", "Later", "Later", "Later"]
        assert "code=" not in page.url
        page = scene.named(who, page, bot)
        assert page.places == ["Done", "Now", "Later", "Later", "Later"]
        page = scene.create(who, page)
        assert page.url == bot.url + "/"
        assert page.places[:3] == ["Done", "Done", "Now"]
        scene.install(who, page)
        page = scene.until_done(who, page, 4)
        assert "olga is the only owner of acme" in page.text  # the doctor's word
        page = who.send(page, "/setup/accept")
        assert page.places == ["Done"] * 5
        assert [one for one in scene.gh.calls if one.path.endswith("/attempts")]
        assert bot.get("/readyz").status_code == 503
        page = who.send(page, "/setup/finish")
        assert "Is all well?" in page.text

        # the service goes on in the same process
        assert bot.get("/readyz").status_code == 200
        request = scene.gh.request_token(
            scene.org, scene.mia, name="ci", permissions={"repository": {"contents": "read"}}
        )
        (repo,) = scene.gh.repositories_of(scene.org)
        issues = until(lambda: scene.gh.issues(repo), "an issue")
        scene.gh.comment(scene.olga, repo, issues[0].number, "/approve for 3d welcome")
        until(lambda: request.state == "approved", "a decision")

        # and so it does after a restart, without the page
        bot = scene.restarted_ready(bot)
        assert "Is all well?" in who.open(bot.url).text
        lost = "set up before, but there is no record"
        assert lost not in bot.said
        bot.kill()
        for file in (scene.home / "var").glob("bot.db*"):
            file.unlink()
        assert lost in scene.restarted_ready(bot).said
