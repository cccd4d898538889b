"""GitHub's REST API, one file per family; ROUTES is all of it."""

from __future__ import annotations

from bot.sandbox.rest import (
    app,
    comments,
    commits,
    issues,
    labels,
    meta,
    organizations,
    repositories,
    tokens,
)

ROUTES = (
    *app.ROUTES,
    *tokens.ROUTES,
    *organizations.ROUTES,
    *repositories.ROUTES,
    *commits.ROUTES,
    *issues.ROUTES,
    *comments.ROUTES,
    *labels.ROUTES,
    *meta.ROUTES,
)
