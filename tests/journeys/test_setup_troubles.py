"""The set-up under troubles: strangers, kills, GitHub away, and what people get wrong."""

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from bot.sandbox import Sandbox
from tests.journeys.outside import APP, surroundings
from tests.journeys.setting_up import Visitor, setting_up
from tests.journeys.stage import until


def test_only_one_browser_with_the_printed_code_gets_in(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot = scene.serve()
        address = scene.address(bot)
        me, other = Visitor(), Visitor()
        assert (me.open(bot.url).status, me.open(bot.url).places) == (403, [])
        assert bot.get("/healthz").status_code == 200
        for path in ("/readyz", "/metrics", "/openapi.json", "/whatever"):
            page = other.open(bot.url + path)
            assert (page.status, page.links["Set up the bot first"]) == (503, bot.url + "/")
        assert httpx.post(bot.url + "/api/github/webhooks", json={}).status_code == 503

        # a wrong code is refused, and the next one must wait, also a right one
        page = other.open(f"{bot.url}/?code=wrong")
        assert (page.status, "`" in page.text, "setup where the bot runs" in page.text) == (
            403,
            False,
            True,
        )
        page = other.open(address)
        assert (page.status, "Please wait" in page.text) == (429, True)
        page = until(lambda: (p := me.open(address)).status == 200 and p, "an end of the pause")
        assert "Name your organization" in page.text
        hook = f"npx smee-client --url https://smee.io/YOUR-CHANNEL --target {bot.url}/api/"
        assert hook in page.text, "for a laptop without a public address"

        # it opens once
        page = until(lambda: (p := other.open(address)).status == 403 and p, "no second browser")
        assert "This code was used already" in page.text
        said = scene.command("setup")[1]
        code = said.partition("?code=")[2].strip()
        assert "Name your organization" in other.send(page, "/setup/code", code=code).text
        assert me.open(bot.url).status == 403

        # foreign names and foreign pages
        odd = other.http.get(bot.url, headers={"Host": "evil.example"})
        assert (odd.status_code, "setup --url" in odd.text) == (421, True)
        form = {"organization": "acme", "url": "https://evil.example"}
        foreign = {"Origin": "https://evil.example"}
        sent = other.http.post(f"{bot.url}/setup/organization", data=form, headers=foreign)
        assert sent.status_code == 403
        assert other.open(bot.url).places[0] == "Now"


def test_each_step_survives_kill_9(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        page = who.open(scene.address(bot))
        url = bot.url
        bot = scene.restarted(bot)
        page = scene.named(who, who.open(url), bot)
        bot = scene.restarted(bot)
        page = scene.create(who, who.open(url))
        assert page.places[:3] == ["Done", "Done", "Now"]
        bot = scene.restarted(bot)
        page = who.open(url)
        assert page.places[:3] == ["Done", "Done", "Now"]
        scene.install(who, page)
        bot = scene.restarted(bot)
        scene.until_done(who, page, 4)
        page = who.send(who.open(url), "/setup/accept")
        bot = scene.restarted(bot)
        page = scene.until_done(who, page, 5)
        assert "Is all well?" in who.send(page, "/setup/finish").text


def test_what_github_comes_back_with_counts_once_and_in_this_browser(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who, thief = scene.serve(), Visitor(), Visitor()
        page = scene.named(who, who.open(scene.address(bot)), bot)
        (form,) = [one for one in page.forms if "manifest" in one["fields"]]
        state = form["action"].partition("state=")[2]
        back = f"{bot.url}/setup/created?state={state}&code="

        assert thief.open(back + "0123456789abcdef").status == 403
        refused = who.open(f"{bot.url}/setup/created?state=mine&code=0123456789abcdef")
        assert (refused.status, "does not belong to a form" in refused.text) == (400, True)
        refused = who.open(back + "0123456789abcdef")
        assert (refused.status, "GitHub does not know this code" in refused.text) == (400, True)
        refused = who.open(back + scene.gh.new_manifest_code())
        assert (refused.status, "was used already" in refused.text) == (400, True)

        # an hour later
        page = who.open(bot.url)
        (form,) = [one for one in page.forms if "manifest" in one["fields"]]
        bot.kill()
        file = scene.home / "var" / "setup.json"
        known = json.loads(file.read_text())
        known["states"] = {name: made - 3600 for name, made in known["states"].items()}
        file.write_text(json.dumps(known))
        bot = scene.serve(PORT=bot.url.rpartition(":")[2])
        scene.address(bot)
        state = form["action"].partition("state=")[2]
        code = scene.gh.new_manifest_code()
        assert (
            "over an hour old"
            in who.open(f"{bot.url}/setup/created?state={state}&code={code}").text
        )

        # the name is taken, and GitHub says so
        scene.gh.taken_app_names.add("countersign-acme")
        taken = scene.create(who, who.open(bot.url))
        assert "Name is already taken" in taken.text
        page = who.send(taken, "/settings/apps/new/create", name="countersign-of-acme")
        assert page.places[:3] == ["Done", "Done", "Now"]
        assert page.links["Install the App"].startswith(f"{scene.gh.url}/apps/countersign-of-acme/")


def test_github_is_away_in_the_middle_and_nothing_secret_shows(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(LOG_LEVEL="debug"), Visitor()
        page = scene.named(who, who.open(scene.address(bot)), bot)
        scene.gh.failures.add(method="POST", path="/app-manifests/*", mode="status", status=502)
        page = scene.create(who, page)
        assert (page.status, "GitHub does not answer" in page.text) == (503, True)
        seen = [page]
        url, codes = bot.url, list(scene.gh.manifests)
        assert codes
        assert codes[0] not in scene.kept()
        bot = scene.restarted(bot)
        scene.gh.failures.clear()
        page = who.send(who.open(url), "/setup/exchange")
        assert page.places[:3] == ["Done", "Done", "Now"]
        scene.install(who, page)
        scene.gh.failures.add(path="/app/installations", mode="status", status=503, times=99)
        away = "does not answer"
        page = until(lambda: (p := who.open(url)) and away in p.text and p, "GitHub away")
        seen.append(page)
        scene.gh.failures.clear()
        seen.append(scene.until_done(who, page, 4))

        pem = scene.gh.private_key_pem
        secrets = [scene.gh.webhook_secret, pem.splitlines()[1], *codes]
        shown = [one.html for one in seen] + [one.said for one in scene.programs] + [scene.kept()]
        for text in shown:
            assert not [one for one in secrets if one in text]
        assert scene.modes() == {0}
        status, said = scene.command("setup", "export")
        assert (status, "Nothing was printed" in said) == (1, True)
        assert not [one for one in secrets if one in said]


def test_an_answer_that_cannot_be_read_is_no_reason_to_try_again(tmp_path: Path) -> None:
    """GitHub takes a code once: it made the App, and the key of that App is lost."""
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        page = scene.named(who, who.open(scene.address(bot)), bot)
        scene.gh.failures.add(method="POST", path="/app-manifests/*", mode="masked", status=201)
        page = scene.create(who, page)
        assert (page.status, "its answer could not be read" in page.text) == (400, True)
        assert "Please delete that App in the organization’s settings on GitHub" in page.text
        assert "try again" not in page.text
        until(lambda: "the answer has no text pem" in bot.said, "a line of the log")

        # the button is there again, and makes another
        page = scene.create(who, page)
        assert page.places[:3] == ["Done", "Done", "Now"]


def test_a_code_goes_to_no_server_but_the_one_that_made_it(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene, ExitStack() as ending:
        other = Sandbox()
        other.start()
        ending.callback(other.stop)
        bot, who = scene.serve(), Visitor()
        first = who.open(scene.address(bot))

        # the answers change while GitHub's form is open in another tab
        form = who.send(scene.named(who, first, bot), "/settings/apps/new")
        scene.named(who, first, bot, server=other.origin)
        page = who.send(form, "/settings/apps/new/create")
        assert (page.status, "does not belong to a form of this page" in page.text) == (400, True)

        # the first step is opened before GitHub comes back, and sent after
        page = scene.named(who, first, bot)
        scene.gh.failures.add(method="POST", path="/app-manifests/*", mode="status", status=502)
        page = scene.create(who, page)
        assert ("Fetch the credentials" in page.html, "Change" in page.links) == (True, False)
        page = scene.named(who, first, bot, server=other.origin)
        assert (page.status, "GitHub made the App already" in page.text) == (400, True)
        for shown in (page, who.open(f"{bot.url}/setup/organization")):
            assert not [one for one in shown.forms if one["action"].endswith("/organization")]
        page = who.send(page, "/setup/exchange")
        assert page.places[:3] == ["Done", "Done", "Now"]
        assert not [one for one in other.calls if "manifests" in one.path]


def test_the_wrong_account_and_a_public_repository_are_told(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        other = scene.gh.add_organization("umbrella")
        scene.gh.add_member(other, scene.olga, role="admin")
        bot, who = scene.serve(), Visitor()
        page = scene.create(who, scene.named(who, who.open(scene.address(bot)), bot))
        form = who.follow(page, "Install the App")
        who.send(form, "/installations/new", organization="umbrella")
        wrong = "The App is installed on umbrella, not in acme."
        page = until(
            lambda: (p := who.open(bot.url)) and wrong in p.text and p, "the wrong account"
        )
        assert page.places[2] == "Now"
        scene.gh.uninstall(next(iter(scene.gh.installations.values())))
        scene.gh.install(scene.org)
        repo = scene.gh.add_repository(scene.org, "token-requests", private=False)
        words = "acme/token-requests is public: make it private"
        page = until(lambda: (p := who.open(bot.url)) and words in p.text and p, "the public one")
        assert page.places[2] == "Now"
        repo.private = True
        scene.until_done(who, page, 4)


def test_settings_win_and_some_of_them_are_no_set_up(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        for more, settings in (([], {"APP_ID": "7"}), (["--no-setup"], {})):
            bot = scene.serve(*more, **settings)
            assert bot.exit_status() == 2
            assert "WEBHOOK_SECRET is missing" in bot.said
        bot = scene.serve()
        scene.address(bot)
        second = scene.serve()
        assert (second.exit_status(), "another process" in second.said) == (2, True)

        status, said = scene.command(
            "setup", "--manifest", "--org", "acme", "--url", "https://b.io"
        )
        manifest = json.loads(said)
        assert status == 0
        assert manifest["hook_attributes"]["url"] == "https://b.io/api/github/webhooks"
        assert manifest["default_permissions"]["issues"] == "write"

        # a damaged file of credentials is named, and nothing starts
        bot.kill()
        (scene.home / "var" / "credentials.json").write_text("{")
        (scene.home / "var" / "setup.json").unlink(missing_ok=True)
        bot = scene.serve()
        assert (bot.exit_status(), "var/credentials.json is damaged" in bot.said) == (2, True)


def test_a_wrong_field_says_what_to_enter(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        page = who.open(scene.address(bot))
        good = {"organization": "acme", "url": "https://bot.example.com", "server": ""}
        for name, text, words in (
            ("organization", "", "Enter the organization’s name"),
            ("organization", "a b<script>", "This is no organization’s name"),
            ("url", "", "Enter the address under which GitHub reaches this bot"),
            ("url", "http://bot.example.com", "must begin with https://"),
            ("url", "http://127.0.0.1:3000", "GitHub cannot reach this address"),
            ("url", "https://user@bot.example.com", "Enter the address"),
            ("server", "https://ghe.example.com/x?y", "This is no address of a server"),
            ("server", "http://ghe.example.com", "must begin with https://"),
        ):
            answer = who.send(page, "/setup/organization", **{**good, name: text})
            assert (answer.status, answer.places[0]) == (422, "Now"), (name, text)
            assert words in answer.text, (name, text)
            assert f'aria-describedby="{name}-hint {name}-wrong"' in answer.html
            assert "<script>" not in answer.html
        page = who.send(page, "/setup/organization", **good)
        assert page.places[0] == "Done"


@pytest.mark.parametrize("entered", ["ACME.ghe.com", "https://api.acme.ghe.com/"])
def test_githubs_cloud_with_a_name_of_its_own_has_pages_and_api_of_its_own(
    tmp_path: Path, entered: str
) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        good = {"organization": "acme", "url": "https://bot.example.com", "server": entered}
        page = who.send(who.open(scene.address(bot)), "/setup/organization", **good)
        assert page.places[0] == "Done"
        assert 'action="https://acme.ghe.com/organizations/acme/settings/apps/new' in page.html


def test_what_is_kept_serves_elsewhere_and_settings_win_over_it(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        page = scene.create(who, scene.named(who, who.open(scene.address(bot)), bot))
        scene.install(who, page)
        page = who.send(scene.until_done(who, page, 4), "/setup/accept")
        assert "Is all well?" in who.send(page, "/setup/finish").text
        bot.kill()

        # the env file alone makes another deployment
        done = subprocess.run(
            [*APP, "setup", "export"],
            env=surroundings(scene.environ),
            input="yes\n",
            text=True,
            capture_output=True,
            check=True,
        )
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / ".env").write_text(done.stdout)
        other = scene.serve(COUNTERSIGN_HOME=str(elsewhere))
        until(other.ready, f"a ready service: {other.printed}")
        until(lambda: other.get("/readyz").json()["organizations"] == 1, "its installation")
        other.kill()

        # what is given wins, and what cannot be decrypted stops the start with a sentence
        key = Fernet.generate_key().decode()
        refused = scene.serve(SECRETS_KEY=key)
        assert refused.exit_status() == 2
        assert "var/credentials.json cannot be decrypted with SECRETS_KEY" in refused.said
        assert key not in refused.said
        again = scene.serve(WEBHOOK_SECRET="another secret of the operator's")
        until(again.ready, f"a ready service: {again.printed}")
        scene.gh.webhook_url = again.url + "/api/github/webhooks"
        scene.gh.request_token(
            scene.org, scene.mia, name="ci", permissions={"repository": {"contents": "read"}}
        )
        assert scene.gh.settle()
        assert scene.gh.deliveries[-1].status_code == 401


def test_whoever_starts_over_makes_another_app(tmp_path: Path) -> None:
    with setting_up(tmp_path) as scene:
        bot, who = scene.serve(), Visitor()
        page = scene.named(who, who.open(scene.address(bot)), bot)

        # before its credentials are fetched
        scene.gh.failures.add(method="POST", path="/app-manifests/*", mode="status", status=502)
        page = who.send(scene.create(who, page), "/setup/restart", sure="yes")
        page = scene.named(who, who.follow(page, "Change"), bot)

        # and after
        page = scene.create(who, page)
        refused = who.send(page, "/setup/restart")
        assert (refused.status, refused.places[1]) == (422, "Done")
        page = who.send(page, "/setup/restart", sure="yes")
        assert page.places == ["Done", "Now", "Later", "Later", "Later"]
        page = scene.create(who, page, name="countersign-again")
        scene.install(who, page)
        page = who.send(scene.until_done(who, page, 4), "/setup/accept")
        assert "Is all well?" in who.send(page, "/setup/finish").text
