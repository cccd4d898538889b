"""The reason that GitHub sends with a counter-offer: what would be fine, and where to ask."""

from bot.domain.commands.command import REASON_LIMIT
from bot.domain.counter_offer import OfferCause, OfferRefusal
from bot.domain.offer import Offer
from bot.domain.permissions.prefill import has_prefilled_page, prefilled_page
from bot.domain.token_request import TokenRequest
from bot.replies.links import GITHUB
from bot.replies.times import rounded_span


def reason_text(
    offer: Offer,
    text: str,
    request: TokenRequest,
    org_login: str,
    *,
    link: bool = True,
    web_url: str = GITHUB,
) -> str | OfferRefusal:
    """The author's text, then the offer; plain text of at most REASON_LIMIT characters.

    `link`: with GitHub's page, filled in (never on GitHub Enterprise Server); not with
    `PREFILLED_LINKS=off`. The page cannot choose repositories, so they are spelled out. A refusal
    says what is too long: `repositories` where nothing else is left to shorten, else `text`.
    """
    parts = [text] if text else []
    parts.append(f"This would be fine: {_offered(offer)}.")
    if link and has_prefilled_page(web_url):
        page = prefilled_page(
            web_url, org_login, request.token_name, offer.permissions, offer.lifetime
        )
        parts.append(f"Ask for it here, and choose the repositories there: {page}")
    whole = "\n".join(parts)
    over = len(whole) - REASON_LIMIT
    if over > 0:
        word = "text" if over < len(text) else "repositories"
        return OfferRefusal(OfferCause.TOO_LONG, word, over)
    return whole


def _offered(offer: Offer) -> str:
    permissions = ", ".join(f"{name}: {level}" for name, level in offer.permissions)
    return f"{permissions}; {_where(offer)}; {_how_long(offer)}"


def _where(offer: Offer) -> str:
    if offer.selection == "all":
        return "all repositories"
    if offer.selection == "none":
        return "no repositories"
    return f"repositories {', '.join(offer.repositories)}"


def _how_long(offer: Offer) -> str:
    if offer.lifetime is None:
        return "without an expiry"
    return f"for at most {rounded_span(offer.lifetime)}"
