"""Issues: list, open, read, change, lock, their history."""

from __future__ import annotations

from typing import Any

from bot.sandbox.refused import Refused, invalid
from bot.sandbox.rest import body, pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import issues
from bot.sandbox.state import Issue, Repository, User

TITLE = 256
BODY = 65_536  # characters; GitHub's error says so, measured limits are higher (facts, section 4)
STATE_REASONS = ("completed", "not_planned", "duplicate", "reopened")
LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


def list_issues(request: Request) -> Answer:
    """The repository's issues, newest first, filtered as asked."""
    gh, repo = request.gh, request.with_issues
    sort = pages.one_of(request, "sort", ("created", "updated", "comments"))
    descending = pages.one_of(request, "direction", ("desc", "asc")) == "desc"
    keys: dict[str, Any] = {
        "created": lambda issue: (issue.created_at, issue.number),
        "updated": lambda issue: (issue.updated_at, issue.number),
        "comments": lambda issue: (len(issue.comments), issue.number),
    }
    found = sorted(_chosen(request, repo), key=keys[sort], reverse=descending)
    return pages.paged(request, found, lambda issue: issues.issue(gh.links, gh.app, issue))


def _chosen(request: Request, repo: Repository) -> list[Issue]:
    query = request.query
    state = pages.one_of(request, "state", ("open", "closed", "all"))
    since = pages.moment(request, "since")
    creator = query.get("creator", "").lower().removeprefix("app/")
    creator += "[bot]" if query.get("creator", "").startswith("app/") else ""
    labels = {name.strip().lower() for name in query.get("labels", "").split(",") if name.strip()}
    return [
        issue
        for issue in repo.issues.values()
        if state in {"all", issue.state}
        and (not creator or issue.user.login.lower() == creator)
        and labels <= {name.lower() for name in issue.labels}
        and (since is None or issue.updated_at.replace(microsecond=0) >= since)
        and _assigned(issue, query.get("assignee", "*any"))
    ]


def _assigned(issue: Issue, wanted: str) -> bool:
    logins = [who.login.lower() for who in issue.assignees]
    return {"*any": True, "none": not logins, "*": bool(logins)}.get(
        wanted, wanted.lower() in logins
    )


def create(request: Request) -> Answer:
    """A new issue, written by the App."""
    gh, repo, sent = request.gh, request.with_issues, request.body
    title = _title(sent)
    if title is None:
        raise body.malformed('"title" wasn\'t supplied.')
    written = body.text(sent, "body", resource="Issue", most=BODY)
    labels = label_names(sent) or []
    people = _assignees(request, repo) or []
    issue = gh.open_issue(
        request.bot, repo, title, written, labels=labels, assignees=people, via_app=request.slug
    )
    shown = issues.alone(gh.links, gh.app, issue)
    return Answer(201, shown, {"location": shown["url"]})


def read(request: Request) -> Answer:
    """One issue."""
    return Answer(200, issues.alone(request.gh.links, request.gh.app, request.issue))


def update(request: Request) -> Answer:
    """Change an issue; everything is checked before anything is changed."""
    gh, issue, sent = request.gh, request.issue, request.body
    repo, bot = issue.repository, request.bot
    title, written = _title(sent), sent.get("body")
    if written is not None and not isinstance(written, str):
        raise body.malformed(f'For "body", {written!r} is not a string.')
    state = body.choice(sent, "state", ("open", "closed"))
    why = body.choice(sent, "state_reason", STATE_REASONS)
    labels, people = label_names(sent), _assignees(request, repo)
    # An over-long body is answered with 200 and the old one stays: measured (facts, section 4).
    fitting = written if written is None or len(written) <= BODY else None
    gh.edit_issue(bot, repo, issue.number, title=title, body=fitting)
    if labels is not None:
        gh.set_labels(bot, issue, labels)
    if people is not None:
        gh.assign_issue(bot, repo, issue.number, *people)
    if state == "closed":
        gh.close_issue(bot, repo, issue.number, why or issue.state_reason or "completed")
    elif state == "open":
        gh.reopen_issue(bot, repo, issue.number)
    return Answer(200, issues.alone(gh.links, gh.app, issue))


def _title(sent: dict[str, Any]) -> str | None:
    given = sent.get("title")
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if given is None:
        return None
    return body.required_text(sent, "title", resource="Issue", most=TITLE)


def label_names(sent: dict[str, Any]) -> list[str] | None:
    """The names of a ``labels`` list; 50 characters is a label's longest name."""
    given = body.names(sent, "labels", resource="Label", key="name")
    for name in given or ():
        if len(name) > 50:
            raise invalid("Label", "name", "custom", message="name is too long")
    return given


def _assignees(request: Request, repo: Repository) -> list[User] | None:
    logins = body.names(request.body, "assignees", resource="Issue", key="login")
    one = body.text(request.body, "assignee", resource="Issue", most=100)
    if logins is None and one is None:
        return None
    found = []
    for login in logins if logins is not None else [one or ""]:
        who = request.gh.find_user(login)
        if who is None or not (repo.owner.member(who) or who.id in repo.collaborators):
            raise invalid("Issue", "assignees", value=login)
        found.append(who)
    return found


def lock(request: Request) -> Answer:
    """Lock the conversation."""
    why = body.choice(request.body, "lock_reason", LOCK_REASONS)
    issue = request.issue
    request.gh.lock_issue(request.bot, issue.repository, issue.number, why)
    return Answer(204)


def unlock(request: Request) -> Answer:
    """Unlock the conversation."""
    issue = request.issue
    request.gh.unlock_issue(request.bot, issue.repository, issue.number)
    return Answer(204)


def events(request: Request) -> Answer:
    """What happened to the issue."""
    issue = request.issue
    links = request.gh.links
    return pages.paged(
        request, issue.events, lambda one: issues.event(links, issue.repository, one)
    )


def timeline(request: Request) -> Answer:
    """What happened to the issue, comments included."""
    gh, issue = request.gh, request.issue
    lines = [
        (one.created_at, issues.event(gh.links, issue.repository, one)) for one in issue.events
    ]
    lines += [(one.created_at, issues.said(gh.links, gh.app, one)) for one in issue.comments]
    return pages.paged(request, sorted(lines, key=lambda line: line[0]), lambda line: line[1])


def search(request: Request) -> Answer:
    """GitHub's index lags, and here it never catches up: what relies on search fails at once."""
    if not request.query.get("q"):
        raise Refused(422, "Validation Failed", [])
    return Answer(
        200, {"total_count": 0, "incomplete_results": True, "search_type": "lexical", "items": []}
    )


ISSUES = "/repos/{owner}/{repo}/issues"
ISSUE = ISSUES + "/{issue_number}"
ROUTES = (
    Route("GET", ISSUES, list_issues, permission="issues:read"),
    Route("POST", ISSUES, create, permission="issues:write", content=True),
    Route("GET", ISSUE, read, permission="issues:read"),
    Route("PATCH", ISSUE, update, permission="issues:write"),
    Route("PUT", ISSUE + "/lock", lock, permission="issues:write"),
    Route("DELETE", ISSUE + "/lock", unlock, permission="issues:write"),
    Route("GET", ISSUE + "/events", events, permission="issues:read"),
    Route("GET", ISSUE + "/timeline", timeline, permission="issues:read"),
    Route("GET", "/search/issues", search, permission="issues:read"),
)
