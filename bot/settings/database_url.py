"""Where the store is, as an SQLAlchemy URL."""

import re
from pathlib import Path

from bot.settings.secret import Secret

EXPECTS = (
    "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME; special characters of"
    " the password are written percent-encoded (@ is %40, : is %3A, / is %2F, ? is %3F)"
)

WITH_POSTGRESQL = "pipx install 'countersign-bot[postgres]'"

_RELATIVE = re.compile(r"(sqlite(?:\+pysqlite)?:///)(?!/)")
_SQLITE = re.compile(r"sqlite(\+pysqlite)?:///(?!:memory:)[^?]+")
# One @, and a host of plain letters: of a password with a raw @ SQLAlchemy would take the rest for
# the host, and errors name the host.
_POSTGRESQL = re.compile(
    r"postgresql(\+psycopg)?://([^:/?@]*(:[^?@]*)?@)?([\w.-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"(/[^/?@]*)?(\?[^@]*)?"
)


def read_database_url(text: str) -> Secret:
    """An SQLAlchemy URL of a file of SQLite, or of PostgreSQL; secret, as it has a password.

    Raises ValueError, which never quotes it.
    """
    url = text.strip()
    if "%00" in url:  # would end the value, and with it the options behind it
        raise ValueError
    if _POSTGRESQL.fullmatch(url):
        _check_options(url)
    elif not _SQLITE.fullmatch(url):
        raise ValueError
    return Secret(url)


def from_folder(url: Secret, folder: Path) -> Secret:
    """The URL, with a relative path of SQLite beginning at this folder."""
    return Secret(_RELATIVE.sub(lambda found: f"{found[1]}{folder.absolute()}/", url.reveal(), 1))


def _check_options(url: str) -> None:
    """What SQLAlchemy and PostgreSQL's client library themselves would refuse later."""
    # here, since a file of SQLite should not pay for these imports
    try:
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - only with PostgreSQL
    except ImportError:
        raise ValueError(f"PostgreSQL needs an extra package: {WITH_POSTGRESQL}") from None
    from sqlalchemy import make_url  # noqa: PLC0415 - as above: start stays quick

    try:
        parsed = make_url(url)
        make_conninfo(**parsed.get_dialect()().create_connect_args(parsed)[1])
    except Exception:  # noqa: BLE001 - the libraries have many errors, some of which quote the URL
        raise ValueError from None
    if parsed.port and parsed.port > 65535:
        raise ValueError
