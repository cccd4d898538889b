"""Commits as GitHub shows them."""

from __future__ import annotations

import hashlib
from typing import Any

from bot.sandbox.links import Links, node_id, stamp
from bot.sandbox.shapes import people
from bot.sandbox.state import Commit, Repository, User


def commit(links: Links, repo: Repository, what: Commit) -> dict[str, Any]:
    """``commit``: ``author`` is an account or null, ``commit.author`` what the commit says."""
    api, page = f"{links.api}/repos/{repo.full_name}", f"{links.web}/{repo.full_name}"
    tree = hashlib.sha1(b"tree " + what.sha.encode(), usedforsecurity=False).hexdigest()
    parents = [what.parent] if what.parent else []
    return {
        "url": f"{api}/commits/{what.sha}",
        "sha": what.sha,
        "node_id": node_id(f"06:Commit{what.sha}", repo.id),
        "html_url": f"{page}/commit/{what.sha}",
        "comments_url": f"{api}/commits/{what.sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{what.sha}",
            "author": {"name": what.name, "email": what.email, "date": stamp(what.at)},
            "committer": _signature(what.committer, stamp(what.at)),
            "message": what.message,
            "tree": {"sha": tree, "url": f"{api}/git/trees/{tree}"},
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "author": people.user(links, what.author) if what.author else None,
        "committer": people.user(links, what.committer),
        "parents": [
            {
                "sha": one.sha,
                "url": f"{api}/commits/{one.sha}",
                "html_url": f"{page}/commit/{one.sha}",
            }
            for one in parents
        ],
    }


def pushed(links: Links, repo: Repository, what: Commit, added: list[str]) -> dict[str, Any]:
    """``push``, of one commit on the default branch; ``added`` are the files that are new.

    Without an ``action``: this event has none.
    """
    page = f"{links.web}/{repo.full_name}"
    before = what.parent.sha if what.parent else "0" * 40
    changed = [path for path in what.paths if path not in added]
    shown = {
        "id": what.sha,
        "tree_id": hashlib.sha1(what.sha.encode(), usedforsecurity=False).hexdigest(),
        "distinct": True,
        "message": what.message,
        "timestamp": stamp(what.at),
        "url": f"{page}/commit/{what.sha}",
        "author": {"name": what.name, "email": what.email},
        "committer": {"name": what.committer.login, "email": what.email},
        "added": added,
        "removed": [path for path in changed if path not in repo.files],
        "modified": [path for path in changed if path in repo.files],
    }
    return {
        "ref": "refs/heads/main",
        "before": before,
        "after": what.sha,
        "created": what.parent is None,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"{page}/compare/{before[:12]}...{what.sha[:12]}",
        "commits": [shown],
        "head_commit": shown,
        "pusher": {"name": what.committer.login, "email": what.email},
    }


def _signature(who: User, date: str) -> dict[str, str]:
    return {"name": who.login, "email": f"{who.login}@users.noreply.github.com", "date": date}
