"""`policy diff OLD NEW`: on which requests two policy files differ."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.policy import usable
from bot.cli.policy_record import Watched, name_in
from bot.cli.printing import Printer, one_line
from bot.cli.progress import Progress
from bot.domain.policy.examples import example_facts
from bot.domain.policy.replay import Recorded, Replay, one_of_each_kind, replay
from bot.domain.policy.rules import Rules, compile_rules
from bot.domain.policy.schema import PolicyFile
from bot.domain.record import OrganizationRecord
from bot.handlers.policies.replay import Recording, recorded_requests
from bot.replies.policy_replay import judgement_in_words, unread_in_words

Among = tuple[Recording, Sequence[OrganizationRecord], datetime]
"""The record, the organizations, and since when their requests count."""


def show_difference(
    old_path: Path, new_path: Path, printer: Printer, *, among: Among | None = None
) -> int:
    """One example of each kind of request on which two files differ: 0 none, 1 some, 2 no policy.

    The requests are the examples of both files, and recorded ones where there is a record. Where a
    fact is not recorded, the files may differ: that counts as a difference.
    """
    old, new = usable(old_path), usable(new_path)
    if old is None or new is None:
        return 2
    files = [(old_path, old), (new_path, new)]
    before, after = compile_rules(old), compile_rules(new)
    with Progress("comparing") as progress:
        if among is not None:
            among = (Watched(among[0], progress), *among[1:])
        found = replay(before, after, _requests(files, before, after, among))
    if printer.as_json:
        printer.document(_facts(found))
    else:
        _print(found, "examples" if among is None else "examples and recorded requests")
    return 1 if found.differences or found.unclear else 0


def _requests(
    files: list[tuple[Path, PolicyFile]], old: Rules, new: Rules, among: Among | None
) -> Iterator[Recorded]:
    teams, now = old.teams | new.teams, datetime.now(UTC)
    for path, file in files:
        facts = example_facts(file, now, teams=teams)
        for example, one in zip(file.examples, facts, strict=True):
            yield Recorded(f"{path}: {example.name}", one)
    if among is None:
        return
    record, orgs, since = among
    for org in orgs:
        for request in recorded_requests(record, org, since, old.needs | new.needs):
            yield replace(request, name=name_in(org, request.name))


def _print(found: Replay, judged: str) -> None:
    for each in one_of_each_kind(found.differences):
        old, new = judgement_in_words(each.old), judgement_in_words(each.new)
        print(one_line(each.name))
        print(f"  old: {one_line(old)}\n  new: {one_line(new)}")
    for sentence in unread_in_words(found.unread):
        print(sentence)
    if not found.differences:
        known = " whose outcome is known" if found.unread else ""
        print(f"No difference in {found.judged} {judged}{known}.")


def _facts(found: Replay) -> dict[str, object]:
    return {
        "judged": found.judged,
        "differences": [
            {
                "request": each.name,
                "old": judgement_in_words(each.old),
                "new": judgement_in_words(each.new),
            }
            for each in one_of_each_kind(found.differences)
        ],
        "not_known": dict(found.unread),
        "unclear": found.unclear,
    }
