"""Labels of repositories and of issues."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.refused import invalid, not_found
from bot.sandbox.rest import body, pages
from bot.sandbox.rest.issues import label_names
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import repository
from bot.sandbox.state import Issue, Label, Repository

NAME, DESCRIPTION = 50, 100


def list_labels(request: Request) -> Answer:
    """The repository's labels."""
    repo = request.repository
    return pages.paged(request, list(repo.labels.values()), lambda one: _shown(request, repo, one))


def create(request: Request) -> Answer:
    """A new label; 422 already_exists when the name is taken, in any case."""
    repo = request.repository
    name = body.required_text(request.body, "name", resource="Label", most=NAME)
    colour, said = _looks(request)
    if name.lower() in repo.labels:
        raise invalid("Label", "name", "already_exists")
    label = request.gh.label(repo, name, colour or "ededed", said)
    shown = _shown(request, repo, label)
    return Answer(201, shown, {"location": shown["url"]})


def read(request: Request) -> Answer:
    """One label."""
    repo = request.repository
    return Answer(200, _shown(request, repo, _named(request, repo)))


def update(request: Request) -> Answer:
    """Change a label, on all issues that carry it."""
    repo = request.repository
    label, old = _named(request, repo), request.params["name"].lower()
    name = body.text(request.body, "new_name", resource="Label", most=NAME) or label.name
    colour, said = _looks(request)
    if name.lower() != old and name.lower() in repo.labels:
        raise invalid("Label", "name", "already_exists")
    for issue in repo.issues.values():
        issue.labels = [name if one == label.name else one for one in issue.labels]
    del repo.labels[old]
    label.name, label.color = name, colour or label.color
    label.description = said or label.description
    repo.labels[name.lower()] = label
    return Answer(200, _shown(request, repo, label))


def list_on_issue(request: Request) -> Answer:
    """An issue's labels."""
    return pages.paged(request, _on(request.issue), lambda one: _on_issue(request, one))


def add(request: Request) -> Answer:
    """Put labels on, besides those that are there."""
    issue = request.issue
    wanted = label_names(request.body)
    if not wanted:
        raise body.malformed('"labels" must not be empty.')
    request.gh.set_labels(request.bot, issue, [*issue.labels, *wanted])
    return _all_on(request, issue)


def replace(request: Request) -> Answer:
    """Put these labels on instead of those that are there."""
    issue = request.issue
    request.gh.set_labels(request.bot, issue, label_names(request.body) or [])
    return _all_on(request, issue)


def clear(request: Request) -> Answer:
    """Take all labels off."""
    request.gh.set_labels(request.bot, request.issue, [])
    return Answer(204)


def remove(request: Request) -> Answer:
    """Take one label off; 404 when it is not there."""
    issue, gone = request.issue, request.params["name"].lower()
    kept = [name for name in issue.labels if name.lower() != gone]
    if len(kept) == len(issue.labels):
        raise not_found()
    request.gh.set_labels(request.bot, issue, kept)
    return _all_on(request, issue)


def _looks(request: Request) -> tuple[str | None, str | None]:
    colour = body.text(request.body, "color", resource="Label", most=6)
    if colour is not None and not re.fullmatch(r"[0-9a-fA-F]{6}", colour):
        raise invalid("Label", "color")
    said = body.text(request.body, "description", resource="Label", most=DESCRIPTION)
    return colour, said


def _named(request: Request, repo: Repository) -> Label:
    label = repo.labels.get(request.params["name"].lower())
    if label is None:
        raise not_found()
    return label


def _on(issue: Issue) -> list[Label]:
    return [issue.repository.labels[name.lower()] for name in issue.labels]


def _all_on(request: Request, issue: Issue) -> Answer:
    return Answer(200, [_on_issue(request, one) for one in _on(issue)])


def _on_issue(request: Request, label: Label) -> dict[str, Any]:
    return _shown(request, request.repository, label)


def _shown(request: Request, repo: Repository, label: Label) -> dict[str, Any]:
    return repository.label(request.gh.links, repo, label)


LABELS = "/repos/{owner}/{repo}/labels"
ON_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/labels"
ROUTES = (
    Route("GET", LABELS, list_labels, permission="issues:read"),
    Route("POST", LABELS, create, permission="issues:write"),
    Route("GET", LABELS + "/{name}", read, permission="issues:read"),
    Route("PATCH", LABELS + "/{name}", update, permission="issues:write"),
    Route("GET", ON_ISSUE, list_on_issue, permission="issues:read"),
    Route("POST", ON_ISSUE, add, permission="issues:write"),
    Route("PUT", ON_ISSUE, replace, permission="issues:write"),
    Route("DELETE", ON_ISSUE, clear, permission="issues:write"),
    Route("DELETE", ON_ISSUE + "/{name}", remove, permission="issues:write"),
)
