"""GitHub's page for a new token, with what would be fine filled in.

Source: GitHub Docs, "Managing your personal access tokens", pre-filling with URL parameters.
"""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

from bot.domain.permissions.catalogue import PERMISSION_NAMES

_NOT_TAKEN = frozenset(
    {
        *("agent_secrets", "agent_variables", "copilot_agent_settings"),
        *("organization_agent_secrets", "organization_agent_variables"),
        *("organization_copilot_agent_settings", "organization_copilot_content_exclusion"),
        *("organization_copilot_metrics", "organization_copilot_spaces"),
    }
)
PREFILLED = PERMISSION_NAMES - _NOT_TAKEN
"""The permissions that the page takes as parameters, each with its level."""


def has_prefilled_page(web_url: str) -> bool:
    """Whether GitHub's page takes parameters there: not on GitHub Enterprise Server."""
    host = urlsplit(web_url).hostname or ""
    return host == "github.com" or host.endswith(".ghe.com")


def prefilled_page(
    web_url: str,
    org_login: str,
    token_name: str,
    permissions: Iterable[tuple[str, str]],
    lifetime: timedelta | None,
    description: str = "",
) -> str:
    """The page's address. Repositories cannot be chosen by it; `metadata` always comes along.

    `lifetime` is rounded down to days, None is a token that never expires.
    """
    fields = {"name": token_name[:40]}
    if description:
        fields["description"] = description
    fields["target_name"] = org_login
    days = "none" if lifetime is None else str(lifetime.days)
    if days != "0":
        fields["expires_in"] = days
    fields |= {name: level for name, level in permissions if name in PREFILLED - {"metadata"}}
    return f"{web_url}/settings/personal-access-tokens/new?{urlencode(fields, quote_via=quote)}"
