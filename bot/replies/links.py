"""Addresses of GitHub's own pages."""

from urllib.parse import quote as encoded

from bot.domain.record import IssueRef

GITHUB = "https://github.com"


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
