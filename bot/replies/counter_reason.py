"""The reason that GitHub sends with a counter-offer: what would be fine, and where to ask."""

from bot.domain.commands.command import REASON_LIMIT
from bot.domain.counter_offer import OfferCause, OfferRefusal
from bot.domain.offer import Offer
from bot.domain.permissions.prefill import has_prefilled_page, prefilled_page
from bot.domain.token_request import TokenRequest
from bot.replies.escape import cut, masked
from bot.replies.links import GITHUB
from bot.replies.times import rounded_span

_LINKS = {
    "all": "Ask for it here, and choose all repositories there, or fewer: ",
    "none": "Ask for it here: ",
}
_CHOOSE = "Ask for it here, and choose the repositories there: "
_DESCRIBED = 80
"""Characters of the request's reason with which the page describes the token."""


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
    `PREFILLED_LINKS=off`. The page cannot choose repositories, so they are spelled out. It gets the
    request's reason as the token's description where there is room. A refusal says what is too
    long: `repositories` where nothing else is left to shorten, else `text`.
    """
    parts = [text] if text else []
    parts.append(f"This would be fine: {_offered(offer)}.")
    whole = "\n".join(parts)
    if link and has_prefilled_page(web_url):
        asked = masked(request.token_name), offer.permissions, offer.lifetime
        described = cut(" ".join(masked(request.reason or "").split()), _DESCRIBED)
        pages = [prefilled_page(web_url, org_login, *asked, told) for told in (described, "")]
        ask = _LINKS.get(offer.selection, _CHOOSE)
        whole, without = [f"{whole}\n{ask}{page}" for page in pages]
        whole = whole if len(whole) <= REASON_LIMIT else without
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
