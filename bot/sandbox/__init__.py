"""A local GitHub for the demo and the tests; it knows nothing of the bot."""

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
