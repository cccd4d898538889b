"""About this GitHub itself."""

from __future__ import annotations

from bot.sandbox.rest.route import Answer, Request, Route

NETWORKS = ["127.0.0.0/8", "::1/128"]


def meta(request: Request) -> Answer:
    """Where deliveries come from: this machine. GitHub Enterprise Server tells its version too."""
    version = request.gh.server_version
    installed = {"installed_version": version} if version else {}
    found = {"verifiable_password_authentication": False, "hooks": NETWORKS, **installed}
    return Answer(200, found)


def rate_limit(request: Request) -> Answer:
    """What is left to the caller; asking costs nothing."""
    gh = request.gh
    caller = f"installation {request.access.installation.id}" if request.access else "anyone"
    core = gh.limits.budget(caller, gh.now()).shown()
    search = {**core, "limit": 30, "remaining": 30, "used": 0}
    return Answer(200, {"resources": {"core": core, "search": search}, "rate": core})


ROUTES = (
    Route("GET", "/meta", meta, auth="anyone"),
    Route("GET", "/rate_limit", rate_limit, auth="anyone"),
)
