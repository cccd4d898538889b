"""Token requests and grants: what members ask for, what owners decide, what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from bot.sandbox.people import People
from bot.sandbox.shapes import tokens
from bot.sandbox.state import (
    Grant,
    Organization,
    Permissions,
    Repository,
    Selection,
    Token,
    TokenRequest,
    User,
)
from bot.sandbox.world import locked

Review = Literal["approve", "deny"]


class NotPending(LookupError):  # noqa: N818  # a fact about the request, not a fault
    """The request was decided, cancelled or lost before."""


class Tokens(People):
    """Fine-grained personal access tokens, as far as organizations see them."""

    @locked
    def request_token(  # noqa: PLR0913  # all by keyword, each a field of GitHub's form
        self,
        org: Organization,
        owner: User,
        *,
        name: str = "ci",
        permissions: Permissions | None = None,
        selection: Selection = "all",
        repositories: Sequence[Repository] = (),
        expires_at: datetime | None = None,
        reason: str | None = None,
        token_id: int | None = None,
    ) -> TokenRequest:
        """Somebody asks for a token, or for more with one they have (``token_id``).

        ``permissions`` is all that the token would hold. What is added and what upgraded is found
        against the grant of the same token. The delivery ``created`` goes out.
        """
        request = self._new_request(org, owner, self._token(token_id, name, expires_at), reason)
        request.repository_selection = selection
        request.repositories = list(repositories)
        self._ask(request, permissions or {"repository": {"contents": "read", "metadata": "read"}})
        self.token_requests[request.id] = request
        self._tell_request(request, "created", owner)
        return request

    @locked
    def grant_without_review(
        self,
        org: Organization,
        owner: User,
        *,
        name: str = "ci",
        permissions: Permissions | None = None,
        selection: Selection = "all",
        repositories: Sequence[Repository] = (),
        expires_at: datetime | None = None,
    ) -> Grant:
        """A token that needs no approval: ``approved`` comes without ``created``."""
        request = self._new_request(org, owner, self._token(None, name, expires_at), None)
        request.repository_selection = selection
        request.repositories = list(repositories)
        self._ask(request, permissions or {"repository": {"contents": "read", "metadata": "read"}})
        return self._approve(request, owner)

    @locked
    def review(
        self, request: TokenRequest, action: Review, reason: str | None, sender: User
    ) -> None:
        """Approve or deny, as anyone who may. NotPending if there is nothing to decide any more."""
        if request.state != "pending":
            raise NotPending(request.id)
        request.review_reason, request.reviewed_by = reason, sender
        if action == "approve":
            self._approve(request, sender)
        else:
            request.state = "denied"
            self._tell_request(request, "denied", sender)

    def review_as(
        self,
        user: User,
        org: Organization,
        request_id: int,
        action: Review,
        reason: str | None = None,
    ) -> None:
        """An owner decides on GitHub's own page."""
        request = self.token_requests[request_id]
        if request.organization is not org:
            raise NotPending(request_id)
        self.review(request, action, reason, user)

    @locked
    def cancel_request(self, request: TokenRequest) -> None:
        """The requester takes the request back."""
        request.state = "cancelled"
        self._tell_request(request, "cancelled", request.owner)

    @locked
    def vanish_request(self, request: TokenRequest, *, granted: bool = False) -> None:
        """The request is gone and no delivery was ever made; ``granted`` leaves a grant behind."""
        request.state = "vanished"
        if granted:
            self._grant(request)

    @locked
    def change_request(
        self,
        request: TokenRequest,
        *,
        permissions: Permissions | None = None,
        selection: Selection | None = None,
        repositories: Sequence[Repository] | None = None,
        name: str | None = None,
        expires_at: datetime | Literal["unchanged"] | None = "unchanged",
        reason: str | None = None,
    ) -> None:
        """The request asks for something else than was shown, and no delivery says so."""
        if permissions is not None:
            self._ask(request, permissions)
        if repositories is not None:
            request.repositories = list(repositories)
        request.repository_selection = selection or request.repository_selection
        request.token.name = name or request.token.name
        request.reason = reason or request.reason
        if expires_at != "unchanged":
            request.token.expires_at = expires_at

    @locked
    def expire(self, what: TokenRequest | Grant, *, cancelled: bool = False) -> None:
        """The token's time is over. With ``cancelled`` a pending request's end is delivered too."""
        what.token.expires_at = self.now() - timedelta(seconds=1)
        if cancelled and isinstance(what, TokenRequest):
            self.cancel_request(what)

    @locked
    def use_token(self, what: TokenRequest | Grant) -> None:
        """The token is used now."""
        what.token.last_used_at = self.now()

    @locked
    def revoke(self, grant: Grant) -> None:
        """Take a grant back: an owner on GitHub's page, or an enterprise (credential
        authorizations, revoke-all). GitHub makes no delivery of this kind."""
        self.token_grants.pop(grant.id, None)

    @locked
    def delete_token(self, token: Token) -> None:
        """Its owner deletes the token: all it was granted or asked for is gone, without a word."""
        for grant in [one for one in self.token_grants.values() if one.token is token]:
            self.revoke(grant)
        for request in self.token_requests.values():
            if request.token is token and request.state == "pending":
                self.vanish_request(request)

    def requests(self, org: Organization, *, pending_only: bool = False) -> list[TokenRequest]:
        """The organization's requests, oldest first, decided ones too unless told otherwise."""
        ours = [one for one in self.token_requests.values() if one.organization is org]
        return [one for one in ours if one.state == "pending"] if pending_only else ours

    def grants(self, org: Organization) -> list[Grant]:
        """The organization's active grants, oldest first."""
        return [one for one in self.token_grants.values() if one.organization is org]

    def grant_of(self, org: Organization, token_id: int) -> Grant | None:
        """The token's active grant in the organization."""
        return next((one for one in self.grants(org) if one.token.id == token_id), None)

    def _token(self, token_id: int | None, name: str, expires_at: datetime | None) -> Token:
        every: list[TokenRequest | Grant] = [*self.token_grants.values()]
        every += self.token_requests.values()
        old = next((one.token for one in every if one.token.id == token_id), None)
        return old or Token(token_id or self.new_id("token"), name, expires_at)

    def _new_request(
        self, org: Organization, owner: User, token: Token, reason: str | None
    ) -> TokenRequest:
        number, moment = self.new_id("request"), self.now()
        return TokenRequest(number, org, owner, token, reason, "all", [], {}, {}, {}, moment)

    def _ask(self, request: TokenRequest, permissions: Permissions) -> None:
        grant = self.grant_of(request.organization, request.token.id)
        held = grant.permissions if grant else {}
        request.permissions_result = permissions
        request.permissions_added = _missing(permissions, held)
        request.permissions_upgraded = _raised(permissions, held)

    def _approve(self, request: TokenRequest, sender: User) -> Grant:
        request.state = "approved"
        grant = self._grant(request)
        self._tell_request(request, "approved", sender)
        return grant

    def _grant(self, request: TokenRequest) -> Grant:
        old = self.grant_of(request.organization, request.token.id)
        grant = Grant(
            old.id if old else self.new_id("grant"),
            request.organization,
            request.owner,
            request.token,
            request.repository_selection,
            list(request.repositories),
            request.permissions_result,
            self.now(),
        )
        self.token_grants[grant.id] = grant
        return grant

    def _tell_request(self, request: TokenRequest, action: str, sender: User) -> None:
        shown = tokens.in_delivery(self.links, request, self.now())
        about = {"personal_access_token_request": shown}
        event = "personal_access_token_request"
        self.tell(request.organization, event, action, sender, about)


LEVELS = ("read", "write", "admin")


def _missing(asked: Permissions, held: Permissions) -> Permissions:
    new = {
        kind: {name: level for name, level in names.items() if name not in held.get(kind, {})}
        for kind, names in asked.items()
    }
    return {kind: names for kind, names in new.items() if names}


def _raised(asked: Permissions, held: Permissions) -> Permissions:
    more = {
        kind: {
            name: level
            for name, level in names.items()
            if name in held.get(kind, {}) and _rank(level) > _rank(held[kind][name])
        }
        for kind, names in asked.items()
    }
    return {kind: names for kind, names in more.items() if names}


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
