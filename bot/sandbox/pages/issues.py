"""A repository's issues, and one issue with its conversation."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import (
    Routes,
    any_membership,
    back,
    may_write,
    not_found,
    page,
    people,
    reading,
    visitor,
    world,
)
from bot.sandbox.pages.hints import hints
from bot.sandbox.pages.markdown import Texts
from bot.sandbox.pages.timeline import reaction_counts, timeline
from bot.sandbox.state import Comment, Issue, Repository, User

LONGEST = 65_536  # characters of a comment (GitHub's error message says so)
ISSUES = "/<owner>/<name>/issues"
Act = Callable[[User, Issue], str | None]


def repository(owner: str, name: str) -> Response:
    """Nothing but issues is to be seen of a repository here."""
    repo = world().find_repository(owner, name)
    return redirect(f"/demo/{repo.full_name}/issues") if repo else not_found()


@reading
def show_all(owner: str, name: str) -> Response:
    """Open or closed issues, newest first."""
    repo = world().find_repository(owner, name)
    if repo is None:
        return not_found()
    every = world().issues(repo)[::-1]
    state = "closed" if request.args.get("state") == "closed" else "open"
    counts = {one: sum(issue.state == one for issue in every) for one in ("open", "closed")}
    shown = [issue for issue in every if issue.state == state]
    return page("issues", repo=repo, shown=shown, state=state, counts=counts)


@reading
def show(owner: str, name: str, number: int) -> Response:
    """An issue as GitHub shows it."""
    found = _issue(owner, name, number)
    return _page(found) if found else not_found()


def comment(owner: str, name: str, number: int) -> Response:
    """Say something."""
    text = request.form.get("body", "").replace("\r\n", "\n")
    if not text.strip():
        return _on(owner, name, number, lambda _me, _issue: "Please write something first.")
    if len(text) > LONGEST:
        return _on(owner, name, number, lambda _me, _issue: "This is too long for a comment.")
    return _on(owner, name, number, lambda me, found: _say(me, found, text))


def edit(owner: str, name: str, number: int) -> Response:
    """Change the text of a comment, or of the issue when none is named."""
    text = request.form.get("body", "").replace("\r\n", "\n")
    return _on(owner, name, number, lambda me, found: _edit(me, found, text))


def change_state(owner: str, name: str, number: int) -> Response:
    """Close or reopen by hand."""
    return _on(owner, name, number, _turn)


def _say(me: User, found: Issue, text: str) -> str | None:
    if found.locked and not found.repository.owner.member(me):
        return "The conversation is locked: only members may comment."
    world().comment(me, found.repository, found.number, text)
    return None


def _edit(me: User, found: Issue, text: str) -> str | None:
    gh, repo, named = world(), found.repository, request.form.get("comment", "")
    comment = gh.find_comment(repo, int(named)) if named.isdecimal() else None
    if named and (comment is None or comment.issue is not found):
        return "This comment is gone."
    if not _may_edit(me, comment or found):
        return "Only its author, and who may push to the repository, may edit this."
    if not text.strip() or len(text) > LONGEST:
        return "Please write something, of at most 65,536 characters."
    if comment:
        gh.edit_comment(me, comment, text)
    else:
        gh.edit_issue(me, repo, found.number, body=text)
    return "Edited. The bot hears of it, and takes no command from an edited comment."


def _may_edit(me: User | None, what: Comment | Issue) -> bool:
    repo = what.repository if isinstance(what, Issue) else what.issue.repository
    return me is not None and (me is what.user or may_write(me, repo))


def _turn(me: User, found: Issue) -> str | None:
    gh, repo = world(), found.repository
    if not repo.owner.member(me):
        return "Only members may close or reopen this issue."
    if found.state == "open":
        gh.close_issue(me, repo, found.number)
    else:
        gh.reopen_issue(me, repo, found.number)
    return None


def _on(owner: str, name: str, number: int, act: Act) -> Response:
    with world().lock:
        found, me = _issue(owner, name, number), visitor()
        if found is None or me is None:
            return not_found()
        notice = act(me, found)
        return back(f"/demo/{found.repository.full_name}/issues/{number}#write", notice)


def _page(found: Issue) -> Response:
    gh, me = world(), visitor()
    member = found.repository.owner.member(me) if me else None
    return page(
        "issue",
        issue=found,
        repo=found.repository,
        timeline=timeline(found),
        may_edit=lambda what: _may_edit(me, what),
        shown=_texts(found.repository),
        reactions=reaction_counts,
        hints=hints(found, gh.app.bot, me),
        draft=request.args.get("draft", "")[:LONGEST],
        belongs=member is not None,
        others=_others(found.repository, me),
        may_see=member is not None or not found.repository.private,
    )


def _others(repo: Repository, me: User | None) -> list[User]:
    """Whom else to write as: the organization's people, and one stranger."""
    inside = [who for who in people() if repo.owner.member(who)]
    strangers = [who for who in people() if not any_membership(who)]
    return [who for who in [*inside, *strangers[:1]] if who is not me]


def _texts(repo: Repository) -> Callable[[str | None], Markup]:
    gh = world()
    known = {who.login.lower() for who in gh.users.values()}
    known |= {org.login.lower() for org in gh.organizations.values()}
    return Texts(f"/demo/{repo.full_name}/issues", lambda login: login.lower() in known).html


def _issue(owner: str, name: str, number: int) -> Issue | None:
    repo = world().find_repository(owner, name)
    return repo.issues.get(number) if repo else None


ROUTES: Routes = (
    ("/<owner>/<name>", "GET", repository),
    (ISSUES, "GET", show_all),
    (ISSUES + "/<int:number>", "GET", show),
    (ISSUES + "/<int:number>/comments", "POST", comment),
    (ISSUES + "/<int:number>/edit", "POST", edit),
    (ISSUES + "/<int:number>/state", "POST", change_state),
)
