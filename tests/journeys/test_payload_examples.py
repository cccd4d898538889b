"""GitHub's example payloads, old and odd ones included: taken, and nothing bad comes of them.

An extra: runs where the examples are at hand, in a directory `shared` beside the checkout.
"""

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import Cast, Stage, stage

EXAMPLES = Path(__file__).resolve().parents[2] / "../shared/github/payloads"
FILES = sorted(one for one in EXAMPLES.glob("*.json") if one.name != "ORIGINS.json")
if not FILES:
    pytest.skip("no example payloads at hand", allow_module_level=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("examples")) as one:
        yield one


def read(file: Path) -> tuple[str, Any]:
    return file.name.partition(".")[0], json.loads(file.read_text())


def ours(payload: Any, cast: Cast, number: int) -> Any:
    """The payload as if it were about our organization, its admin repository and an issue there."""
    about = copy.deepcopy(payload)
    if "installation" in about:
        about["installation"]["id"] = cast.installation.id
    places = [about.get("organization"), about.get("account")]
    places.append(about.get("installation", {}).get("account"))
    places.append(about.get("repository", {}).get("owner"))
    for one in places:
        if one:
            one.update(id=cast.org.id, login=cast.org.login, type="Organization")
    if "repository" in about:
        about["repository"].update(id=cast.admin.id, full_name=cast.admin.full_name, private=True)
    if "issue" in about:
        about["issue"]["number"] = number
    return about


def nothing_happened(scene: Stage, asked: Any, cast: Cast) -> None:
    """The bot lives, and nobody's request was decided, nobody's grant made."""
    failed = scene.bot.service.store.inbox.deliveries("failed")
    assert [(one.event, one.action, one.last_error) for one in failed] == []
    assert (asked.state, scene.gh.grants(cast.org)) == ("pending", [])
    reviews = [
        one.path
        for one in scene.gh.calls
        if one.method == "POST" and "/personal-access-token" in one.path
    ]
    assert reviews == []
    asks_again = cast.asks(name=f"still-alive-{len(scene.gh.deliveries)}")
    assert scene.issue(cast.admin, title_has=asks_again.token.name, label="pending")


@pytest.mark.parametrize("whose", ["strangers", "ours"])
def test_examples_are_taken_and_do_no_harm(
    place: Stage, whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    cast = place.organization(whose)
    asked = cast.asks()
    number = place.issue(cast.admin, label="pending").number
    place.idle()
    for file in FILES:
        event, payload = read(file)
        place.deliver(event, ours(payload, cast, number) if whose == "ours" else payload, None)
    place.clock.ahead += timedelta(seconds=70)  # so that what looks again later does so now
    place.idle()
    nothing_happened(place, asked, cast)
    faults = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert faults == []
