"""Commands that are shown first and carried out by `/confirm CODE`."""

import secrets
from datetime import timedelta

from bot.domain.record import IssueRef, Preview, RequestRecord
from bot.handlers.commands.context import Commented, Refusal
from bot.ports import World
from bot.replies import refusals

LIFETIME = timedelta(hours=24)


def make_preview(
    world: World, ctx: Commented, command_line: str, rows: list[RequestRecord]
) -> Preview:
    """Keep what was shown, bound to author, issue and the fingerprints of these requests."""
    preview = Preview(
        code=secrets.token_hex(4),
        org_id=ctx.org.id,
        issue=IssueRef(ctx.repo.id, ctx.repo.full_name, ctx.event.issue_number),
        author_id=ctx.author.id,
        command=command_line,
        shown={row.request.id: row.shown_fingerprint or "" for row in rows},
        created_at=world.clock.now(),
    )
    world.record.save_preview(preview)
    return preview


def the_preview(world: World, ctx: Commented, code: str | None, *, begun: bool = False) -> Preview:
    """The preview that this comment confirms; refused unless everything fits.

    `begun`: the comment is being carried out, so the code's time does not count any more.
    """
    preview = world.record.preview(code or "", begun=begun)
    if preview is None or (preview.issue.repo_id, preview.issue.number) != (
        ctx.repo.id,
        ctx.event.issue_number,
    ):
        raise Refusal("unknown code", refusals.unknown_code())
    if preview.author_id != ctx.author.id:
        raise Refusal("another's code", refusals.not_your_code())
    if not begun and world.clock.now() - preview.created_at > LIFETIME:
        raise Refusal("old code", refusals.old_code())
    return preview
