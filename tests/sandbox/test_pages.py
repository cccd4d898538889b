"""The demo's pages over real HTTP, as the people of the demo use them."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from bot.sandbox import demo_world
from bot.sandbox.pages.markdown import Texts
from bot.sandbox.registration import register
from tests.sandbox.browser import words
from tests.sandbox.conftest import app_jwt

NEW = "/demo/settings/personal-access-tokens/new"
MINE = "/demo/settings/personal-access-tokens"
PENDING = "/demo/organizations/acme/settings/personal-access-token-requests"
TEXTS = Texts("/demo/acme/token-requests/issues", {"mia", "olga", "acme"}.__contains__)
ACTIVE = "/demo/organizations/acme/settings/personal-access-tokens"


def test_the_root_leads_to_five_steps(play):
    html = play.me.get("/")
    assert html.count("<li><h2>") == 5
    assert "You are mia now" in words(html)


def test_no_link_leads_nowhere_and_no_page_needs_more_than_the_policy_allows(play):
    play.me.become("olga")
    issue = play.issue("[mia](https://github.com/mia) asks, see #1 and @otto.", "Hi", "pending")
    play.gh.comment(play.cast.people["sam"], issue.repository, issue.number, "/approve")
    httpx.get(play.gh.url + "/meta")
    play.gh.settle()
    waiting, seen = ["/demo/"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or "organizations/globex" in path:
            continue
        seen.add(path)
        html = play.me.get(path)
        assert not re.search(r"<[^>]* (style|on\w+)=|<script>|<style|javascript:", html), path
        links = [link.partition("#")[0] for link in play.me.links(html)]
        waiting += [path.partition("?")[0] + one if one[:1] == "?" else one for one in links if one]
    assert {"/demo/mia", "/demo/apps/countersign", "/demo/activity/calls/0", PENDING} <= seen
    assert len(seen) > 30


def test_what_does_not_exist_is_not_found(play):
    for path in ("nobody", "acme/nothing", "acme/nothing/issues", "acme/api/issues/9", "a/b/c/d/e"):
        assert "There is nothing here" in play.me.get(f"/demo/{path}", 404)
    play.me.get("/demo/activity/calls/99", 404)
    play.me.get("/demo/activity/deliveries/99", 404)


def test_one_becomes_somebody_else_and_stays_on_the_page(play):
    html = play.me.post("/demo/become", login="gina", next="/demo/globex")
    assert "<title>globex" in html
    assert "gina owner of globex" in words(html)
    assert "sam outside person" in words(play.me.become("sam").get("/demo/trouble"))
    html = play.me.post("/demo/become", login="countersign[bot]", next="https://evil.example/")
    assert "There is nobody of that name." in html
    assert "sam outside person" in words(html)


def test_the_form_asks_for_what_it_was_filled_with(play):
    for example in ("harmless", "dangerous", "hostile"):
        fields = play.me.become("max").form(f"{NEW}?example={example}", NEW)
        assert "Requested. The owners of acme decide" in play.me.post(NEW, **fields)
    harmless, dangerous, hostile = play.gh.requests(play.cast.acme)[-3:]
    assert harmless.owner.login == "max"
    assert harmless.repository_selection == "subset"
    assert [repo.name for repo in harmless.repositories] == ["website"]
    assert harmless.permissions_result["repository"]["metadata"] == "read"
    assert harmless.token.expires_at - play.gh.now() <= timedelta(days=30)
    assert dangerous.token.expires_at is None
    assert dangerous.repository_selection == "all"
    assert dangerous.permissions_result["repository"]["workflows"] == "write"
    assert hostile.token.name == "`@everyone` <script>alert(1)</script>"
    assert hostile.reason.startswith("@olga please\n\n/approve")
    assert hostile.permissions_result == {"organization": {"members": "read"}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "  "}, "give the token a name"),
        ({"name": "n" * 201}, "shorten the name"),
        ({"reason": "r" * 1025}, "shorten the reason"),
        ({"expires": "custom", "on": ""}, "choose an expiration"),
        ({"expires": "custom", "on": "2020-01-01"}, "date from today"),
        ({"expires": "custom", "on": "9999-12-31"}, "date from today"),
        ({"selection": "subset", "repositories": []}, "tick at least one repository"),
        ({"selection": "subset", "repositories": ["robots"]}, "tick at least one repository"),
        ({"selection": "most"}, "choose which repositories"),
        ({"repository.contents": "", "repository.pull_requests": "root"}, "one permission"),
        ({"selection": "none"}, "one organization permission"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed(play, change, said):
    fields = {**play.me.form(NEW, NEW), "reason": "Typed with care"} | change
    before = len(play.gh.token_requests)
    html = play.me.post(NEW, 422, **fields)
    assert said in words(html)
    assert "reason" in change or "Typed with care" in html
    assert len(play.gh.token_requests) == before


def test_a_token_without_repositories_holds_no_repository_permission(play):
    fields = play.me.form(NEW, NEW) | {"selection": "none", "organization.members": "read"}
    play.me.post(NEW, **fields)
    asked = play.gh.requests(play.cast.acme)[-1]
    assert asked.permissions_result == {"organization": {"members": "read"}}


def test_a_custom_date_lasts_that_day(play):
    day = (play.gh.now() + timedelta(days=5)).date()
    fields = play.me.form(NEW, NEW) | {"expires": "custom", "on": day.isoformat()}
    play.me.post(NEW, **fields)
    assert play.gh.requests(play.cast.acme)[-1].token.expires_at.date() == day


def test_an_owners_token_is_granted_without_a_request(play):
    fields = play.me.become("olga").form(NEW, NEW)
    assert "no review of an owner" in words(play.me.post(NEW, **fields)).replace("&#39;", "'")
    assert play.gh.grants(play.cast.acme)[-1].owner.login == "olga"
    assert not [one for one in play.gh.token_requests.values() if one.owner.login == "olga"]


def test_strangers_cannot_ask_and_nobody_asks_elsewhere(play):
    fields = play.me.form(NEW, NEW)
    assert "sam is not a member of any organization here" in words(play.me.become("sam").get(NEW))
    closed = words(play.me.become("greg").get(f"{NEW}?target_name=acme"))
    assert "Only members can ask greg is not a member of acme." in closed
    assert "Request a token for globex Or switch to a member: Switch to mia" in closed
    assert "Switch to sue" in closed
    play.me.become("sam")
    play.me.post(NEW, 404, **fields)
    play.me.become("mia").post(NEW, 404, **(fields | {"target_name": "globex"}))
    assert len(play.gh.token_requests) == 4


def test_a_token_asks_for_more(play):
    grant = play.gh.grants(play.cast.acme)[0]
    play.me.become("max")
    fields = play.me.form(f"{NEW}?token={grant.token.id}", NEW)
    play.me.post(NEW, **(fields | {"repository.contents": "write"}))
    asked = play.gh.requests(play.cast.acme)[-1]
    assert asked.token is grant.token
    assert asked.permissions_upgraded == {"repository": {"contents": "write"}}
    play.me.become("mia").post(NEW, **(fields | {"repository.contents": "write"}))
    assert play.gh.requests(play.cast.acme)[-1].token is not grant.token


def test_requests_are_cancelled_by_who_asked_only(play):
    asked = play.request("release-notes")
    number = str(asked.id)
    play.me.become("max").post(f"{MINE}/cancel", 404, request=number)
    assert asked.state == "pending"
    play.me.become("mia").post(f"{MINE}/cancel", request=number)
    assert asked.state == "cancelled"
    assert "is cancelled already" in play.me.post(f"{MINE}/cancel", request=number)
    play.me.post(f"{MINE}/cancel", 404, request="²")


def test_owners_decide_on_githubs_own_page(play):
    harmless, dangerous = play.request("release-notes"), play.request("ops-automation")
    html = play.me.become("otto").get(PENDING)
    assert "never expires" in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    play.me.post(f"{PENDING}/{harmless.id}", action="approve", reason="")
    play.me.post(f"{PENDING}/{dangerous.id}", action="deny", reason="Too much.")
    assert (harmless.state, dangerous.state) == ("approved", "denied")
    assert dangerous.review_reason == "Too much."
    assert dangerous.reviewed_by.login == "otto"
    again = play.me.post(f"{PENDING}/{dangerous.id}", action="approve", reason="")
    assert "not pending any more" in again
    assert dangerous.state == "denied"
    assert "denied by otto" in words(play.me.become("max").get(MINE))


@pytest.mark.parametrize("login", ["mia", "sam", "gina"])
def test_nobody_else_sees_or_decides_there(play, login):
    asked, grant = play.request("ops-automation"), play.gh.grants(play.cast.acme)[0]
    play.me.become(login)
    assert "Only owners see this page" in play.me.get(PENDING, 404)
    assert "ops-automation" not in play.me.get(ACTIVE, 404)
    play.me.post(f"{PENDING}/{asked.id}", 404, action="approve")
    play.me.post(f"{ACTIVE}/{grant.id}", 404)
    assert asked.state == "pending"
    assert play.gh.grants(play.cast.acme) == [grant]


def test_owners_of_one_organization_do_not_reach_into_another(play):
    asked = play.request("robot-arm")
    html = play.me.become("olga").post(f"{PENDING}/{asked.id}", action="approve")
    assert "not pending any more" in html
    assert asked.state == "pending"


def test_owners_revoke(play):
    grant = play.gh.grants(play.cast.acme)[0]
    assert "nightly-backup" in play.me.become("olga").get(ACTIVE)
    assert "nightly-backup" not in play.me.post(f"{ACTIVE}/{grant.id}")
    assert play.gh.grants(play.cast.acme) == []


def test_issues_are_listed_by_state(play):
    play.issue(title="<i>first</i>")
    second = play.issue(title="second")
    play.gh.close_issue(play.gh.app.bot, second.repository, second.number)
    page = "/demo/acme/token-requests/issues"
    opened, closed = play.me.get(page), play.me.get(f"{page}?state=closed")
    assert "&lt;i&gt;first" in opened
    assert "second" not in words(opened)
    assert "second" in words(closed)
    assert "1 Open 1 Closed" in words(opened)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
        ("x <!-- token-request 1/2 --> y", "<p>x  y</p>"),
        ("a\n\n<!-- open\n\n# for ever", "<p>a</p>\n"),
        ("<details><summary>More</summary>\n\nthis\n\n</details>", "<details><summary>More</summ"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<details onclick=x>", "&lt;details onclick=x&gt;"),
        ("a <img src=x onerror=y> b", "a &lt;img src=x onerror=y&gt; b"),
        ("![alt <b>](https://x.example/y.png)", "[image: alt &lt;b&gt;]"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("two\nlines", "two<br"),
        ("[mia](https://github.com/mia)", 'href="/demo/mia"'),
        ("[x](https://github.com/torvalds)", 'href="https://github.com/torvalds"'),
        ("https://github.com/organizations/acme/settings", 'href="/demo/organizations/acme/set'),
        ("see https://a.example/b?c=1&d=2.", 'href="https://a.example/b?c=1&amp;d=2"'),
        ("@olga and #7", 'href="/demo/olga"'),
        ("@olga and #7", 'href="/demo/acme/token-requests/issues/7"'),
        ("`@olga #7`", "<code>@olga #7</code>"),
        ("- [ ] no task", "<li>[ ] no task</li>"),
    ],
)
def test_texts_look_as_on_github_and_do_no_harm(text, shown):
    assert shown in TEXTS.html(text)


def test_a_zero_width_blank_stops_mentions_and_references():
    assert TEXTS.html("@\u200bolga #\u200b7") == "<p>@\u200bolga #\u200b7</p>\n"


def test_an_issue_is_shown_rendered(play):
    html = play.me.get(
        play.page(play.issue("**Bold** @Olga <script> [x](https://github.com/acme)"))
    )
    assert "<strong>Bold</strong>" in html
    assert (
        '<a href="/demo/Olga" rel="nofollow noopener noreferrer" class="mention">@Olga</a>' in html
    )
    assert "&lt;script&gt;" in html
    assert '<a href="/demo/acme" rel' in html


def test_a_conversation_shows_who_what_and_when(play):
    issue = play.issue("Hello.", "Token request: <b>", "token-request", "pending")
    bot, repo = play.gh.app.bot, issue.repository
    comment = play.gh.comment(play.cast.people["sam"], repo, issue.number, "/approve")
    play.gh.react(bot, comment, "confused")
    play.gh.edit_comment(play.cast.people["sam"], comment, "/approve now")
    play.gh.set_labels(bot, issue, ["token-request", "denied"])
    play.gh.close_issue(bot, repo, issue.number, "not_planned")
    play.gh.lock_issue(bot, repo, issue.number)
    html = play.me.get(play.page(issue))
    said = words(html)
    assert "&lt;b&gt;" in html
    assert "sam Outside acme now · edited" in said
    assert 'title="confused: countersign[bot]"' in html
    assert "added token-request pending" in said
    assert "added denied and removed pending" in said
    assert "closed this as not planned" in said
    assert "Closed as not planned" in said
    assert f'id="issuecomment-{comment.id}"' in html


def test_everybody_may_comment_and_the_bot_hears_it(play):
    issue = play.issue()
    for login in ("olga", "mia", "sam"):
        play.me.become(login).post(f"{play.page(issue)}/comments", body=f"I am {login}\r\nHi")
    assert [one.body for one in issue.comments] == [
        "I am olga\nHi",
        "I am mia\nHi",
        "I am sam\nHi",
    ]
    assert "could not open this private repository" in play.me.get(play.page(issue))
    play.gh.settle()
    heard = [one.json["sender"]["login"] for one in play.gh.deliveries if "comment" in one.event]
    assert heard == ["olga", "mia", "sam"]


def test_comments_that_cannot_be_taken(play):
    issue, page = play.issue(), play.page(play.issue())
    assert "write something first" in play.me.post(f"{page}/comments", body=" \n")
    assert "too long" in play.me.post(f"{page}/comments", body="x" * 65_537)
    play.gh.lock_issue(play.gh.app.bot, issue.repository, issue.number + 1)
    assert "locked" in play.me.become("sam").post(f"{page}/comments", body="Hello")
    assert issue.repository.issues[issue.number + 1].comments == []
    play.me.post("/demo/acme/token-requests/issues/99/comments", 404, body="Hello")


def test_members_close_and_reopen_by_hand(play):
    issue = play.issue()
    play.me.post(f"{play.page(issue)}/state")
    assert (issue.state, issue.closed_by.login) == ("closed", "mia")
    play.me.post(f"{play.page(issue)}/state")
    assert issue.state == "open"
    assert "Only members" in play.me.become("sam").post(f"{play.page(issue)}/state")
    assert issue.state == "open"


def test_hints_fit_the_issue_and_fill_the_box(play):
    issue = play.issue("x", "x", "token-request", "pending")
    html = play.me.get(play.page(issue))
    assert 'data-fill="/approve"' in html
    assert 'data-fill="/unhold"' not in html
    assert 'data-fill="/counter' not in html
    rows = "| metadata | none | **added** | read |\n| issues | read | **upgraded** | write |"
    asking = play.issue(rows, "x", "token-request", "pending")
    assert 'data-fill="/counter issues:read Reading' in play.me.get(play.page(asking))
    assert ">/deny why</textarea>" in play.me.get(play.page(issue) + "?draft=/deny%20why")
    play.issue()
    digest = play.issue("- #2 by max\n- #1 by mia, as in `/approve #12`", "x", "token-digest")
    assert 'data-fill="/approve #2 #1"' in play.me.get(play.page(digest))
    assert "data-fill" not in play.me.get(play.page(play.issue()))


def test_a_code_is_offered_to_who_asked_for_it_and_to_nobody_else(play):
    issue, bot, olga = play.issue("x", "x", "token-request"), play.gh.app.bot, "olga"

    def says(who, text):
        play.gh.comment(who, issue.repository, issue.number, text)

    says(play.cast.people[olga], "/approve")
    says(play.cast.people["mia"], "What for?")
    says(bot, "To go on, comment `/confirm ab12cd34` within 24 hours.")
    assert 'data-fill="/confirm' not in play.me.get(play.page(issue))
    assert 'data-fill="/confirm ab12cd34"' in play.me.become(olga).get(play.page(issue))
    for answer in ("`/confirm CODE` carries out a preview.", "`/help`, `/confirm 1a2b3c4d`"):
        says(play.cast.people[olga], "/help")
        says(bot, answer)
        assert 'data-fill="/confirm' not in play.me.get(play.page(issue))


def test_labels_have_their_colours(play):
    repo = play.cast.repositories["acme/token-requests"]
    play.gh.label(repo, "dark", "0e8a16")
    play.gh.label(repo, "light", "FBCA04")
    play.gh.label(repo, "strange", "}body{")
    css = play.me.get("/demo/colors.css")
    assert ".label-0e8a16{background:#0e8a16;color:#fff}" in css
    assert ".label-fbca04{background:#fbca04;color:#1f2328}" in css
    assert "body" not in css


@pytest.mark.parametrize(
    ("name", "says", "status"),
    [("down", "GitHub is down (2 more calls)", 502), ("limited", "rate limit (2 more calls)", 403)],
)
def test_trouble_hits_the_next_calls_and_no_page(play, name, says, status):
    assert says in play.me.post("/demo/trouble", name=name, calls="2")
    assert httpx.get(play.gh.url + "/meta").status_code == status
    assert "(1 more call)" in play.me.get("/demo/acme")
    assert httpx.get(play.gh.url + "/meta").status_code == status
    assert httpx.get(play.gh.url + "/meta").status_code == 200
    assert "Trouble is on" not in play.me.get("/demo/acme")


def test_trouble_ends_when_told(play):
    for name in ("lost", "slow", "down", "limited"):
        assert "Now act, and watch." in play.me.post("/demo/trouble", name=name, calls="-3")
    assert "There is no such switch" in play.me.post("/demo/trouble", name="flood")
    assert [one.mode for one in play.gh.failures.planned] == [
        "lost",
        "delay",
        "status",
        "rate_limit",
    ]
    assert "Trouble is on" not in play.me.post("/demo/trouble/end", next="/demo/")
    assert httpx.get(play.gh.url + "/meta").status_code == 200


def test_webhooks_get_lost_and_are_sent_again(play):
    assert "webhooks get lost" in play.me.post("/demo/trouble/webhooks")
    play.issue()
    play.me.post("/demo/trouble/webhooks")
    play.gh.settle()
    lost = play.gh.deliveries[-1]
    assert lost.status_code == 502
    html = play.me.get("/demo/activity")
    assert "502 issues .opened acme · #1 · by countersign[bot]" in words(html)
    play.me.post(f"/demo/activity/deliveries/{lost.id}")
    play.gh.settle()
    assert (play.gh.deliveries[-1].guid, play.gh.deliveries[-1].status_code) == (lost.guid, 202)
    assert "(again)" in play.me.get("/demo/activity")


def test_activity_shows_everything_but_secrets(play):
    installation = play.gh.installation_of(play.cast.acme)
    path = f"{play.gh.url}/app/installations/{installation.id}/access_tokens"
    bearer = {"authorization": f"Bearer {app_jwt(play.gh)}"}
    token = httpx.post(path, headers=bearer).json()["token"]
    shown = words(play.me.get("/demo/activity/calls/0"))
    assert "POST /app/installations/" in shown
    assert "(masked)" in shown
    assert token not in shown
    play.gh.settle()
    delivery = play.gh.deliveries[0]
    html = play.me.get(f"/demo/activity/deliveries/{delivery.id}")
    assert delivery.guid in html
    assert delivery.headers["X-Hub-Signature-256"] not in html
    assert delivery.headers["X-Hub-Signature"] not in html


def test_activity_shows_the_ping_of_a_second_app(play):
    hook = {"url": "http://127.0.0.1:9/nobody"}
    manifest = {"url": hook["url"], "hook_attributes": hook, "redirect_url": hook["url"]}
    register(play.gh, play.cast.acme, manifest, "Second")
    play.gh.settle()
    assert "ping" in words(play.me.get("/demo/activity"))
    assert play.gh.deliveries[-1].event == "ping"
    play.me.get(f"/demo/activity/deliveries/{play.gh.deliveries[-1].id}")


def test_actions_are_buttons_whose_sentence_is_shown_once(play):
    play.pages.actions["Later one"] = lambda: "Done later."
    assert 'value="Later one"' in play.me.get("/demo/")
    play.me.http.follow_redirects = False
    play.me.post("/demo/actions", 303, action="Ring the bell", next="/demo/acme")
    assert "It rang." not in play.me.get("/demo/acme", **{"X-Live": "1"})
    assert "It rang." in play.me.get("/demo/acme")
    assert "It rang." not in play.me.get("/demo/acme")
    play.me.http.follow_redirects = True
    assert "There is no such button" in play.me.post("/demo/actions", action="x", next="/demo/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_foreign_pages_send_nothing(play, headers):
    answer = play.me.http.post("/demo/trouble", data={"name": "down"}, headers=headers)
    assert answer.status_code == 403
    assert play.gh.failures.planned == []


def test_foreign_hosts_read_nothing_and_own_forms_pass(play):
    assert play.me.http.get("/demo/", headers={"Host": "evil.example"}).status_code == 403
    answer = play.me.http.get("/demo/static/live.js", headers={"Origin": play.gh.url})
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    sent = {"name": "down"}
    own = {"Origin": play.gh.url}
    assert play.me.http.post("/demo/trouble", data=sent, headers=own).status_code == 200
    assert len(play.gh.failures.planned) == 1


def test_addresses_in_deliveries_lead_to_the_pages(play):
    issue = play.issue()
    play.gh.settle()
    address = play.gh.deliveries[-1].json["issue"]["html_url"]
    assert address == play.gh.url + play.page(issue)
    assert "A request" in play.me.get(address)
    assert "member of acme" in words(play.me.get("/demo/mia").lower())


def test_the_cast_is_delivered_and_organizations_are_apart(play):
    play.gh.settle()
    heard = [
        (one.event, one.json.get("organization", {}).get("login")) for one in play.gh.deliveries
    ]
    requests = [org for event, org in heard if event == "personal_access_token_request"]
    assert requests == ["acme", "acme", "acme", "globex"]
    assert [event for event, _ in heard].count("installation") == 2
    assert play.request(demo_world.HOSTILE_NAME).organization is play.cast.acme
