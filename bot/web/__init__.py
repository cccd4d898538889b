"""Flask: webhook, health, metrics, pages."""

from bot.web.app import make_app
from bot.web.delivery import Delivery, Malformed, Status
from bot.web.metrics import Metrics
from bot.web.state import State

__all__ = ["Delivery", "Malformed", "Metrics", "State", "Status", "make_app"]
