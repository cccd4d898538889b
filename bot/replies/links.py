"""Addresses of GitHub's own pages."""

from urllib.parse import quote as encoded

from bot.domain.record import IssueRef

GITHUB = "https://github.com"
_SERVER = "/api/v3"


def pages_of(api_url: str) -> str:
    """Where GitHub's pages are, by the base of its API: GitHub Enterprise has both on one host."""
    if api_url.endswith(_SERVER):
        return api_url.removesuffix(_SERVER)
    host = api_url.removeprefix("https://api.")
    return f"https://{host}" if host.endswith(".ghe.com") else GITHUB


def api_of(web_url: str) -> str:
    """The base of GitHub's API, by where its pages are."""
    is_cloud = web_url == GITHUB or web_url.endswith(".ghe.com")
    return web_url.replace("https://", "https://api.", 1) if is_cloud else web_url + _SERVER


def pending_page(org_login: str, web_url: str = GITHUB) -> str:
    """The page on which owners see and decide all pending token requests."""
    org = encoded(org_login, safe="", errors="replace")
    return f"{web_url}/organizations/{org}/settings/personal-access-token-requests"


def granted_page(org_login: str, web_url: str = GITHUB) -> str:
    """The page on which owners see and revoke the tokens that have access."""
    org = encoded(org_login, safe="", errors="replace")
    return f"{web_url}/organizations/{org}/settings/personal-access-tokens"


def issue_link(issue: IssueRef, web_url: str = GITHUB) -> str:
    """A link to an issue in any repository."""
    return f"[{issue.repo}#{issue.number}]({web_url}/{issue.repo}/issues/{issue.number})"
