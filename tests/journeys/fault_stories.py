"""What people do, for faults to happen in: everything before a story's `yield` is left in peace."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.replies.labels import ALARM_LABEL
from tests.journeys.digests import MIDNIGHT, digests
from tests.journeys.faults import Dead, Mortal, story
from tests.journeys.stage import Cast

CORE = ("opens", "approves", "denies")
"""The stories of which `make test` disturbs every writing call."""
WIDER = {"repository": {"contents": "write", "metadata": "read", "issues": "read"}}


def newest_digest(cast: Cast) -> Any:
    return max(digests(cast), key=lambda one: one.number)


def two_in_a_digest(scene: Mortal, cast: Cast) -> tuple[int, str]:
    """Two requests, and the digest that lists them: its number, and theirs as targets."""
    numbers = [cast.asked(name=name)[1] for name in ("one", "two")]
    scene.turn(days=1)
    scene.until(lambda: digests(cast), "the digest")
    return newest_digest(cast).number, " ".join(f"#{number}" for number in numbers)


def alarm_looks(scene: Mortal) -> list[str]:
    """The looks for what waits in vain that were set so far; none while the bot is dead."""
    try:
        return [name for name, kind, _, _ in scene.ask("jobs") if kind == "AlarmDue"]
    except Dead:
        return []


def confirmed(cast: Cast, number: int, command: str) -> None:
    """A command that is previewed, and carried out by its code."""
    code = re.search(r"/confirm (\w+)", cast.obeyed(cast.olga, number, command))
    assert code
    cast.obeyed(cast.olga, number, code[0])


# ------------------------------------------------------------------ one request


@story()
def opens(scene: Mortal, cast: Cast) -> Iterator[None]:
    yield
    cast.asked()


@story()
def approves(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    cast.obeyed(cast.olga, number, "/approve until the move is done")


@story()
def denies(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    cast.obeyed(cast.olga, number, "/deny not for so long")


@story()
def offers_a_smaller_request(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    cast.obeyed(cast.olga, number, "/counter contents:read for 7d reading is enough")


@story()
def approves_for_a_time(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    cast.obeyed(cast.olga, number, "/approve for 1h a look")
    scene.turn(hours=1)
    scene.until(lambda: not scene.gh.grants(cast.org), "the revocation")


@story()
def widens_for_a_time(scene: Mortal, cast: Cast) -> Iterator[None]:
    first, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve for 2h")
    _, number = cast.asked(token_id=first.token.id, permissions=WIDER)
    yield
    confirmed(cast, number, "/approve for 1h")


@story()
def holds_and_lets_go(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    cast.obeyed(cast.olga, number, "/hold for a talk")
    cast.obeyed(cast.otto, number, "/unhold")


@story()
def revokes(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    yield
    cast.obeyed(cast.olga, number, "/revoke it leaked")


@story()
def asks_and_is_refused(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    cast.obeyed(cast.mia, number, "/status")
    cast.refused(cast.mia, number, "/approve")
    cast.refused(cast.olga, number, "/deny")


@story()
def changes_after_it_was_shown(scene: Mortal, cast: Cast) -> Iterator[None]:
    request, number = cast.asked()
    yield
    scene.gh.change_request(request, permissions=WIDER)
    cast.refused(cast.olga, number, "/approve")


# ------------------------------------------------------------------ the policy


def pushes(scene: Mortal, cast: Cast, text: bytes) -> None:
    scene.gh.commit(cast.olga, cast.admin, {".github/token-policy.yml": text})


CAREFUL = b"version: 1\nmode: enforce\nrules: []\n"


def policy_number(scene: Mortal, cast: Cast) -> int:
    return int(scene.issue(cast.admin, label="token-policy", state="open").number)


@story()
def pushes_a_policy(scene: Mortal, cast: Cast) -> Iterator[None]:
    yield
    pushes(scene, cast, CAREFUL)
    policy_number(scene, cast)


@story()
def adopts_a_policy(scene: Mortal, cast: Cast) -> Iterator[None]:
    pushes(scene, cast, CAREFUL)
    number = policy_number(scene, cast)
    yield
    cast.obeyed(cast.olga, number, "/adopt")


@story()
def pushes_another_policy(scene: Mortal, cast: Cast) -> Iterator[None]:
    pushes(scene, cast, CAREFUL)
    policy_number(scene, cast)
    yield
    pushes(scene, cast, CAREFUL + b"# again\n")
    scene.until(lambda: len(scene.gh.issues(cast.admin)) == 2, "the second issue")


READING = b"""\
version: 1
mode: enforce
rules:
  - {name: reading, when: {permissions: {only: ["*:read"]}}, approve: {for: 1h}}
  - {name: no eternal tokens, when: {expires: never}, deny: not for ever}
"""
TWO_PEOPLE = b"""\
version: 1
mode: enforce
rules: [{name: two people, when: {}, review: {approvals: 2}}]
"""
ONE_PERSON = TWO_PEOPLE.replace(b"approvals: 2", b"approvals: 1")
IN_SHADOW = READING.replace(b"enforce", b"shadow")
READS = {"repository": {"contents": "read", "metadata": "read"}}


def puts_in_force(scene: Mortal, cast: Cast, text: bytes) -> None:
    """Pushed and adopted by one owner."""
    pushes(scene, cast, text)
    number = policy_number(scene, cast)
    asked = re.search(r"/confirm (\w+)", cast.obeyed(cast.olga, number, "/adopt"))
    if asked:
        cast.obeyed(cast.olga, number, asked[0])


@story()
def is_approved_by_a_rule(scene: Mortal, cast: Cast) -> Iterator[None]:
    puts_in_force(scene, cast, READING)
    yield
    _, number = cast.asked(permissions=READS)
    scene.issue(cast.admin, number=number, state="closed", label="approved")


@story()
def is_denied_by_a_rule(scene: Mortal, cast: Cast) -> Iterator[None]:
    puts_in_force(scene, cast, READING)
    yield
    _, number = cast.asked(expires_at=None)
    scene.issue(cast.admin, number=number, state="closed", label="denied")


@story()
def is_approved_by_two(scene: Mortal, cast: Cast) -> Iterator[None]:
    puts_in_force(scene, cast, TWO_PEOPLE)
    _, number = cast.asked()
    yield
    cast.obeyed(cast.olga, number, "/approve")
    cast.obeyed(cast.otto, number, "/approve")


@story()
def is_approved_by_an_adoption(scene: Mortal, cast: Cast) -> Iterator[None]:
    """Given before, one approval is enough by the rules that are adopted then."""
    puts_in_force(scene, cast, TWO_PEOPLE)
    _, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    policy, code = one_person_is_to_be_enough(scene, cast)
    yield
    cast.obeyed(cast.otto, policy, code)
    scene.issue(cast.admin, number=number, state="closed", label="approved")


def one_person_is_to_be_enough(scene: Mortal, cast: Cast) -> tuple[int, str]:
    """It takes one more word of otto: the policy issue's number, and what he has to write."""
    pushes(scene, cast, ONE_PERSON)
    policy = policy_number(scene, cast)
    cast.obeyed(cast.olga, policy, "/adopt")
    asked = re.search(r"/confirm (\w+)", cast.obeyed(cast.otto, policy, "/adopt"))
    assert asked, "it approves what waits"
    return policy, asked[0]


@story(**MIDNIGHT)
def are_approved_by_an_adoption(scene: Mortal, cast: Cast) -> Iterator[None]:
    """The same, and the approval was given on a digest, to two at once."""
    puts_in_force(scene, cast, TWO_PEOPLE)
    digest, numbers = two_in_a_digest(scene, cast)
    cast.obeyed(cast.olga, digest, f"/approve {numbers}")
    policy, code = one_person_is_to_be_enough(scene, cast)
    yield
    cast.obeyed(cast.otto, policy, code)
    for number in re.findall(r"\d+", numbers):
        scene.issue(cast.admin, number=int(number), state="closed", label="approved")


@story()
def changes_after_one_approval(scene: Mortal, cast: Cast) -> Iterator[None]:
    puts_in_force(scene, cast, TWO_PEOPLE)
    request, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    yield
    scene.gh.change_request(request, permissions=WIDER)
    scene.turn(minutes=15)
    scene.issue(cast.admin, number=number, said="Dropped")


@story()
def is_judged_in_shadow(scene: Mortal, cast: Cast) -> Iterator[None]:
    puts_in_force(scene, cast, IN_SHADOW)
    yield
    cast.asked(permissions=READS)
    scene.until(lambda: "In shadow" in scene.gh.issues(cast.admin)[-1].body, "the line")


# ------------------------------------------------------------------ what GitHub tells


@story()
def is_decided_elsewhere(scene: Mortal, cast: Cast) -> Iterator[None]:
    request, _ = cast.asked()
    yield
    scene.gh.review_as(cast.olga, cast.org, request.id, "approve", "fine")
    scene.issue(cast.admin, state="closed")


@story()
def is_cancelled(scene: Mortal, cast: Cast) -> Iterator[None]:
    request, _ = cast.asked()
    yield
    scene.gh.cancel_request(request)
    scene.issue(cast.admin, state="closed")


@story()
def expires(scene: Mortal, cast: Cast) -> Iterator[None]:
    moment = datetime.now(UTC).replace(microsecond=0)
    cast.asked(expires_at=moment + timedelta(hours=2))
    yield
    scene.turn(hours=2)  # for GitHub, too
    scene.issue(cast.admin, state="closed")


@story()
def vanishes(scene: Mortal, cast: Cast) -> Iterator[None]:
    request, _ = cast.asked()
    yield
    scene.gh.vanish_request(request)
    for _ in range(2):
        scene.turn(minutes=15)
        scene.idle()


@story()
def loses_its_access_elsewhere(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    cast.obeyed(cast.olga, number, "/approve")
    scene.turn(minutes=5)
    yield
    scene.gh.revoke(scene.gh.grants(cast.org)[0])
    for _ in range(2):
        scene.turn(minutes=15)
        scene.idle()
    scene.issue(cast.admin, number=number, label="revoked")


@story()
def is_never_delivered(scene: Mortal, cast: Cast) -> Iterator[None]:
    yield
    with scene.gh.drop_deliveries():
        cast.asks()
        scene.gh.settle()
    scene.turn(minutes=15)
    scene.issue(cast.admin, label="pending")
    scene.idle()
    scene.turn(minutes=15)  # what GitHub sent to a dead bot, the next sweep asks for


class _Ear(BaseHTTPRequestHandler):
    """Takes every notification."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Nothing."""


_EAR = ThreadingHTTPServer(("127.0.0.1", 0), _Ear)
threading.Thread(target=_EAR.serve_forever, daemon=True).start()


@story(NOTIFY_URL=f"http://127.0.0.1:{_EAR.server_port}/", NOTIFY_SECRET=f"whsec_{'MTIz' * 11}")
def is_told_elsewhere(scene: Mortal, cast: Cast) -> Iterator[None]:
    yield
    cast.asked()


@story()
def leaves_the_organization(scene: Mortal, cast: Cast) -> Iterator[None]:
    cast.asked()
    yield
    scene.gh.remove_member(cast.org, cast.mia)
    scene.until(lambda: "no longer" in scene.gh.issues(cast.admin)[0].body, "the news")


# ------------------------------------------------------------------ the issue by hand


@story()
def loses_its_issue(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    scene.gh.delete_issue(cast.otto, cast.admin, number)
    scene.issue(cast.admin, number=number + 1)


@story()
def loses_its_issue_unheard(scene: Mortal, cast: Cast) -> Iterator[None]:
    """It has to be shown anew before the delivery comes that it is gone."""
    request, number = cast.asked()
    yield
    with scene.gh.hold_deliveries():
        scene.gh.delete_issue(cast.otto, cast.admin, number)
        scene.gh.change_request(request, permissions=WIDER)
        scene.turn(minutes=15)
        scene.issue(cast.admin, number=number + 1)


@story()
def is_closed_by_hand(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    scene.gh.close_issue(cast.otto, cast.admin, number)
    scene.issue(cast.admin, number=number, state="open", said="not decided yet")


@story()
def is_edited_by_hand(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    scene.gh.edit_issue(cast.mia, cast.admin, number, body="/approve")
    scene.gh.label_issue(cast.mia, cast.admin, number, add="approved")
    scene.until(
        lambda: "approved" not in scene.gh.issue(cast.admin, number).labels, "the restoring"
    )


# ------------------------------------------------------------------ places and installations


@story()
def is_installed(scene: Mortal, cast: Cast) -> Iterator[None]:
    other = scene.organization("globex", install=False)
    other.asks()
    yield
    scene.gh.install(other.org)
    scene.issue(other.admin, label="pending")


@story()
def goes_public_and_back(scene: Mortal, cast: Cast) -> Iterator[None]:
    cast.asked()
    yield
    scene.gh.change_repository(cast.admin, private=False)
    cast.asks(name="second")
    scene.gh.settle()
    scene.gh.change_repository(cast.admin, private=True)
    scene.issue(cast.admin, title_has="second")


@story()
def moves(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    reviews = scene.gh.add_repository(cast.org, "reviews")
    yield
    scene.environ["ADMIN_REPO"] = "reviews"
    scene.restart()
    scene.issue(reviews, label="pending")
    scene.issue(cast.admin, number=number, state="closed")


@story()
def waits_in_vain(scene: Mortal, cast: Cast) -> Iterator[None]:
    _, number = cast.asked()
    yield
    down = scene.gh.failures.add(method="GET", path="/memberships/", status=503, times=None)
    said = cast.says(cast.olga, number, "/approve")
    scene.until(lambda: down.hits, "the failure")
    looks = len(alarm_looks(scene))
    scene.turn(hours=1, minutes=2)
    scene.until(lambda: len(alarm_looks(scene)) > looks, "the next look for what waits")
    scene.turn(minutes=2)
    alarm = scene.issue(cast.admin, label=ALARM_LABEL)
    scene.gh.failures.remove(down)
    cast.answered(said, "+1")
    scene.turn(minutes=15)
    scene.idle()
    scene.turn(minutes=2)
    scene.until(lambda: alarm.state == "closed", "the end of the alarm")


# ------------------------------------------------------------------ many at once


@story(**MIDNIGHT)
def is_told_in_a_digest(scene: Mortal, cast: Cast) -> Iterator[None]:
    two_in_a_digest(scene, cast)
    scene.gh.grant_without_review(cast.org, cast.olga, name="owners-own")
    yield
    scene.turn(days=1)
    scene.until(lambda: len(digests(cast)) == 2, "another digest")


@story(**MIDNIGHT, GRANTS_AT="19:00")
def is_revoked_as_announced(scene: Mortal, cast: Cast) -> Iterator[None]:
    cast.asked(by=cast.otto)  # so that each day has a digest
    scene.gh.grant_without_review(cast.org, cast.mia, name="left behind")
    scene.idle()  # the policy's issue counts the requests that are known by then
    grants = b"grants: {revoke_when: [ownerless, unused], after: 6h}\n"
    puts_in_force(scene, cast, b"version: 1\nmode: enforce\nrules: []\n" + grants)
    scene.gh.remove_member(cast.org, cast.mia)
    scene.turn(days=1)
    scene.until(lambda: digests(cast), "the digest that announces it")
    yield
    scene.turn(hours=11.5)  # it is forenoon: the pass is due, and no digest yet
    scene.until(lambda: not scene.gh.grants(cast.org), "its revocation")
    scene.idle()
    scene.turn(hours=12.5)


@story(**MIDNIGHT)
def approves_many(scene: Mortal, cast: Cast) -> Iterator[None]:
    digest, _ = two_in_a_digest(scene, cast)
    yield
    confirmed(cast, digest, "/approve all for the move")


@story(**MIDNIGHT)
def denies_many(scene: Mortal, cast: Cast) -> Iterator[None]:
    digest, numbers = two_in_a_digest(scene, cast)
    yield
    cast.obeyed(cast.olga, digest, f"/deny {numbers} not now")


@story(**MIDNIGHT)
def holds_and_lets_go_many(scene: Mortal, cast: Cast) -> Iterator[None]:
    digest, numbers = two_in_a_digest(scene, cast)
    yield
    cast.obeyed(cast.olga, digest, f"/hold {numbers}")
    cast.obeyed(cast.otto, digest, f"/unhold {numbers}")


@story(**MIDNIGHT)
def revokes_many(scene: Mortal, cast: Cast) -> Iterator[None]:
    digest, numbers = two_in_a_digest(scene, cast)
    _, third = cast.asked(name="three")
    cast.obeyed(cast.olga, digest, f"/approve {numbers}")
    scene.turn(days=1)
    scene.until(lambda: len(digests(cast)) == 2, "another digest")
    assert third
    yield
    cast.obeyed(cast.olga, newest_digest(cast).number, f"/revoke {numbers} over")
