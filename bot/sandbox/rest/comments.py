"""Comments, and reactions to comments and issues."""

from __future__ import annotations

from typing import Any

from bot.sandbox.refused import Refused, not_found
from bot.sandbox.rest import body, pages
from bot.sandbox.rest.issues import BODY
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import issues
from bot.sandbox.state import Comment, Issue


def list_comments(request: Request) -> Answer:
    """An issue's comments, oldest first."""
    since = pages.moment(request, "since")
    found = [one for one in request.issue.comments if _since(one, since)]
    return pages.paged(request, found, lambda one: _shown(request, one))


def list_all(request: Request) -> Answer:
    """The repository's comments."""
    sort = pages.one_of(request, "sort", ("created", "updated"))
    since = pages.moment(request, "since")
    every = [one for issue in request.with_issues.issues.values() for one in issue.comments]
    found = [one for one in every if _since(one, since)]
    found.sort(key=lambda one: (getattr(one, f"{sort}_at"), one.id))
    descending = request.query.get("direction", "asc") == "desc"
    return pages.paged(
        request, found[::-1] if descending else found, lambda one: _shown(request, one)
    )


def create(request: Request) -> Answer:
    """A new comment, written by the App."""
    issue = request.issue
    written = body.required_text(request.body, "body", resource="IssueComment", most=BODY)
    one = request.gh.comment(
        request.bot, issue.repository, issue.number, written, via_app=request.slug
    )
    shown = _shown(request, one)
    return Answer(201, shown, {"location": shown["url"]})


def read(request: Request) -> Answer:
    """One comment."""
    return Answer(200, _shown(request, request.comment))


def update(request: Request) -> Answer:
    """Change a comment's text."""
    one = request.comment
    written = body.required_text(request.body, "body", resource="IssueComment", most=BODY)
    request.gh.edit_comment(request.bot, one, written)
    return Answer(200, _shown(request, one))


def delete(request: Request) -> Answer:
    """Delete a comment."""
    request.gh.delete_comment(request.bot, request.comment)
    return Answer(204)


def list_comment_reactions(request: Request) -> Answer:
    """The reactions to a comment."""
    return _reactions(request, request.comment)


def list_issue_reactions(request: Request) -> Answer:
    """The reactions to an issue."""
    return _reactions(request, request.issue)


def react_to_comment(request: Request) -> Answer:
    """The App reacts to a comment."""
    return _react(request, request.comment, request.comment.issue)


def react_to_issue(request: Request) -> Answer:
    """The App reacts to an issue."""
    return _react(request, request.issue, request.issue)


def unreact(request: Request) -> Answer:
    """Take a reaction to a comment back."""
    one = request.comment
    for reaction in one.reactions:
        if reaction.id == request.params["reaction_id"]:
            one.reactions.remove(reaction)
            return Answer(204)
    raise not_found()


def _since(one: Comment, since: Any) -> bool:
    return since is None or one.updated_at.replace(microsecond=0) >= since


def _shown(request: Request, one: Comment) -> dict[str, Any]:
    return issues.comment(request.gh.links, request.gh.app, one)


def _reactions(request: Request, to: Comment | Issue) -> Answer:
    wanted = request.query.get("content")
    found = [one for one in to.reactions if wanted in {None, one.content}]
    return pages.paged(request, found, lambda one: issues.reaction(request.gh.links, one))


def _react(request: Request, to: Comment | Issue, issue: Issue) -> Answer:
    content = body.required_choice(request.body, "content", issues.REACTIONS)
    if issue.locked:
        raise Refused(403, "Unable to create reaction because issue is locked")
    reaction, new = request.gh.react(request.bot, to, content)
    return Answer(201 if new else 200, issues.reaction(request.gh.links, reaction))


ISSUES = "/repos/{owner}/{repo}/issues"
ON_ISSUE = ISSUES + "/{issue_number}/comments"
ONE = ISSUES + "/comments/{comment_id}"
ROUTES = (
    Route("GET", ISSUES + "/comments", list_all, permission="issues:read"),
    Route("GET", ON_ISSUE, list_comments, permission="issues:read"),
    Route("POST", ON_ISSUE, create, permission="issues:write", content=True),
    Route("GET", ONE, read, permission="issues:read"),
    Route("PATCH", ONE, update, permission="issues:write"),
    Route("DELETE", ONE, delete, permission="issues:write"),
    Route("GET", ONE + "/reactions", list_comment_reactions, permission="issues:read"),
    Route("POST", ONE + "/reactions", react_to_comment, permission="issues:write"),
    Route("DELETE", ONE + "/reactions/{reaction_id}", unreact, permission="issues:write"),
    Route(
        "GET", ISSUES + "/{issue_number}/reactions", list_issue_reactions, permission="issues:read"
    ),
    Route("POST", ISSUES + "/{issue_number}/reactions", react_to_issue, permission="issues:write"),
)
