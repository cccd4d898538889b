"""The daily digest: what waits, what was decided, once a date, closed when nothing waits."""

from datetime import date, timedelta
from pathlib import Path

from tests.journeys.databases import on_both_databases
from tests.journeys.digests import MIDNIGHT, digests, next_day
from tests.journeys.servers import everywhere
from tests.journeys.stage import Stage, stage, until


def test_a_digest_lists_what_waits_the_most_dangerous_first(daily: Stage) -> None:
    acme, globex = daily.organization("acme"), daily.organization("globex")
    daily.idle()
    assert digests(acme) == []  # nothing waits, nothing to report: no issue

    _, harmless = acme.asked(name="reader", permissions={"repository": {"metadata": "read"}})
    _, held = acme.asked(name="held-back")
    _, dangerous = acme.asked(
        name="all-of-it",
        permissions={"repository": {"administration": "write", "contents": "write"}},
        selection="all",
        repositories=[],
        expires_at=None,
    )
    acme.obeyed(acme.olga, held, "/hold for the security team")
    globex.asked(name="of-globex")
    next_day(daily)

    (digest,) = digests(acme)
    today = daily.today()
    assert digest.title == f"Token requests waiting for review: {today}"
    assert digest.body.startswith(f"<!-- token-digest {acme.org.id}/{today} -->\n")
    order = [digest.body.index(f"#{number}") for number in (dangerous, harmless, held)]
    assert order == sorted(order)
    assert "never expires" in digest.body
    assert "of-globex" not in digest.body
    (other,) = digests(globex)
    assert "of-globex" in other.body


@on_both_databases
def test_once_a_date_and_the_one_before_is_closed(daily: Stage) -> None:
    acme = daily.organization("acme")
    request, number = acme.asked()
    next_day(daily)
    daily.stop_bot()
    daily.start_bot()  # it starts while the date lasts: nothing more comes
    daily.idle()
    (first,) = digests(acme)
    assert first.state == "open"

    acme.asked(name="another")
    acme.obeyed(acme.olga, number, "/deny not now")
    next_day(daily)

    newest, before = sorted(digests(acme), key=lambda one: -one.number)
    assert (before.number, before.state) == (first.number, "closed")
    assert newest.state == "open"
    assert "denied" in newest.body  # what was decided since the last one
    assert request.state == "denied"


@everywhere
def test_it_closes_when_nothing_that_it_lists_waits(daily: Stage) -> None:
    acme = daily.organization("acme")
    _, one = acme.asked()
    _, two = acme.asked(name="two")
    next_day(daily)
    (digest,) = digests(acme)

    acme.obeyed(acme.olga, one, "/approve")
    assert digest.state == "open"
    acme.obeyed(acme.olga, two, "/deny no")

    until(lambda: digest.state == "closed", "a closed digest")


def test_a_token_that_was_not_reviewed_here_is_listed_while_it_stands(daily: Stage) -> None:
    acme = daily.organization("acme")
    daily.idle()
    grant = daily.gh.grant_without_review(acme.org, acme.olga, name="owners-own")
    daily.idle()
    assert daily.gh.issues(acme.admin) == []  # recorded without an issue

    next_day(daily)
    (digest,) = digests(acme)
    assert "### Not reviewed here: 1" in digest.body
    assert digest.body.count("owners-own") == 1
    daily.gh.use_token(grant)

    next_day(daily)
    newest, before = sorted(digests(acme), key=lambda one: -one.number)
    assert (newest.state, before.state) == ("open", "closed")
    assert "### Not reviewed here: 1" in newest.body, "it stands still"


def test_a_reader_in_another_zone_gets_the_local_date(tmp_path: Path) -> None:
    ahead = {**MIDNIGHT, "DIGEST_TIMEZONE": "Pacific/Kiritimati"}  # UTC+14
    with stage(tmp_path, **ahead) as scene:
        acme = scene.organization("acme")
        acme.asked()
        scene.idle()
        before = _in_kiritimati(scene)
        next_day(scene)
        local = {str(before + timedelta(days=1)), str(_in_kiritimati(scene))}  # it may be midnight
        assert max(digests(acme), key=lambda one: one.number).title[-10:] in local


def _in_kiritimati(scene: Stage) -> date:
    return (scene.clock.now() + timedelta(hours=14)).date()


def test_a_digest_comes_on_its_date_when_the_repository_is_fit_again(daily: Stage) -> None:
    acme, globex = daily.organization("acme"), daily.organization("globex")
    acme.asked()
    daily.idle()
    for cast in (acme, globex):
        daily.gh.change_repository(cast.admin, archived=True)
    next_day(daily)
    assert digests(acme) == []
    assert daily.bot.service.store.inbox.counts().failed == 0

    for cast in (acme, globex):
        daily.gh.change_repository(cast.admin, archived=False)
    daily.sweep()
    (digest,) = digests(acme)
    assert str(daily.today()) in digest.title
    daily.sweep()
    globex.asked()  # it had nothing to report at its time: no digest any more today
    daily.sweep()
    assert [len(digests(cast)) for cast in (acme, globex)] == [1, 0]


def test_the_first_digest_waits_until_the_record_knows_what_github_lists(daily: Stage) -> None:
    """The App is installed after the digest's time, and GitHub is slow with its list."""
    acme = daily.organization("acme", install=False)
    acme.asks(name="from before")
    slow = daily.gh.failures.add(path=r"/personal-access-token-requests$", times=None)
    daily.gh.install(acme.org)
    inbox = daily.bot.service.store.inbox

    def digest_was_tried() -> bool:
        daily.bot.service.schedule.tick()
        rows = [row for row in inbox.deliveries() if row.name.startswith("digest:")]
        return any(row.state == "done" or row.last_error for row in rows)

    until(digest_was_tried, "the digest's first try")
    daily.gh.failures.remove(slow)
    daily.idle()
    (digest,) = digests(acme)
    assert "from before" in digest.body


def test_past_dates_never(daily: Stage) -> None:
    """Neither when the repository was unfit all day, nor when GitHub was in trouble."""
    acme, globex = daily.organization("acme"), daily.organization("globex")
    for cast in (acme, globex):
        cast.asked()
    daily.idle()
    daily.gh.change_repository(acme.admin, archived=True)
    issues = "/globex/token-requests/issues$"
    down = daily.gh.failures.add(method="POST", path=issues, status=503, times=None)
    daily.clock.ahead += timedelta(days=1)
    daily.bot.service.schedule.tick()
    until(lambda: down.hits, "a try")
    until(lambda: _asked_for(daily, "/repos/acme/token-requests") >= 3, "an unfit repository")

    daily.clock.ahead += timedelta(days=1)
    daily.gh.change_repository(acme.admin, archived=False)
    daily.bot.service.schedule.tick()
    daily.gh.failures.clear()
    daily.sweep()
    today = str(daily.today())
    for cast in (acme, globex):
        until(lambda cast=cast: digests(cast), "a digest", 40)
        daily.idle()
        assert [one.title[-10:] for one in digests(cast)] == [today]


def test_trouble_with_a_new_digest_holds_up_no_command_on_the_one_before(daily: Stage) -> None:
    acme = daily.organization("acme")
    request, number = acme.asked()
    next_day(daily)
    (digest,) = digests(acme)
    issues = "/token-requests/issues$"
    down = daily.gh.failures.add(method="POST", path=issues, status=503, times=None)
    daily.clock.ahead += timedelta(days=1)
    daily.bot.service.schedule.tick()
    until(lambda: down.hits, "a try")
    said = acme.says(acme.olga, digest.number, f"/approve #{number}")
    until(lambda: request.state == "approved" and said.reactions, "the approval")


def _asked_for(daily: Stage, path: str) -> int:
    return len([one for one in daily.gh.calls if (one.method, one.path) == ("GET", path)])


def test_a_digest_whose_number_is_learned_after_midnight_is_no_orphan(daily: Stage) -> None:
    acme = daily.organization("acme")
    acme.asked()
    daily.idle()
    daily.gh.now = daily.clock.now
    issues = "/token-requests/issues$"
    daily.gh.failures.add(method="POST", path=issues, mode="masked", status=502)
    down = daily.gh.failures.add(method="GET", path=issues, status=503, times=None, skip=1)
    daily.clock.ahead += timedelta(days=1)
    daily.bot.service.schedule.tick()
    until(lambda: down.hits, "a look that failed")
    daily.clock.ahead += timedelta(days=1)
    daily.gh.failures.clear()
    daily.sweep()
    newest, before = sorted(digests(acme), key=lambda one: -one.number)
    assert (before.state, newest.state) == ("closed", "open")


def test_no_delivery_takes_the_digests_turn(daily: Stage) -> None:
    """The GUID is not signed: an old delivery comes again, named as tomorrow's timer will be."""
    acme = daily.organization("acme")
    acme.asked()
    daily.idle()
    tomorrow = daily.today() + timedelta(days=1)
    told = daily.gh.deliveries[-1]
    answer = daily.replay(told, guid=f"digest:{acme.org.id}:{tomorrow}")
    assert answer.status_code == 400
    next_day(daily)
    assert digests(acme)
