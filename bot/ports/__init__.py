"""What the handlers need of the world, and how it may fail. Adapters fit these shapes."""

from bot.ports.errors import (
    Conflict,
    Defer,
    LeaseLost,
    NoAnswer,
    NoRoom,
    NotFound,
    NotPermitted,
    Park,
    Permanent,
    RateLimited,
    Refused,
    Retryable,
)
from bot.ports.github import FailedDelivery, GitHub, Installation, Issue
from bot.ports.inbox import Inbox, StuckJob
from bot.ports.record import (
    Audit,
    Digests,
    Effects,
    Organizations,
    Record,
    Redeliveries,
    Replies,
    Requests,
    Try,
)
from bot.ports.world import Clock, Job, Options, World

__all__ = [
    "Audit",
    "Clock",
    "Conflict",
    "Defer",
    "Digests",
    "Effects",
    "FailedDelivery",
    "GitHub",
    "Inbox",
    "Installation",
    "Issue",
    "Job",
    "LeaseLost",
    "NoAnswer",
    "NoRoom",
    "NotFound",
    "NotPermitted",
    "Options",
    "Organizations",
    "Park",
    "Permanent",
    "RateLimited",
    "Record",
    "Redeliveries",
    "Refused",
    "Replies",
    "Requests",
    "Retryable",
    "StuckJob",
    "Try",
    "World",
]
