"""Commands about active tokens on a digest: revoke and keep."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.events import GrantsDue
from tests.journeys.digests import MIDNIGHT, digests, next_day
from tests.journeys.stage import Cast, Stage, stage, until


def newest(acme: Cast) -> Any:
    return max(digests(acme), key=lambda one: one.number)


def standing(acme: Cast) -> set[str]:
    return {one.token.name for one in acme.stage.gh.grants(acme.org)}


def unreviewed(daily: Stage, acme: Cast, *names: str) -> dict[str, Any]:
    """Mia's tokens that nobody here reviewed, on the newest digest."""
    made = {name: daily.gh.grant_without_review(acme.org, acme.mia, name=name) for name in names}
    daily.idle()
    next_day(daily)
    return made


def test_a_token_is_revoked_by_its_id(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "one", "two")
    digest = newest(acme)
    id_ = made["one"].token.id
    assert f"`token:{id_}`" in digest.body
    reply = acme.obeyed(acme.olga, digest.number, f"/revoke token:{id_} it leaked")
    assert standing(acme) == {"two"}
    assert "Revoked all access of 1 token" in reply
    next_day(daily)
    assert "### Not reviewed here: 1" in newest(acme).body, "the other one"


def test_a_report_that_github_does_not_take_at_first_names_what_was_revoked(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "one", "two", "three")
    path = r"/issues/\d+/comments$"
    daily.gh.failures.add(method="POST", path=path, status=502)
    ids = " ".join(f"token:{made[name].token.id}" for name in ("one", "two"))
    reply = acme.obeyed(acme.olga, newest(acme).number, f"/revoke {ids} they leaked")
    assert standing(acme) == {"three"}
    assert "Revoked all access of 2 tokens" in reply


@pytest.mark.parametrize("mode", ["kept", "lost"])
def test_what_was_revoked_before_the_command_held_no_more_is_reported(
    daily: Stage, mode: Any
) -> None:
    """Its comment is edited once GitHub has revoked the first ten, or the first one whose answer is
    lost: the others stay.
    """
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, *(f"token {number}" for number in range(11)))
    said: list[Any] = []

    def edit() -> None:
        (one,) = until(lambda: said, "the comment")
        daily.gh.edit_comment(acme.olga, one, one.body + "!")
        call.release()

    path, before = r"/personal-access-tokens/\d+$", 9 if mode == "kept" else 0
    call = daily.gh.failures.add(method="POST", path=path, mode=mode, skip=before, then=edit)
    ids = " ".join(f"token:{one.token.id}" for one in made.values())
    said.append(acme.says(acme.olga, newest(acme).number, f"/revoke {ids} they leaked"))
    report = acme.answered(said[0], "+1")
    done = before + 1
    assert len(standing(acme)) == 11 - done
    assert f"Revoked all access of {done} token" in report
    assert report.count("the command does not hold any more") == 11 - done


def test_the_approved_request_of_a_revoked_token_is_revoked_too(daily: Stage) -> None:
    acme = daily.organization("acme")
    request, number = acme.asked(expires_at=None)
    acme.obeyed(acme.olga, number, "/approve for ever")
    acme.stage.gh.grant_without_review(acme.org, acme.mia, name="other")
    next_day(daily)
    id_ = request.token.id
    acme.obeyed(acme.olga, newest(acme).number, f"/revoke token:{id_}")
    assert standing(acme) == {"other"}
    assert "revoked" in daily.gh.issue(acme.admin, number).labels


@pytest.mark.parametrize("look", ["next", "second"])
def test_a_call_that_was_lost_and_a_list_that_lags_end_nothing(daily: Stage, look: str) -> None:
    """GitHub never got the call, and its list does not show the grant at one of the next looks."""
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "leaked")["leaked"]

    def lag() -> None:
        daily.gh.lag("grants", shows="nothing", times=1)

    def lag_later() -> None:
        daily.gh.failures.add(method="GET", path="/personal-access-tokens$", mode="told", then=lag)

    call = daily.gh.failures.add(
        method="POST",
        path=r"/personal-access-tokens/\d+$",
        mode="drop",
        then=lag if look == "next" else lag_later,
    )
    text = f"/revoke token:{made.token.id} it leaked"
    reply = acme.obeyed(acme.olga, newest(acme).number, text)
    assert call.hits
    assert "Revoked all access" in reply
    assert standing(acme) == set()


def test_who_is_no_owner_any_more_revokes_no_further(daily: Stage) -> None:
    """GitHub takes four seconds for the first one."""
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "one", "two")

    def leave() -> None:
        daily.clock.ahead += timedelta(seconds=4)
        daily.gh.remove_member(acme.org, acme.olga)
        call.release()

    path = r"/personal-access-tokens/\d+$"
    call = daily.gh.failures.add(method="POST", path=path, mode="kept", then=leave)
    ids = " ".join(f"token:{one.token.id}" for one in made.values())
    said = acme.says(acme.olga, newest(acme).number, f"/revoke {ids} they leaked")
    until(lambda: said.reactions, "an answer", 60)
    daily.idle()
    assert len(standing(acme)) == 1


def test_what_was_granted_anew_is_another_access(daily: Stage) -> None:
    """The digest has not told of it: it may be what an owner approved since."""
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "leaked")["leaked"]
    with daily.gh.drop_deliveries():
        daily.gh.revoke(made)
        again = acme.asks(token_id=made.token.id)
        daily.gh.review_as(acme.otto, acme.org, again.id, "approve", None)
        assert daily.gh.settle()
    text = f"/revoke token:{made.token.id} it leaked"
    said = acme.says(acme.olga, newest(acme).number, text)
    until(lambda: said.reactions, "an answer", 60)
    daily.idle()
    assert len(standing(acme)) == 1


def test_what_else_the_token_asks_for_still_waits(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "leaked")["leaked"]
    _, number = acme.asked(token_id=made.token.id)
    text = f"/revoke token:{made.token.id} it leaked"
    acme.obeyed(acme.olga, newest(acme).number, text)
    assert standing(acme) == set()
    assert "pending" in daily.gh.issue(acme.admin, number).labels


def test_all_of_a_kind_are_previewed_and_read_again(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "unused", "used since", "kept")
    daily.gh.grant_without_review(acme.org, acme.olga, name="olgas own")
    daily.clock.ahead += timedelta(days=30)
    next_day(daily)
    digest = newest(acme)
    assert "### Unused tokens: 4" in digest.body
    keep = f"/keep token:{made['kept'].token.id} for 90d the yearly backup"
    acme.obeyed(acme.olga, digest.number, keep)
    preview = acme.obeyed(acme.olga, digest.number, "/revoke unused nobody needs them")
    assert len(standing(acme)) == 4, "nothing is done before it is confirmed"
    assert not [one for one in ("olgas own", "kept") if f"`{one}`" in preview]
    code = re.search(r"/confirm ([0-9a-f]{8})", preview)
    assert code
    daily.gh.use_token(made["used since"])
    made["used since"].token.last_used_at = daily.clock.now()
    wrong = acme.refused(acme.otto, digest.number, f"/confirm {code[1]}")
    assert "code" in wrong
    report = acme.obeyed(acme.olga, digest.number, f"/confirm {code[1]}")
    assert standing(acme) == {"used since", "kept", "olgas own"}
    assert "it is not unused any more" in report


def test_a_use_that_a_pass_saw_counts_though_a_list_lags(daily: Stage) -> None:
    """Between the preview and its confirmation, which GitHub answers from an older copy."""
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "unused", "used since")
    daily.clock.ahead += timedelta(days=30)
    next_day(daily)
    number = newest(acme).number
    preview = acme.obeyed(acme.olga, number, "/revoke unused nobody needs them")
    code = preview.split("/confirm ")[1][:8]
    used = made["used since"].token
    used.last_used_at = daily.clock.now()
    store = daily.bot.service.store
    store.inbox.put(
        GrantsDue(acme.org.id, daily.today()),
        dedupe="another pass",
        lane=f"grants:{acme.org.id}",
        org_id=acme.org.id,
    )
    daily.idle()
    used.last_used_at = None
    report = acme.obeyed(acme.olga, number, f"/confirm {code}")
    assert standing(acme) == {"used since"}
    assert "it is not unused any more" in report


@pytest.mark.parametrize(
    ("kind", "rest"), [("ownerless", {"otto's", "olga's"}), ("unreviewed", {"olga's"})]
)
def test_ownerless_and_unreviewed_ones_are_revoked_together(
    daily: Stage, kind: str, rest: set[str]
) -> None:
    """But never the own ones of who commands it."""
    acme = daily.organization("acme")
    for who in (acme.mia, acme.otto, acme.olga):
        daily.gh.grant_without_review(acme.org, who, name=f"{who.login[:4]}'s")
    if kind == "ownerless":
        daily.gh.remove_member(acme.org, acme.mia)
    daily.idle()
    next_day(daily)
    number = newest(acme).number
    preview = acme.obeyed(acme.olga, number, f"/revoke {kind} nobody knows them")
    assert len(standing(acme)) == 3, "always previewed"
    code = preview.split("/confirm ")[1][:8]
    acme.obeyed(acme.olga, number, f"/confirm {code}")
    assert standing(acme) == rest


def test_a_server_that_ignores_filters_loses_no_other_token(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "one", "two", "three")
    daily.gh.lists.ignore_filters = True
    id_ = made["two"].token.id
    acme.obeyed(acme.olga, newest(acme).number, f"/revoke token:{id_}")
    assert standing(acme) == {"one", "three"}
    daily.gh.lists.ignore_filters = False


def test_nobody_but_owners_and_never_their_own(daily: Stage) -> None:
    acme, globex = daily.organization("acme"), daily.organization("globex")
    made = unreviewed(daily, acme, "mias")
    own = daily.gh.grant_without_review(acme.org, acme.olga, name="olgas").token.id
    other = daily.gh.grant_without_review(globex.org, globex.mia, name="theirs").token.id
    next_day(daily)
    number, id_ = newest(acme).number, made["mias"].token.id
    acme.refused(acme.mia, number, f"/revoke token:{id_}")
    acme.refused(acme.mia, number, f"/keep token:{id_} for 90d I need it")
    assert "your own" in acme.refused(acme.olga, number, f"/keep token:{own} for 90d mine")
    assert "your own" in acme.refused(acme.olga, number, f"/revoke token:{own}")
    assert "no active token" in acme.refused(acme.olga, number, f"/revoke token:{other}")
    assert "time" in acme.refused(acme.olga, number, f"/keep token:{id_} the backup")
    assert standing(acme) == {"mias", "olgas"}
    assert standing(globex) == {"theirs"}


@pytest.mark.parametrize("links", ["on", "off"])
def test_links_to_a_page_for_a_new_token_may_be_turned_off(tmp_path: Path, links: str) -> None:
    with stage(tmp_path, PREFILLED_LINKS=links, **MIDNIGHT) as daily:
        acme = daily.organization("acme")
        _, number = acme.asked(expires_at=daily.gh.now() + timedelta(days=10))
        acme.obeyed(acme.olga, number, "/approve")
        next_day(daily)
        body = newest(acme).body
    assert "its owner must renew it" in body
    assert ("/settings/personal-access-tokens/new?" in body) == (links == "on")


def test_what_is_kept_is_not_listed_until_its_time(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "backup")
    before = newest(acme)
    id_ = made["backup"].token.id
    reply = acme.obeyed(acme.olga, before.number, f"/keep token:{id_} for 2d the yearly backup")
    assert "digests do not list 1 token" in reply
    next_day(daily)
    assert newest(acme) is before, "nothing else is to be told"
    next_day(daily)
    next_day(daily)
    assert "backup" in newest(acme).body


def test_a_digest_that_shows_active_tokens_stays_open(daily: Stage) -> None:
    acme = daily.organization("acme")
    daily.gh.grant_without_review(acme.org, acme.mia, name="standing")
    _, number = acme.asked()
    next_day(daily)
    acme.obeyed(acme.olga, number, "/deny no")
    assert newest(acme).state == "open"


def test_what_happened_to_a_token_since_the_preview_counts_and_is_told(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "kept", "revoked", "left")
    digest = newest(acme)
    ids = {name: grant.token.id for name, grant in made.items()}
    preview = acme.obeyed(acme.olga, digest.number, "/revoke unreviewed")
    acme.obeyed(acme.otto, digest.number, f"/keep token:{ids['kept']} for 60d the audit needs it")
    acme.obeyed(acme.otto, digest.number, f"/revoke token:{ids['revoked']} it leaked")
    code = re.findall(r"`(/confirm \w+)`", preview)[0]
    told = acme.obeyed(acme.olga, digest.number, code)
    assert standing(acme) == {"kept"}
    lines = {name: line for line in told.splitlines() for name in ids if f"`{name}`" in line}
    assert "left out, an owner keeps it" in lines["kept"]
    assert "left out, GitHub does not list its access" in lines["revoked"]
    assert "revoked" in lines["left"]
    assert "Revoked all access of 1 token" in told


def test_a_grant_that_is_gone_meanwhile_is_left_out(daily: Stage) -> None:
    acme = daily.organization("acme")
    made = unreviewed(daily, acme, "gone")
    daily.gh.revoke(made["gone"])
    id_ = made["gone"].token.id
    said = acme.refused(acme.olga, newest(acme).number, f"/revoke token:{id_}")
    assert "GitHub does not list its access any more" in said
