"""The demo's pages: the local GitHub as people see it, and what goes on behind it."""

from bot.sandbox.pages.frame import Action, Demo
from bot.sandbox.pages.register import PREFIX, add_pages, show_in_pages

__all__ = ["PREFIX", "Action", "Demo", "add_pages", "show_in_pages"]
