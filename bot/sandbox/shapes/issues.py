"""Issues, comments and reactions as GitHub shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.links import Links, node_id, stamp, stamp_or_none
from bot.sandbox.shapes import apps, people, repository
from bot.sandbox.state import App, Comment, Issue, IssueEvent, Reaction, Repository, User

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


def rollup(url: str, reactions: list[Reaction]) -> dict[str, Any]:
    """``reaction-rollup``."""
    given = [reaction.content for reaction in reactions]
    counts = {content: given.count(content) for content in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(given), **counts}


def reaction(links: Links, what: Reaction) -> dict[str, Any]:
    """``reaction``."""
    return {
        "id": what.id,
        "node_id": node_id("08:Reaction", what.id),
        "user": people.user(links, what.user),
        "content": what.content,
        "created_at": stamp(what.created_at),
    }


def association(repo: Repository, who: User, *, in_delivery: bool) -> str:
    """``author_association``; deliveries do not know concealed members (GitHub's fault)."""
    member = repo.owner.member(who)
    if member and member.state == "active" and (member.public or not in_delivery):
        return "MEMBER"
    return "COLLABORATOR" if who.id in repo.collaborators else "NONE"


def issue(links: Links, app: App, what: Issue, *, in_delivery: bool = False) -> dict[str, Any]:
    """``issue``; in deliveries ``performed_via_github_app`` of the App's own is null (recorded)."""
    repo = what.repository
    base = f"{links.api}/repos/{repo.full_name}/issues/{what.number}"
    via = None if in_delivery and what.via_app == app.slug else what.via_app
    assignees = [people.user(links, who) for who in what.assignees]
    labels = [repository.label(links, repo, repo.labels[name.lower()]) for name in what.labels]
    return {
        "url": base,
        "repository_url": f"{links.api}/repos/{repo.full_name}",
        "labels_url": f"{base}/labels{{/name}}",
        "comments_url": f"{base}/comments",
        "events_url": f"{base}/events",
        "timeline_url": f"{base}/timeline",
        "html_url": f"{links.web}/{repo.full_name}/issues/{what.number}",
        "id": what.id,
        "node_id": node_id("05:Issue", what.id),
        "number": what.number,
        "title": what.title,
        "user": people.user(links, what.user),
        "labels": labels,
        "state": what.state,
        "state_reason": what.state_reason,
        "locked": what.locked,
        "active_lock_reason": what.lock_reason,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "comments": len(what.comments),
        "created_at": stamp(what.created_at),
        "updated_at": stamp(what.updated_at),
        "closed_at": stamp_or_none(what.closed_at),
        "author_association": association(repo, what.user, in_delivery=in_delivery),
        "body": what.body,
        "reactions": rollup(base, what.reactions),
        "performed_via_github_app": apps.performed_via(links, app, via),
    }


def alone(links: Links, app: App, what: Issue) -> dict[str, Any]:
    """One issue by itself, which says who closed it besides."""
    closed_by = people.user(links, what.closed_by) if what.closed_by else None
    return {**issue(links, app, what), "closed_by": closed_by}


def comment(links: Links, app: App, what: Comment, *, in_delivery: bool = False) -> dict[str, Any]:
    """``issue-comment``; as for issues, deliveries do not say that the App wrote it."""
    repo = what.issue.repository
    base = f"{links.api}/repos/{repo.full_name}/issues"
    page = f"{links.web}/{repo.full_name}/issues/{what.issue.number}#issuecomment-{what.id}"
    via = None if in_delivery and what.via_app == app.slug else what.via_app
    return {
        "url": f"{base}/comments/{what.id}",
        "html_url": page,
        "issue_url": f"{base}/{what.issue.number}",
        "id": what.id,
        "node_id": node_id("012:IssueComment", what.id),
        "user": people.user(links, what.user),
        "created_at": stamp(what.created_at),
        "updated_at": stamp(what.updated_at),
        "author_association": association(repo, what.user, in_delivery=in_delivery),
        "body": what.body,
        "reactions": rollup(f"{base}/comments/{what.id}", what.reactions),
        "performed_via_github_app": apps.performed_via(links, app, via),
    }


def said(links: Links, app: App, what: Comment) -> dict[str, Any]:
    """``timeline-comment-event``."""
    return {
        **comment(links, app, what),
        "event": "commented",
        "actor": people.user(links, what.user),
    }


def event(links: Links, repo: Repository, what: IssueEvent) -> dict[str, Any]:
    """``issue-event-for-issue``: labeled, unlabeled, closed, reopened, renamed, locked."""
    about = {"label": {"name": what.label.name, "color": what.label.color}} if what.label else {}
    return {
        "id": what.id,
        "node_id": node_id("010:IssueEvent", what.id),
        "url": f"{links.api}/repos/{repo.full_name}/issues/events/{what.id}",
        "actor": people.user(links, what.actor),
        "event": what.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": stamp(what.created_at),
        **about,
        "performed_via_github_app": None,
    }
