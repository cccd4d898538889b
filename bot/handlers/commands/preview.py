"""Commands that are shown first and carried out by `/confirm CODE`."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.domain.case import AskBack
from bot.domain.record import Preview, RequestRecord
from bot.domain.tokens import KnownGrant
from bot.handlers.commands.context import CommandContext
from bot.ports import World


def make_preview(
    world: World,
    ctx: CommandContext,
    command_line: str,
    rows: list[RequestRecord],
    reasons: Iterable[AskBack] = (),
    earlier_end: datetime | None = None,
) -> Preview:
    """Keep what was shown, bound to author, issue and the fingerprints of these requests.

    `reasons`: what its author was asked back for; `earlier_end`: the end that LATER_END named.
    """
    end = f"={earlier_end.timestamp()}" if earlier_end else ""
    told = [f"{one}{end}" if one is AskBack.LATER_END else one.value for one in sorted(reasons)]
    preview = Preview(
        code=secrets.token_hex(4),
        org_id=ctx.org.id,
        issue=ctx.issue,
        author_id=ctx.comment.author.id,
        command=command_line,
        shown={row.request.id: "+".join([_shown(row), *told]) for row in rows},
        created_at=world.clock.now(),
    )
    world.record.save_preview(preview)
    return preview


def make_token_preview(
    world: World, ctx: CommandContext, command_line: str, grants: Sequence[KnownGrant]
) -> Preview:
    """The same for active tokens: `shown` maps token ids to the ids of their grants."""
    preview = Preview(
        code=secrets.token_hex(4),
        org_id=ctx.org.id,
        issue=ctx.issue,
        author_id=ctx.comment.author.id,
        command=command_line,
        shown={one.grant.token_id: str(one.grant.id) for one in grants},
        created_at=world.clock.now(),
    )
    world.record.save_preview(preview)
    return preview


def _shown(row: RequestRecord) -> str:
    return f"{row.shown_fingerprint or ''}{row.request.appearance}"


def shown_part(shown: str) -> str:
    """What a preview showed of the request (`TokenRequest.bound_to` reads it)."""
    return shown.partition("+")[0]


def confirmed_reasons(shown: str) -> frozenset[AskBack]:
    """What the author of a preview was asked back for."""
    return frozenset(AskBack(one.partition("=")[0]) for one in shown.split("+")[1:])


def confirmed_end(shown: str) -> datetime | None:
    """The earlier end that the author of a preview was shown with LATER_END."""
    end = shown.partition(f"{AskBack.LATER_END}=")[2].partition("+")[0]
    return datetime.fromtimestamp(float(end), UTC) if end else None
