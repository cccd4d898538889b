"""GitHub's form for a new fine-grained token, as far as an organization is concerned."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.sandbox.pages import token_fields
from bot.sandbox.pages.examples import EXAMPLES, Filled, prefilled, sent
from bot.sandbox.pages.frame import Routes, back, is_owner, not_found, page, reading, visitor, world
from bot.sandbox.pages.home import admin_repository
from bot.sandbox.pages.permissions import PERMISSIONS
from bot.sandbox.state import Grant, Organization, Repository, User

TOKENS = "/demo/settings/personal-access-tokens"


@reading
def show() -> Response:
    """The form, filled in with an example, or with a token that is to get more."""
    me, org = visitor(), _organization(request.args)
    if me is None or org is None:
        wanted = world().find_organization(request.args.get("target_name", ""))
        return page("token_form_closed", org=wanted, mine=_organizations_of(me) if me else [])
    grant = _widened(request.args, me, org)
    named = EXAMPLES.get(request.args.get("example", ""), EXAMPLES["harmless"])
    filled = _of_grant(grant) if grant else prefilled(request.args, world().now()) or named.filled
    return _form(me, org, filled, grant)


def send() -> Response:
    """Ask for the token."""
    gh, form, me = world(), request.form, visitor()
    with gh.lock:
        org = _organization(form)
        if me is None or org is None:
            return not_found()
        grant = _widened(form, me, org)
        try:
            asked = token_fields.read(form, _reachable(org), gh.now())
        except token_fields.Mistake as mistake:
            return _form(me, org, sent(form), grant, str(mistake))
        return _ask(org, me, asked, grant)


def _ask(
    org: Organization, me: User, asked: token_fields.TokenFields, grant: Grant | None
) -> Response:
    gh = world()
    if is_owner(me, org):
        gh.grant_without_review(org, me, **asked.access)
        return back(TOKENS, "Granted at once: GitHub asks for no review of an owner's own token.")
    token_id = grant.token.id if grant else None
    gh.request_token(org, me, **asked.access, reason=asked.reason, token_id=token_id)
    admin = admin_repository(org)
    said = f"Requested. The owners of {org.login} decide; the bot opens an issue for them here."
    return back(f"/demo/{admin.full_name}/issues" if admin else TOKENS, said)


def _form(
    me: User,
    org: Organization,
    filled: Filled,
    grant: Grant | None,
    mistake: str | None = None,
) -> Response:
    return page(
        "token_form",
        422 if mistake else 200,
        org=org,
        choices=_organizations_of(me),
        owns=is_owner(me, org),
        filled=filled,
        grant=grant,
        mistake=mistake,
        repositories=_reachable(org),
        permissions=PERMISSIONS,
        examples=EXAMPLES,
        days=token_fields.DAYS,
    )


def _organization(form: MultiDict[str, str]) -> Organization | None:
    """The one that was named (``target_name`` as on GitHub), or the visitor's first."""
    me = visitor()
    mine = _organizations_of(me) if me else []
    named = form.get("target_name")
    fallback = mine[0] if mine and named is None else None
    return next((org for org in mine if org.login == named), fallback)


def _organizations_of(me: User) -> list[Organization]:
    return [org for org in world().organizations.values() if org.member(me)]


def _reachable(org: Organization) -> list[Repository]:
    """The organization's repositories, that for the owners last."""
    admin = admin_repository(org)
    return sorted(world().repositories_of(org), key=lambda repo: repo is admin)


def _widened(form: MultiDict[str, str], me: User, org: Organization) -> Grant | None:
    """The visitor's grant that is to get more (``token``: its token's id)."""
    token = form.get("token", "")
    mine = (one for one in world().grants(org) if one.owner is me)
    return next((one for one in mine if str(one.token.id) == token), None)


def _of_grant(grant: Grant) -> Filled:
    held = {
        f"{kind}.{name}": level
        for kind, names in grant.permissions.items()
        for name, level in names.items()
    }
    chosen = tuple(repo.name for repo in grant.repositories)
    return Filled(grant.token.name, "", "", grant.repository_selection, held, chosen)


ROUTES: Routes = (
    ("/settings/personal-access-tokens/new", "GET", show),
    ("/settings/personal-access-tokens/new", "POST", send),
)
