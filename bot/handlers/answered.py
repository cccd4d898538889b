"""Which comments have their answer: no later run carries out what they command."""

from bot.ports import World

REFUSED = "refused"
"""The step that marks a comment whose command was refused: no later run carries it out."""
TAKEN = "taken"
"""The step that marks a comment whose command was carried out to the end."""


def was_acknowledged(world: World, comment_id: int) -> bool:
    """Whether a comment was carried out to the end: a replay under another GUID does nothing."""
    return world.record.remote_id(f"comment:{comment_id}", TAKEN) is not None


def was_answered(world: World, comment_id: int) -> bool:
    """Whether a comment was carried out to the end, or refused for good."""
    refused = world.record.intended(f"comment:{comment_id}", REFUSED) is not None
    return refused or was_acknowledged(world, comment_id)
