"""`/counter` on a review issue: a denial whose reason says which smaller request would be fine."""

from dataclasses import replace

from bot.domain.commands import Command, Name
from bot.domain.counter_offer import OfferRefusal, make_offer
from bot.domain.record import RequestRecord
from bot.handlers.commands.context import CommandContext, refuse
from bot.handlers.commands.decide import deny
from bot.ports import World
from bot.replies.counter_reason import reason_text
from bot.replies.counter_refusals import offer_refusal


def counter(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """Deny the request with the offer, by every check of `/deny`; refused if it cannot be made."""
    denial = _as_denial(world, ctx, row, command)
    if isinstance(denial, OfferRefusal):
        cause = " ".join(filter(None, ("counter", denial.cause.value, denial.word)))
        refuse(world, ctx, cause, offer_refusal(denial))
    else:
        deny(world, ctx, row, denial)


def _as_denial(
    world: World, ctx: CommandContext, row: RequestRecord, command: Command
) -> Command | OfferRefusal:
    """The same as a `/deny`. What was begun goes on with the offer that was recorded then."""
    denial, begun = replace(command, name=Name.DENY), row.decision
    if begun is not None and row.is_decided_by(ctx.comment.id):
        return replace(denial, reason=begun.reason, offer=begun.offer)
    if command.counter is None or not row.state.is_open:
        return denial  # it is judged, and its author told that the request is over
    at = ctx.comment.created_at or world.clock.now()  # GitHub's clock, as a later request's time
    offer = make_offer(command.counter, row.request, at)
    if isinstance(offer, OfferRefusal):
        return offer
    text = reason_text(
        offer,
        command.reason,
        row.request,
        ctx.org.login,
        link=world.options.prefilled_links,
        web_url=world.options.web_url,
    )
    return text if isinstance(text, OfferRefusal) else replace(denial, reason=text, offer=offer)
