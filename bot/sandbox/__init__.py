"""A local GitHub for the demo and the tests; it knows nothing of the bot.

How it is unkind, as GitHub can be (``gh`` is the Sandbox; each has a test in tests/sandbox):

=====================================  ==========================================================
an error, a lost answer, a limit       ``gh.failures.add(method=…, path=…, mode=…, times=…)``; the
                                       modes: ``failures.Failure``, the usual paths beside it
a passing 404                          ``gh.failures.passing_404(COMMENT, times=2)``
a slow answer                          ``slow = gh.failures.add(path=…, mode="kept")`` (``held``:
                                       nothing is done before), ``slow.arrived``,
                                       ``slow.release()``
facts change during a call             ``gh.failures.add(path=…, mode="stale", then=change)``
bulk calls leave some out              ``gh.failures.skip_in_bulk.add(request.id)``
a list lags, or answers empty          ``gh.lag("grants", times=2)``, ``shows="nothing"``; also
                                       ``"requests"``, in ``with``, or ``.end()``
filters are ignored                    ``gh.lists.ignore_filters = True``
a row without owner, unknown fields    ``gh.lists.change_row("requests", request.id, owner=None)``
                                       (``lists.ABSENT``: no such field)
rows of an unknown kind                ``gh.lists.add_row("grants", {…})``
odd logins                             ``gh.add_user("-Jerry-")``, any text
access ends without a word             ``gh.revoke(grant)``, ``gh.delete_token(grant.token)``,
                                       ``gh.vanish_request(request)``, ``gh.expire(grant)``
a request changes without a word       ``gh.change_request(request, permissions=…)``
an owner decides past the bot          ``gh.review_as(owner, org, request.id, "approve")``
the App is renamed                     ``gh.rename_app("gatekeeper")``
somebody else is renamed               ``gh.rename_user``, ``rename_organization``,
                                       ``rename_repository``, ``rename_team``
people change issues                   ``gh.edit_issue(user, repo, number, body=…)``,
                                       ``label_issue``, ``edit_comment``, ``delete_comment``, …
an App's name is taken                 ``gh.taken_app_names.add("countersign-acme")``, lower case
a wrong webhook secret                 ``gh.webhook_secret = "other"``: the log of deliveries
                                       gets rows with the bot's 401
deliveries get lost, late, turned      ``gh.drop_deliveries()``, ``gh.hold_deliveries()``,
                                       ``gh.redeliver(guid)``
the webhook is set up wrongly          ``gh.hook.content_type = "form"``, ``gh.hook.insecure_ssl``,
                                       ``gh.webhook_secret = ""``
GitHub's time                          ``gh.ahead = timedelta(hours=1)``; the header ``Date`` too
limits                                 ``gh.content_limit = (80, 500)``; what is left of the hour:
                                       ``gh.limits.budget("installation 7", gh.now()).used = 4990``
=====================================  ==========================================================

``gh.failures.clear()`` and ``gh.lists.mend()`` make it kind again. ``gh.calls`` and
``gh.deliveries`` tell what was called and sent.
"""

from bot.sandbox.calls import Call
from bot.sandbox.deliveries import Delivery
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.state import (
    Comment,
    Grant,
    Installation,
    Issue,
    Organization,
    Repository,
    TokenRequest,
    User,
)

__all__ = [
    "Call",
    "Comment",
    "Delivery",
    "Grant",
    "Installation",
    "Issue",
    "Organization",
    "Repository",
    "Sandbox",
    "TokenRequest",
    "User",
]
