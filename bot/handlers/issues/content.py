"""What an issue shows: title and body as the record says, and whether GitHub shows just that."""

import hashlib
from datetime import datetime

from bot.domain.accounts import AdminRepository
from bot.domain.card_facts import FORM
from bot.domain.record import DigestRecord, OrganizationRecord, RequestRecord
from bot.handlers.effects import plain_lines, same_lines
from bot.handlers.in_force import policy_of
from bot.ports import Issue, World
from bot.replies import review_issue


def issue_text(world: World, org: OrganizationRecord, row: RequestRecord) -> tuple[str, str]:
    """Title and body of the review issue as the record says they are now."""
    shared = world.options.hub is not None
    title = review_issue.title(row.request, org.login if shared else None)
    return title, review_issue.body(
        row,
        org.login,
        world.clock.now(),
        by_policy=policy_of(world, org.id).enforces,
        granted=row.granted if row.request.added is None else None,
        web_url=world.options.web_url,
    )


def text_hash(title: str, body: str) -> str:
    """One value for a title and a body, whatever GitHub changes by itself: line ends, blanks."""
    return hashlib.sha256(f"{title.strip()}\n{plain_lines(body)}".encode()).hexdigest()


def is_shown(row: RequestRecord) -> bool:
    """Whether the bot wrote what the record says to the request's issue. No call.

    Not so: it was out of reach, writing was interrupted, or an older version wrote it.
    """
    return row.text_hash is not None and row.shown_fingerprint == row.request.fingerprint


def has_older_form(row: RequestRecord) -> bool:
    """Whether an older version wrote the issue of an open request: it is written anew. What it
    shows counts until then.
    """
    return row.state.is_open and (row.card is None or row.card.form != FORM)


def shows_record(row: RequestRecord, issue: Issue) -> bool:
    """Whether title and body of the review issue are what the bot wrote there last.

    No call is needed. What is not known to be ours is not: an issue that an older version wrote, or
    one whose last change was interrupted.
    """
    return row.text_hash == text_hash(issue.title, issue.body)


def digest_shows_record(digest: DigestRecord, issue: Issue) -> bool:
    """Whether title and body of the digest issue are what went out."""
    same = issue.title.strip() == digest.title.strip() and same_lines(issue.body, digest.body)
    return bool(digest.body) and same


def write_text(
    world: World, org: OrganizationRecord, row: RequestRecord, repo: AdminRepository, stood: Issue
) -> None:
    """Bring title and body to what the record says; `stood` is the issue as it was just read.

    Where another text stood, commands from before count no more (`changed_at`): their authors may
    have read it. The row has to be saved. Raises NotFound.
    """
    title, body = issue_text(world, org, row)
    misled = not shows_record(row, stood)
    if row.text_hash is not None:
        row.text_hash = None
        world.record.save(row)  # should this process die now, the text counts as not ours
    issue = world.github.update_issue(repo, stood.number, title=title, body=body)
    if misled or row.shown_fingerprint != row.request.fingerprint:
        row.changed_at = written_at(world, issue)
    row.shown_fingerprint, row.text_hash = row.request.fingerprint, text_hash(title, body)


def written_at(world: World, issue: Issue) -> datetime:
    """When an issue that was just changed was changed, by GitHub's clock where it tells."""
    return issue.updated_at or world.clock.now()
