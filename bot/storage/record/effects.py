"""What was tried and done on GitHub: intents, replies, redeliveries."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from bot.ports import Try
from bot.storage.codec import moment, plain, seconds
from bot.storage.database import Database
from bot.storage.tables import EFFECTS, REDELIVERIES, REPLIES

QUIET = 3600.0
"""Seconds in which a person gets one reply for one cause in one place."""

MOST_REPLIES = 20
"""Replies that one person gets in QUIET in all places: nobody uses up what GitHub lets us write."""

ANOTHER_CLOCK = 60.0
"""Seconds that the clocks of two machines may be apart: what is later was a clock gone wrong."""

DAY = 86400.0


class Effects:
    """The part of `ports.Record` that keeps effects from happening twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intend(self, scope: str, step: str) -> datetime | None:
        """Note that an effect is about to be tried; when it was first tried before, or None.

        What a clock noted that was ahead for a while may have been tried within the day.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            row = {"scope": scope, "step": step, "intended_at": now, "begun_at": now}
            fresh = self._database.insert(EFFECTS).on_conflict_do_nothing()
            if connection.execute(fresh.returning(EFFECTS.c.step), row).first() is not None:
                return None  # of two who come at once, one is the first
            before = select(EFFECTS.c.intended_at).where(_effect(scope, step))
            first = connection.execute(before).scalar_one()
            return moment(first if first <= now + ANOTHER_CLOCK else now - DAY)

    def last_try(self, scope: str, step: str) -> Try:
        """The last try of an intended effect. Its time is kept, negative once its end was seen."""
        with self._database.read() as connection:
            begun = connection.execute(select(EFFECTS.c.begun_at).where(_effect(scope, step)))
            mark = begun.scalar()
            now = self._database.now(connection)
            over = mark is None or mark < 0 or mark > now + ANOTHER_CLOCK
            return Try(mark, None if over else now - (mark or 0))

    def begin(self, scope: str, step: str, after: Try) -> bool:
        """Note that an intended effect is tried once more; False when another try came between."""
        with self._database.write() as connection:
            same = EFFECTS.c.begun_at.is_not_distinct_from(after.mark)
            again = update(EFFECTS).where(_effect(scope, step), same)
            now = self._database.now(connection)
            return connection.execute(again.values(begun_at=now)).rowcount == 1

    def ended(self, scope: str, step: str) -> None:
        """Note that a try is over, though its effect may or may not be there."""
        with self._database.write() as connection:
            over = update(EFFECTS).where(_effect(scope, step), EFFECTS.c.begun_at > 0)
            connection.execute(over.values(begun_at=-EFFECTS.c.begun_at))

    def forget(self, scope: str, step: str) -> None:
        """The first try of an effect was never sent: as if it had not been intended."""
        with self._database.write() as connection:
            never = and_(_effect(scope, step), EFFECTS.c.remote_id.is_(None))
            connection.execute(delete(EFFECTS).where(never))

    def intended(self, scope: str, step: str) -> datetime | None:
        """When an effect was first tried; None when never. Notes nothing."""
        with self._database.read() as connection:
            query = select(EFFECTS.c.intended_at).where(_effect(scope, step))
            at = connection.execute(query).scalar()
        return None if at is None else moment(at)

    def steps(self, scope: str) -> frozenset[str]:
        """All steps of a scope that were tried or done, and not forgotten."""
        with self._database.read() as connection:
            query = select(EFFECTS.c.step).where(EFFECTS.c.scope == scope)
            return frozenset(connection.execute(query).scalars())

    def remote_id(self, scope: str, step: str) -> int | None:
        """The id that GitHub gave to a finished effect; None while unknown."""
        with self._database.read() as connection:
            query = select(EFFECTS.c.remote_id).where(_effect(scope, step))
            return connection.execute(query).scalar()

    def done(self, scope: str, step: str, remote_id: int) -> None:
        """Note that an effect is finished."""
        with self._database.write() as connection:
            row = {
                "scope": scope,
                "step": step,
                "intended_at": self._database.now(connection),
                "remote_id": remote_id,
            }
            connection.execute(
                self._database.insert(EFFECTS)
                .values(row)
                .on_conflict_do_update(
                    index_elements=[EFFECTS.c.scope, EFFECTS.c.step],
                    set_={"remote_id": remote_id},
                )
            )

    def may_reply(
        self, author_id: int, scope: str, cause: str, comment_id: int, now: datetime
    ) -> bool:
        """Whether this comment may be answered: no other comment of this person had a reply for
        this cause in this scope within the hour, and fewer than MOST_REPLIES for any. Notes it;
        asked again for the same comment: True.
        """
        at = seconds(now)
        others = select(func.count()).where(
            REPLIES.c.author_id == author_id,
            REPLIES.c.at > at - QUIET,
            REPLIES.c.comment_id != comment_id,
        )
        key = {"author_id": author_id, "scope": scope, "cause": plain(cause)}
        fresh = self._database.insert(REPLIES).values(**key, comment_id=comment_id, at=at)
        answerable = or_(REPLIES.c.at <= at - QUIET, REPLIES.c.comment_id == comment_id)
        with self._database.write() as connection:
            if connection.execute(others).scalar_one() >= MOST_REPLIES:
                return False
            noted = connection.execute(
                fresh.on_conflict_do_update(
                    index_elements=[REPLIES.c.author_id, REPLIES.c.scope, REPLIES.c.cause],
                    set_={"comment_id": comment_id, "at": at},
                    where=answerable,
                ).returning(REPLIES.c.at)
            )
            return noted.first() is not None

    def redeliveries(self, guid: str) -> int:
        """How often GitHub took on to send this GUID again."""
        with self._database.read() as connection:
            query = select(REDELIVERIES.c.count).where(REDELIVERIES.c.guid == guid)
            return connection.execute(query).scalar() or 0

    def note_redelivery(self, guid: str) -> None:
        """GitHub took on to send this GUID once more."""
        fresh = self._database.insert(REDELIVERIES).values(guid=guid, count=1)
        more = {"count": REDELIVERIES.c.count + 1}
        again = fresh.on_conflict_do_update(index_elements=[REDELIVERIES.c.guid], set_=more)
        with self._database.write() as connection:
            connection.execute(again)


def _effect(scope: str, step: str) -> ColumnElement[bool]:
    return and_(EFFECTS.c.scope == scope, EFFECTS.c.step == step)
