"""Our labels on a review issue: put on and taken off one by one, so that people's own stay."""

from collections.abc import Sequence

from bot.domain.accounts import AdminRepository
from bot.domain.token_request import State
from bot.ports import World
from bot.replies.labels import state_labels


def label_changes(labels: Sequence[str], state: State) -> tuple[list[str], list[str]]:
    """What of ours is missing beside these labels, and what has to go. Names ignore case."""
    there, ours = {name.lower() for name in labels}, state_labels(state)
    others = {one.label for one in State} - set(ours)
    missing = [name for name in ours if name.lower() not in there]
    return missing, [name for name in labels if name.lower() in others]


def has_our_labels(labels: Sequence[str], state: State) -> bool:
    """Whether these labels tell the state, and no other one."""
    return label_changes(labels, state) == ([], [])


def write_labels(world: World, repo: AdminRepository, number: int, state: State) -> None:
    """Let the issue tell the state, whatever labels it has by now. Raises NotFound."""
    labels = world.github.add_labels(repo, number, state_labels(state))
    _, others = label_changes(labels, state)
    for name in others:
        world.github.remove_label(repo, number, name)
