"""What a command for many left alone, so that its report can name each one and why."""

from dataclasses import dataclass, field

from bot.domain.commands import Selection
from bot.domain.record import RequestRecord


@dataclass
class Skipped:
    """Requests that a command did not touch, by cause.

    `own`: the author's. `held`, `decided`: before the command. `changed`: GitHub shows another
    token than the issue did; its issue is rendered anew. `gone`: no longer pending on GitHub, or
    GitHub has not said yet what became of it. `widening`: `/approve for` would widen a grant.
    `left`: the requester is no member any more, so it cannot be approved. `stopped`: GitHub left it
    undone, and when it was to be asked again the command did not hold any more. `undone`: GitHub
    lists it and did not take the review. `busy`: another decision on it is under way. `unread`: the
    policy looks at a fact that cannot be read now. `critical`:
    approving it without a time limit is asked back on its own issue, for it never expires.
    `not_named`: no rule of the policy names the author for it. `counted`: the author's approval is
    recorded, and more are needed. `ruled_out`: a rule denies it.
    """

    own: list[RequestRecord] = field(default_factory=list)
    held: list[RequestRecord] = field(default_factory=list)
    decided: list[RequestRecord] = field(default_factory=list)
    changed: list[RequestRecord] = field(default_factory=list)
    gone: list[RequestRecord] = field(default_factory=list)
    widening: list[RequestRecord] = field(default_factory=list)
    left: list[RequestRecord] = field(default_factory=list)
    stopped: list[RequestRecord] = field(default_factory=list)
    undone: list[RequestRecord] = field(default_factory=list)
    busy: list[RequestRecord] = field(default_factory=list)
    unread: list[RequestRecord] = field(default_factory=list)
    critical: list[RequestRecord] = field(default_factory=list)
    not_named: list[RequestRecord] = field(default_factory=list)
    counted: list[RequestRecord] = field(default_factory=list)
    ruled_out: list[RequestRecord] = field(default_factory=list)

    def add(self, selection: Selection) -> None:
        """What the selection itself left out."""
        self.own += selection.own
        self.held += selection.held
        self.decided += selection.decided
