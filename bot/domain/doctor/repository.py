"""Whether the admin repository is fit for review issues."""

from collections.abc import Iterator, Sequence

from bot.domain.accounts import AdminRepository
from bot.domain.doctor.check import Check, Verdict, ok
from bot.domain.doctor.facts import RepositoryFacts, Unread
from bot.domain.doctor.pages import Pages

ROW = "admin repository"
_WAIT = "Requests are recorded and wait. Commands there are refused."
_NAMED = 10
"""So many names are told; the others are counted."""


def check_repository(
    facts: RepositoryFacts, labels: Sequence[str], pages: Pages
) -> Iterator[Check]:
    """One admin repository. `labels` are those that the bot uses."""
    found = facts.found
    if isinstance(found, Unread):
        yield found.unknown(ROW, facts.name)
        return
    if found is None:
        yield _missing(facts, pages)
        return
    faults = list(_faults(found, pages))
    yield from faults or [ok(ROW, f"{found.full_name} is private and has issues.")]
    yield _alone(facts, found)
    yield _labels(facts, labels)
    yield _pushers(facts)


def _missing(facts: RepositoryFacts, pages: Pages) -> Check:
    owner, _, name = facts.name.partition("/")
    if facts.installed is None:
        return Check(
            ROW,
            Verdict.FAULT,
            f"The App is not installed in {owner}, where {facts.name} is.",
            _WAIT,
            f"Install the App in {owner}, or correct ADMIN_REPO.",
            pages.install(),
        )
    return Check(
        ROW,
        Verdict.FAULT,
        f"{facts.name} does not exist, or is not among the App's repositories.",
        _WAIT,
        f"Create a private repository {name} in {owner}. If it exists, add it to the App's"
        " repositories on the installation's page, or correct ADMIN_REPO.",
        facts.installed.page,
    )


def _faults(found: AdminRepository, pages: Pages) -> Iterator[Check]:
    name, settings = found.full_name, pages.repository(found.full_name, "/settings")
    if not found.private:
        yield Check(
            ROW,
            Verdict.FAULT,
            f"{name} is public.",
            "Review issues name people and their tokens. The bot opens none there.",
            "Is it the wrong repository, correct ADMIN_REPO. Else, in its settings, below “Danger"
            " Zone”, change the visibility to private.",
            settings,
        )
    if found.archived:
        yield Check(
            ROW,
            Verdict.FAULT,
            f"{name} is archived.",
            _WAIT,
            "In its settings, below “Danger Zone”, choose “Unarchive this repository”.",
            settings,
        )
    if not found.has_issues:
        yield Check(
            ROW,
            Verdict.FAULT,
            f"{name} has its issues switched off.",
            _WAIT,
            "In its settings, below “Features”, tick “Issues”.",
            settings,
        )


def _alone(facts: RepositoryFacts, found: AdminRepository) -> Check:
    if isinstance(facts.reached, Unread):
        return facts.reached.unknown(ROW, "Which repositories the App reaches")
    others = [one for one in facts.reached if one.lower() != found.full_name.lower()]
    if not others:
        return ok(ROW, f"{found.full_name} is the only repository that the App reaches.")
    return Check(
        ROW,
        Verdict.WARNING,
        f"Besides {found.full_name}, the App reaches {_listed(others)}.",
        "What the App may do, it may do there, too.",
        f"On the installation's page choose “Only select repositories”, and {found.full_name}"
        " alone.",
        facts.installed.page if facts.installed else "",
    )


def _labels(facts: RepositoryFacts, labels: Sequence[str]) -> Check:
    if isinstance(facts.labels, Unread):
        return facts.labels.unknown(ROW, f"The labels of {facts.name}")
    there = {one.lower() for one in facts.labels}
    missing = [one for one in labels if one.lower() not in there]
    if not missing:
        return ok(ROW, f"{facts.name} has the bot's labels.")
    return Check(
        ROW,
        Verdict.WARNING,
        f"{facts.name} lacks labels of the bot: {', '.join(missing)}.",
        "Review issues cannot be filtered by them.",
        "Start the bot, if it does not run: it creates them by itself with the next issue that it"
        " opens.",
    )


def _pushers(facts: RepositoryFacts) -> Check:
    """No fault of anybody: owners should know it."""
    if isinstance(facts.pushers, Unread):
        return facts.pushers.unknown(ROW, f"Who can push to {facts.name}")
    return ok(ROW, f"Who can push to {facts.name}: {_listed(facts.pushers) or 'nobody'}.")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
