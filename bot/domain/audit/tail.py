"""The end of a chain before something is added: is it what the bot left there?"""

from dataclasses import dataclass

from bot.domain.audit.entry import GENESIS, Head


@dataclass(frozen=True)
class End:
    """The stored head (with `seq` 0 there is none; None: unreadable) and the last entry there is.

    `proven`: whether the head's signature is ours; None where the head is not signed with our key.
    `told`: the key with which, as the log itself says, the head was signed.
    """

    head: Head | None
    seq: int
    hash: str
    proven: bool | None
    told: str | None = None

    @property
    def fault(self) -> str:
        """What does not fit, so that nothing vouches for the entries; empty when all fits."""
        if self.head is None:
            return "the head cannot be read"
        if self.head.seq == 0 and self.seq > 0:
            return f"the head is gone; there are entries up to {self.seq}"
        if self.proven is False:
            return "the head's signature is wrong"
        if self.told != self.head.key:
            return "the head names another key than the log itself, or none"
        return self._misplaced(self.head)

    def _misplaced(self, head: Head) -> str:
        if self.seq > head.seq:
            return f"the head is entry {head.seq}, and entry {self.seq} is behind it"
        if self.seq < head.seq:
            return f"the head is entry {head.seq}, and the last that is there is entry {self.seq}"
        if self.hash != head.hash:
            return f"entry {self.seq}, the last, is not the one that the head names"
        return ""

    @property
    def key(self) -> str | None:
        """The key that the head names."""
        return self.head.key if self.head else None

    @property
    def found(self) -> dict[str, object]:
        """What is there, for the entry that tells of a fault."""
        stored = vars(self.head).items() if self.head else ()
        head = {name: str(value)[:200] for name, value in stored if value}
        return {"head": head, "last": {"seq": self.seq, "hash": self.hash}}

    @property
    def last(self) -> tuple[int, str]:
        """Behind which entry the chain goes on: its `seq` and hash; no number is used twice."""
        if self.head and self.proven and self.head.seq > self.seq:
            return self.head.seq, self.head.hash
        return self.seq, self.hash


EMPTY = (0, GENESIS)
"""The end of a chain without entries."""
