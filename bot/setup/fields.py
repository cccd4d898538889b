"""The first step's form: what each field takes, and a sentence for what it does not take."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

GITHUB = "https://github.com"
SMEE = "smee.io"
_CLOUD = ".ghe.com"  # its pages are at acme.ghe.com, its API at api.acme.ghe.com
_LOGIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,38})")


@dataclass(frozen=True)
class Answers:
    """What was entered, as it will be kept, and what is wrong with it by field."""

    organization: str
    server: str
    url: str
    wrong: dict[str, str]


def read_answers(organization: str, server: str, url: str) -> Answers:
    """Check the fields. An empty `server` is github.com."""
    wrong: dict[str, str] = {}
    login = _organization(organization.strip(), wrong)
    where = _server(server.strip(), wrong)
    return Answers(login, where, _url(url.strip(), where, wrong), wrong)


def hook_url(url: str, webhook_path: str) -> str:
    """Where GitHub delivers. An address of smee.io is a channel, without paths below it."""
    return url if urlsplit(url).hostname == SMEE else url + webhook_path


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _organization(text: str, wrong: dict[str, str]) -> str:
    login = text.rstrip("/").rpartition("/")[2].removeprefix("@")  # its page's address will do
    if not login:
        wrong["organization"] = (
            "Enter the organization’s name as it is in its address on GitHub: acme for"
            " github.com/acme."
        )
    elif not _LOGIN.fullmatch(login):
        wrong["organization"] = (
            "This is no organization’s name: GitHub’s names have letters, digits and hyphens, at"
            " most 39. Copy it from the organization’s address on GitHub."
        )
    return login


def _server(text: str, wrong: dict[str, str]) -> str:
    if not text:
        return GITHUB
    parts = _split(text if "://" in text else f"https://{text}")
    if parts is None or parts.path.strip("/") not in {"", "api/v3"}:
        wrong["server"] = (
            "This is no address of a server. Enter it as https://github.example.com, or leave the"
            " field empty for github.com."
        )
        return text
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        wrong["server"] = "The server’s address must begin with https://."
    if (parts.hostname or "").removeprefix("www.") in {"github.com", "api.github.com"}:
        return GITHUB
    host = parts.netloc.lower()
    return f"{parts.scheme}://{host.removeprefix('api.') if host.endswith(_CLOUD) else host}"


def _url(text: str, server: str, wrong: dict[str, str]) -> str:
    parts = _split(text if "://" in text else f"https://{text}")
    if not text or parts is None:
        wrong["url"] = (
            "Enter the address under which GitHub reaches this bot, such as"
            " https://countersign.example.com."
        )
        return text
    local = is_loopback(parts.hostname)
    if local and not is_loopback(urlsplit(server).hostname):
        wrong["url"] = (
            "GitHub cannot reach this address: it means each machine itself. Enter the bot’s public"
            " address, or that of a tunnel (see below)."
        )
    elif parts.scheme != "https" and not local:
        wrong["url"] = "The bot’s address must begin with https://, so that nobody listens in."
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _split(text: str) -> SplitResult | None:
    """The parts of an address of the web that a browser would understand alike, else None."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1)
    except ValueError:
        return None
    odd = parts.username is not None or parts.query or parts.fragment
    if not usable or odd or re.search(r"[\s\\<>\"']|[^\x21-\x7e]", text):
        return None
    return parts
