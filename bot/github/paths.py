"""Names in paths: encoded, whatever characters they have. No request is lost for a name."""

from urllib.parse import quote

from bot.ports import NotFound, Permanent


def segment(name: str) -> str:
    """A name as one segment of a path; githubkit puts its parameters there as they are.

    Raises NotFound for the three that no path can carry: nothing at GitHub has such a name.
    """
    if name in {"", ".", ".."}:
        raise NotFound(f"{name!r} is no name at GitHub")
    return quote(name, safe="", errors="replace")


def split(full_name: str) -> tuple[str, str]:
    """Owner and name of `OWNER/REPO`, as segments. Raises Permanent."""
    owner, slash, repo = full_name.partition("/")
    if not slash or "/" in repo:
        raise Permanent(f"{full_name[:100]!r} is no owner/name of a repository")
    return segment(owner), segment(repo)
