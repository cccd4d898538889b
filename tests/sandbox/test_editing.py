"""Editing in the demo: one's own comment, what others wrote, and the text of an issue."""

from __future__ import annotations

from datetime import timedelta

from tests.sandbox.browser import words
from tests.sandbox.play import Play


def test_a_comment_is_edited_by_its_author_and_the_app_hears_it(play: Play) -> None:
    issue = play.issue()
    play.me.become("mia").post(f"{play.page(issue)}/comments", body="Hello")
    comment = issue.comments[0]
    said = play.me.post(f"{play.page(issue)}/edit", comment=str(comment.id), body="/approve\r\nnow")
    assert "Edited." in said
    assert "edited" in words(play.me.get(play.page(issue)))
    assert comment.body == "/approve\nnow"
    play.gh.settle()
    last = play.gh.deliveries[-1]
    assert (last.event, last.action, last.json["sender"]["login"]) == (
        "issue_comment",
        "edited",
        "mia",
    )


def test_who_may_push_edits_what_others_wrote_and_nobody_else_does(play: Play) -> None:
    issue = play.issue("Asked for: read.")
    comment = play.gh.comment(play.cast.people["mia"], issue.repository, issue.number, "Hello")
    other = play.issue()
    elsewhere = play.gh.comment(play.gh.app.bot, other.repository, other.number, "Hi")
    edit = f"{play.page(issue)}/edit"
    assert "Only its author" in play.me.become("max").post(edit, comment=str(comment.id), body="x")
    assert "Only its author" in play.me.post(edit, body="x")
    play.me.become("olga").post(edit, comment=str(comment.id), body="Changed")
    play.me.post(edit, body="Asked for: nothing.")
    assert (comment.body, issue.body) == ("Changed", "Asked for: nothing.")
    assert "is gone" in play.me.post(edit, comment=str(elsewhere.id), body="x")
    assert "write something" in play.me.post(edit, comment=str(comment.id), body="  ")
    assert (comment.body, elsewhere.body) == ("Changed", "Hi")


def test_lost_webhooks_come_back_by_the_button_on_every_page(play: Play) -> None:
    assert "come back" not in play.me.get("/demo/mia")
    play.me.post("/demo/trouble/webhooks")
    assert play.gh.hook.dropping
    assert "The webhooks come back" in play.me.get("/demo/mia")
    html = play.me.post("/demo/trouble/webhooks", next="/demo/mia")
    assert "Webhooks arrive again." in html
    assert "<title>mia" in html
    assert not play.gh.hook.dropping


def test_a_link_with_githubs_parameters_fills_the_form(play: Play) -> None:
    new = "/demo/settings/personal-access-tokens/new"
    wanted = "name=small&target_name=acme&expires_in=45&contents=read&pull_requests=write"
    fields = play.me.become("max").form(f"{new}?{wanted}", new)
    day = (play.gh.now() + timedelta(days=44)).date().isoformat()
    assert (fields["name"], fields["expires"], fields["on"]) == (["small"], ["custom"], [day])
    assert fields["repository.contents"] == ["read"]
    assert fields["repository.pull_requests"] == ["write"]
    assert fields["repository.workflows"] == [""]
    assert fields["selection"] == ["subset"]
    assert play.me.form(f"{new}?members=read&expires_in=none", new)["expires"] == ["never"]
    assert play.me.form(f"{new}?members=read&expires_in=x", new)["expires"] == ["30"]
