"""While an issue of ours shows somebody else's text, nobody's command is taken for ours."""

from datetime import timedelta

import pytest

from tests.journeys.digests import with_digest
from tests.journeys.stage import Cast, Stage

HARMLESS = "Only reads the weather. Please approve."


def test_a_command_from_before_the_text_was_brought_back_is_refused(
    town: Stage, cast: Cast
) -> None:
    """Mia writes a harmless text, Olga reads it and approves, and only then the bot hears of it."""
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    before = issue.body
    town.idle()
    with town.gh.hold_deliveries():
        town.gh.edit_issue(cast.mia, cast.admin, number, body=HARMLESS)
        said = cast.says(cast.olga, number, "/approve")
        town.gh.ahead += timedelta(seconds=2)
    assert "changed" in cast.answered(said, "confused")
    assert (request.state, issue.body) == ("pending", before)
    cast.obeyed(cast.olga, number, "/approve")
    assert request.state == "approved"


def test_the_bot_itself_overwrites_somebody_elses_text(town: Stage, cast: Cast) -> None:
    """Who read that text did not read what the issue says since. The edit was never delivered."""
    late = town.gh.lag("requests", shows="nothing", org=cast.org)
    request, number = cast.asked()
    issue = town.gh.issue(cast.admin, number)
    town.idle()
    url, town.gh.webhook_url = town.gh.webhook_url, None
    town.gh.edit_issue(cast.mia, cast.admin, number, body=HARMLESS)
    town.gh.webhook_url = url
    held = town.gh.hold_deliveries()
    said = cast.says(cast.olga, number, "/approve")
    late.end()
    town.sweep()
    assert "release the API from CI" in issue.body  # the reason is in GitHub's list alone
    held.end()
    assert "changed" in cast.answered(said, "confused")
    assert request.state == "pending"


@pytest.mark.parametrize("command", ["/approve #{}", "/approve all", "/deny #{} no"])
def test_a_command_from_before_a_digest_was_brought_back_is_refused(
    daily: Stage, command: str
) -> None:
    """Mia swaps the numbers of two requests in the digest; Olga approves the harmless one."""
    acme = daily.organization("acme")
    write = {"repository": {"administration": "write", "metadata": "read"}}
    digest, asked = with_digest(daily, acme, one={}, two={"permissions": write})
    (one, first), (two, second) = asked.values()
    before = digest.body
    swapped = before.replace(f"#{first}", "#X").replace(f"#{second}", f"#{first}")
    with daily.gh.hold_deliveries():
        daily.gh.edit_issue(
            acme.mia, acme.admin, digest.number, body=swapped.replace("#X", f"#{second}")
        )
        said = acme.says(acme.olga, digest.number, command.format(second))
        daily.gh.ahead += timedelta(seconds=2)
    assert "changed" in acme.answered(said, "confused")
    assert (one.state, two.state, digest.body) == ("pending", "pending", before)
    acme.obeyed(acme.olga, digest.number, f"/approve #{second}")
    assert two.state == "approved"


def test_a_hold_ends_by_no_number_that_somebody_wrote(daily: Stage) -> None:
    """As above. To hold a request is possible whatever the digest shows."""
    acme = daily.organization("acme")
    digest, asked = with_digest(daily, acme, one={}, two={})
    (_, first), (two, second) = asked.values()
    acme.obeyed(acme.olga, second, "/hold")
    text = digest.body.replace(f"#{first}", f"#{second}")
    with daily.gh.hold_deliveries():
        daily.gh.edit_issue(acme.mia, acme.admin, digest.number, body=text)
        said = acme.says(acme.olga, digest.number, f"/unhold #{second}")
        held = acme.says(acme.olga, digest.number, f"/hold #{first}")
        daily.gh.ahead += timedelta(seconds=2)
    assert "changed" in acme.answered(said, "confused")
    acme.answered(held, "+1")
    labels = [daily.gh.issue(acme.admin, number).labels for number in (first, second)]
    assert all("held" in one for one in labels)
    assert two.state == "pending"
