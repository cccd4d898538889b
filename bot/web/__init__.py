"""The webhook, and Flask's pages: health, metrics, the front page; `front` serves both."""

from bot.web.app import make_app
from bot.web.delivery import Delivery, Malformed, Outcome, Status, Told
from bot.web.metrics import Metrics
from bot.web.state import State
from bot.web.webhook import Webhook

__all__ = [
    "Delivery",
    "Malformed",
    "Metrics",
    "Outcome",
    "State",
    "Status",
    "Told",
    "Webhook",
    "make_app",
]
