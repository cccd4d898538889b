"""The set-up page and its forms. They work without JavaScript; a script only refreshes checks."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import (
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from bot import COMMAND, VERSION
from bot.settings.credentials import CredentialsError
from bot.setup.door import Closed, is_allowed_host, is_own_origin
from bot.setup.fields import GITHUB, Answers, hook_url, read_answers
from bot.setup.manifest import form_address
from bot.setup.room import Room, Trouble
from bot.setup.steps import Place, may_go_on, steps
from bot.web.answers import PROTECTION

COOKIE = "countersign_setup"
HOME = "/"
OPEN_TO_ALL = ("/static/", "/setup/static/")
STYLES = Path(__file__).parent.parent / "web" / "static"

_log = logging.getLogger(__name__)


def make_setup_app(room: Room) -> Flask:
    """The WSGI application of a bot that is not set up yet."""
    app = Flask("bot.setup", static_folder=str(STYLES), static_url_path="/static")
    app.url_map.strict_slashes = False
    views = _Views(room)
    app.before_request(views.check_request)
    app.after_request(views.protect)
    app.add_url_rule(HOME, "home", views.home, methods=["GET"])
    app.add_url_rule("/healthz", "health", lambda: {"status": "alive"}, methods=["GET"])
    app.add_url_rule("/setup/created", "created", views.created, methods=["GET"])
    app.add_url_rule("/setup/static/<path:name>", "script", views.own_file, methods=["GET"])
    app.add_url_rule("/setup/organization", "edit", views.edit, methods=["GET"])
    for name in ("code", "organization", "exchange", "accept", "ping", "restart", "finish"):
        app.add_url_rule(f"/setup/{name}", name, getattr(views, f"post_{name}"), methods=["POST"])
    app.register_error_handler(HTTPException, views.elsewhere)
    app.register_error_handler(Exception, views.own_error)
    return app


class _Views:
    """What the routes do."""

    def __init__(self, room: Room) -> None:
        self._room = room

    # ------------------------------------------------------------ the door
    def check_request(self) -> Answer | None:
        """Refuse foreign hosts and forms, and whoever has not shown the code."""
        if request.path == "/healthz":
            return None
        return self._check_sender(request.headers.get("Host", "")) or self._check_session()

    def _check_sender(self, host: str) -> Answer | None:
        if not is_allowed_host(host, self._hosts()):
            return _plain(
                421,
                "Open the set-up page at the address that the bot printed. To open it under another"
                f" name, run `{COMMAND} setup --url https://THAT.NAME` where the bot runs.",
            )
        if request.method == "POST" and not is_own_origin(request.headers.get("Origin"), host):
            return _plain(403, "This form was sent from another site. Use the bot's own page.")
        return None

    def _check_session(self) -> Answer | None:
        if request.path.startswith(OPEN_TO_ALL) or request.endpoint in {None, "code"}:
            return None
        if self._room.door.knows(request.cookies.get(COOKIE, "")):
            return None
        code = request.args.get("code") if request.endpoint == "home" else None
        if code is None or request.method != "GET":
            return self._ask_for_code()
        return self._enter(code)

    def _hosts(self) -> set[str]:
        named = urlsplit(self._room.progress.url).hostname
        setting = self._room.settings.host.lower()
        return {setting, *self._room.door.hosts(), *([named] if named else [])}

    def _ask_for_code(self, wrong: Closed | None = None) -> Response:
        answer = make_response(
            render_template("code.html", command=COMMAND, wrong=wrong, version=VERSION)
        )
        answer.status_code = 429 if wrong and wrong.after else 403
        if wrong and wrong.after:
            answer.headers["Retry-After"] = str(int(wrong.after) + 1)
        return answer

    def _enter(self, code: str) -> Answer:
        try:
            session = self._room.door.enter(code.strip())
        except Closed as closed:
            return self._ask_for_code(closed)
        except OSError as error:
            return _plain(503, f"The bot cannot write into its folder var/: {error.strerror}.")
        answer = redirect(HOME, 303)
        secure = self._origin().startswith("https:")
        # Lax: GitHub's answer comes from another site
        answer.set_cookie(COOKIE, session, httponly=True, samesite="Lax", secure=secure)
        return answer

    def post_code(self) -> Answer:
        """The code, typed in."""
        return self._enter(request.form.get("code", ""))

    # ------------------------------------------------------------ the page
    def home(self) -> Answer:
        """All five steps."""
        if "code" in request.args:  # somebody who is in opens the printed address again
            return redirect(HOME, 303)
        return self._page()

    def edit(self) -> Answer:
        """The first step again, while there is no App."""
        return self._page(editing=self._room.may_change_answers)

    def _page(
        self,
        status: int = 200,
        trouble: str = "",
        answers: Answers | None = None,
        *,
        editing: bool = False,
    ) -> Response:
        room = self._room
        try:
            room.open_service()
        except Trouble as still:  # a setting, or the database: the page says what
            trouble = trouble or str(still)
        progress, every = room.progress, steps(room)
        shown = {
            "steps": every,
            "may_go_on": any(one.name == "checks" and may_go_on(one.checks) for one in every),
            "current": next((one.name for one in every if one.place is Place.CURRENT), None),
            "editing": editing or answers is not None,
            "progress": progress,
            "answers": answers or self._kept_answers(),
            "asks_server": room.settings.github_api_url is None,
            "hook": hook_url(progress.url, room.settings.webhook_path),
            "local_hook": f"http://{request.host}{room.settings.webhook_path}",
            "repository": room.repository,
            "new_repository": self._new_repository(),
            "page_of_app": self._page_of_app(),
            "trouble": trouble,
            "version": VERSION,
        }
        if shown["current"] == "app" and not progress.code:
            shown |= self._form()
        return make_response(render_template("setup.html", **shown), status)

    def _kept_answers(self) -> Answers:
        now = self._room.progress
        server = "" if now.server == GITHUB else now.server
        return Answers(now.organization, server, now.url, {})

    def _form(self) -> dict[str, str]:
        """What the button of the second step sends to GitHub."""
        state = self._room.new_state()
        action = form_address(self._room.web_url, self._room.progress.organization, state)
        return {"action": action, "manifest": json.dumps(self._room.manifest(self._origin()))}

    def _new_repository(self) -> str:
        owner, _, name = self._room.repository.partition("/")
        query = f"owner={quote(owner)}&name={quote(name)}&visibility=private"
        return f"{self._room.web_url}/new?{query}"

    def _page_of_app(self) -> str:
        try:
            return self._room.credentials().html_url if self._room.has_app else ""
        except CredentialsError as error:
            _log.error("%s", error)
            return ""

    def _origin(self) -> str:
        """Where this browser is, for GitHub to come back to."""
        public = urlsplit(self._room.progress.url)
        if public.netloc and public.netloc.lower() == request.host.lower():
            return f"{public.scheme}://{public.netloc}"
        proto = request.headers.get("X-Forwarded-Proto", "http").partition(",")[0].strip()
        return f"{'https' if proto == 'https' else 'http'}://{request.host}"

    # ------------------------------------------------------------ the forms
    def post_organization(self) -> Answer:
        """The first step."""
        sent, asks = request.form, self._room.settings.github_api_url is None
        server = sent.get("server", "") if asks else self._room.web_url
        answers = read_answers(sent.get("organization", ""), server, sent.get("url", ""))
        if answers.wrong:
            server = "" if answers.server == GITHUB else answers.server
            return self._page(422, answers=replace(answers, server=server))
        return self._do(lambda: self._room.take_answers(answers))

    def created(self) -> Answer:
        """GitHub comes back from its form."""
        given = request.args
        state, code = given.get("state", ""), given.get("code", "")
        return self._do(lambda: self._room.come_back(state, code))

    def post_exchange(self) -> Answer:
        """Once more, after GitHub was away."""
        return self._do(self._room.exchange)

    def post_accept(self) -> Answer:
        """Go on with warnings."""
        (found,) = (one for one in steps(self._room) if one.name == "checks")
        if not may_go_on(found.checks):
            return self._page(409, "Something is wrong, or not looked at yet: see step 4.")
        return self._do(self._room.accept)

    def post_ping(self) -> Answer:
        """Ask GitHub for its ping."""
        return self._do(self._room.ask_for_ping)

    def post_restart(self) -> Answer:
        """Forget the App."""
        if request.form.get("sure") != "yes":
            return self._page(422, "Nothing was forgotten: tick the box first.")
        return self._do(self._room.start_over)

    def post_finish(self) -> Answer:
        """Go on to the bot's own page, once all is done."""
        if any(one.place is not Place.DONE for one in steps(self._room)):
            return self._page(409, "A step is not done yet: see below.")
        return self._do(self._room.finish)

    def _do(self, act: Callable[[], None]) -> Answer:
        try:
            act()
        except Trouble as trouble:
            return self._page(503 if trouble.away else 400, str(trouble))
        return redirect(HOME, 303)

    # ------------------------------------------------------------ the rest
    def own_file(self, name: str) -> Response:
        """The script and the style of this page."""
        return send_from_directory(Path(__file__).parent / "static", name)

    def elsewhere(self, error: HTTPException) -> Answer:
        """Everything that is no route of the set-up: not there yet."""
        if request.path.startswith("/setup/") or error.code not in {404, 405}:
            if error.code in {404, 405} and request.method == "GET":
                return redirect(HOME, 303)  # a form's address, opened or reloaded
            return _plain(error.code or 500, f"{error.name}.")
        return make_response(render_template("not_yet.html", version=VERSION), 503)

    def own_error(self, _error: Exception) -> Answer:
        """Nothing of the request is shown or logged but what went wrong."""
        _log.exception("the set-up page failed by an error of ours")
        return _plain(500, "This is an error in the bot. Its log says more.")

    def protect(self, response: Response) -> Response:
        """Only our own styles and scripts; forms go to us and to GitHub; nothing is kept."""
        web = urlsplit(self._room.web_url)
        response.headers.update(PROTECTION)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
            f" base-uri 'none'; form-action 'self' {web.scheme}://{web.netloc};"
            " frame-ancestors 'none'"
        )
        # not `no-referrer`: with it browsers send `Origin: null` with our own forms
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        return response


def _plain(status: int, why: str) -> Response:
    name = HTTPStatus(status).phrase
    body = render_template("plain.html", title=name, why=why, version=VERSION)
    return make_response(body, status)
