"""What an owner does on GitHub while an App is set up: make it, install it, make a repository.

These pages are at the root, as on GitHub Enterprise Server, and below the demo's pages too. Whoever
opens them acts as an owner of the organization.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from bot.sandbox.hub import Hub
from bot.sandbox.registration import NotRegistered, register
from bot.sandbox.state import Installation, Organization, Repository

HERE = {"127.0.0.1", "localhost", "::1"}
APP_FORM = "/organizations/<login>/settings/apps/new"
INSTALLATION = "/organizations/<login>/settings/installations/<int:number>"


def add_app_pages(gh: Hub, app: Flask) -> None:
    """Serve the pages."""
    views = _Pages(gh)
    for name, prefix in (("app_pages", ""), ("app_pages_demo", "/demo")):
        pages = Blueprint(name, __name__, url_prefix=prefix, template_folder="pages/templates")
        pages.before_request(_check_host)
        for rule, methods, view in (
            (APP_FORM, ["POST"], views.app_form),
            (f"{APP_FORM}/create", ["POST"], views.create_app),
            ("/apps/<slug>/installations/new", ["GET"], views.installation_form),
            ("/apps/<slug>/installations/new", ["POST"], views.install),
            (INSTALLATION, ["GET"], views.installation),
            (INSTALLATION, ["POST"], views.change_installation),
            ("/new", ["GET"], views.repository_form),
            ("/new", ["POST"], views.make_repository),
        ):
            pages.add_url_rule(rule, f"{view.__name__}", view, methods=methods)
        app.register_blueprint(pages)


def _check_host() -> None:
    """Refuse foreign hosts. Forms come from other sites: that is what a manifest's is for."""
    if urlsplit(f"//{request.headers.get('Host', '')}").hostname not in HERE:
        abort(403)


class _Pages:
    def __init__(self, gh: Hub) -> None:
        self._gh = gh

    def app_form(self, login: str) -> Response:
        """The form that a manifest opens: only the name is still to be chosen."""
        sent = request.form.get("manifest", "")
        return self._app_form(self._organization(login), sent, _json(sent).get("name", ""))

    def create_app(self, login: str) -> Answer:
        """Make the App, and go back to who sent the manifest."""
        org, sent = self._organization(login), request.form.get("manifest", "")
        name = request.form.get("name", "")
        try:
            code = register(self._gh, org, _json(sent), name)
        except NotRegistered as refused:
            return self._app_form(org, sent, name, str(refused))
        back = str(_json(sent)["redirect_url"])
        answer = {"code": code, "state": request.args.get("state", "")}
        return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode(answer)}", 302)

    def installation_form(self, slug: str) -> Response:
        """Where to install the App, and which repositories it gets."""
        self._check_slug(slug)
        return self._show("install", orgs=list(self._gh.organizations.values()), repos=self._repos)

    def install(self, slug: str) -> Answer:
        """Install it there, as an owner."""
        self._check_slug(slug)
        org = self._organization(request.form.get("organization", ""))
        found = self._gh.installation_of(org)
        where = found or self._gh.install(org, repositories=self._chosen(org))
        return redirect(self._page_of(where), 303)

    def installation(self, login: str, number: int) -> Response:
        """What the App may see in an organization."""
        where = self._installation(login, number)
        return self._show("installed", where=where, repos=self._repos)

    def change_installation(self, login: str, number: int) -> Answer:
        """Choose other repositories, or remove the App."""
        where = self._installation(login, number)
        if request.form.get("act") == "uninstall":
            self._gh.uninstall(where)
            return redirect(self._prefix() + "/new", 303)
        self._gh.choose_repositories(where, self._chosen(where.organization))
        return redirect(self._page_of(where), 303)

    def repository_form(self) -> Response:
        """A new repository, filled in from the address."""
        return self._show("repository", given=request.args, orgs=[*self._gh.organizations.values()])

    def make_repository(self) -> Answer:
        """Make it, or make an existing one private or public."""
        org, name = self._organization(request.form.get("owner", "")), request.form.get("name", "")
        if not name.strip():
            abort(422)
        private = request.form.get("visibility") == "private"
        found = self._gh.find_repository(org.login, name)
        if found is None:
            found = self._gh.add_repository(org, name, private=private)
        found.private = private
        return self._show("repository", made=found, given={}, orgs=[])

    # ------------------------------------------------------------ what they share
    @property
    def _repos(self) -> list[Repository]:
        return list(self._gh.repositories.values())

    def _app_form(self, org: Organization, sent: str, name: str, wrong: str = "") -> Response:
        asked = _json(sent).get("default_permissions") or {}
        state = urlencode({"state": request.args.get("state", "")})
        action = f"{self._prefix()}/organizations/{org.login}/settings/apps/new/create?{state}"
        shown = {"org": org, "sent": sent, "name": name, "asked": asked, "action": action}
        return self._show("create", 422 if wrong else 200, wrong=wrong, **shown)

    def _organization(self, login: str) -> Organization:
        return self._gh.find_organization(login) or abort(404)

    def _installation(self, login: str, number: int) -> Installation:
        where = self._gh.installations.get(number)
        if where is None or where.organization is not self._organization(login):
            abort(404)
        return where

    def _check_slug(self, slug: str) -> None:
        if slug != self._gh.app.slug:
            abort(404)

    def _chosen(self, org: Organization) -> Any:
        if request.form.get("selection") != "selected":
            return "all"
        wanted = request.form.getlist("repository")
        return [one for one in self._repos if one.owner is org and str(one.id) in wanted]

    def _page_of(self, where: Installation) -> str:
        org = where.organization.login
        return f"{self._prefix()}/organizations/{org}/settings/installations/{where.id}"

    @staticmethod
    def _prefix() -> str:
        return "/demo" if request.path.startswith("/demo/") else ""

    def _show(self, what: str, status: int = 200, **shown: Any) -> Response:
        page = render_template("app_pages.html", what=what, app=self._gh.app, **shown)
        return Response(page, status, {"Cache-Control": "no-store"}, content_type="text/html")


def _json(sent: str) -> dict[str, Any]:
    try:
        found = json.loads(sent)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
