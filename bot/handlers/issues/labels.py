"""Our labels on a review issue: put on and taken off one by one, so that people's own stay."""

from collections.abc import Sequence

from bot.domain.accounts import AdminRepository
from bot.domain.record import RequestRecord
from bot.ports import NotFound, World
from bot.replies.labels import DANGER_LABELS, STATE_LABELS, request_labels


def label_changes(labels: Sequence[str], row: RequestRecord) -> tuple[list[str], list[str]]:
    """What of ours is missing beside these labels, and what has to go. Names ignore case."""
    there, ours = {name.lower() for name in labels}, request_labels(row)
    others = (STATE_LABELS | DANGER_LABELS) - set(ours)
    missing = [name for name in ours if name.lower() not in there]
    return missing, [name for name in labels if name.lower() in others]


def has_our_labels(labels: Sequence[str], row: RequestRecord) -> bool:
    """Whether these labels tell state and danger, and no other ones."""
    return label_changes(labels, row) == ([], [])


def write_labels(world: World, repo: AdminRepository, number: int, row: RequestRecord) -> None:
    """Let the issue tell state and danger, whatever labels it has by now.

    Raises NotFound, also for a label that GitHub showed a moment ago and does not find now.
    """
    labels = world.github.add_labels(repo, number, request_labels(row))
    _, others = label_changes(labels, row)
    for name in others:
        if not world.github.remove_label(repo, number, name):
            raise NotFound(f"the label {name} of {repo.full_name}#{number}")
