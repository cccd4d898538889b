"""Comments and reactions."""

from __future__ import annotations

from bot.sandbox.issues import Issues
from bot.sandbox.shapes import issues
from bot.sandbox.state import Comment, Issue, Reaction, Repository, User
from bot.sandbox.world import locked


class Comments(Issues):
    """What people and the App say on issues; every act is told to the App."""

    @locked
    def comment(
        self,
        user: User,
        repo: Repository,
        issue_number: int,
        body: str,
        *,
        via_app: str | None = None,
    ) -> Comment:
        """A new comment; ``via_app`` is the slug of an app that wrote it in the user's name."""
        issue, moment = repo.issues[issue_number], self.now()
        number = self.new_id("comment")
        comment = Comment(number, issue, user, body, moment, moment, via_app)
        issue.comments.append(comment)
        issue.updated_at = moment
        self._tell_comment(comment, "created", user)
        return comment

    @locked
    def edit_comment(self, user: User, comment: Comment, body: str) -> None:
        """Change a comment's text; ``user`` may be another than its author."""
        changes = {"body": {"from": comment.body}}
        comment.body, comment.updated_at = body, self.now()
        self._tell_comment(comment, "edited", user, changes=changes)

    @locked
    def delete_comment(self, user: User, comment: Comment) -> None:
        """Delete a comment."""
        comment.issue.comments.remove(comment)
        self._tell_comment(comment, "deleted", user)

    @locked
    def react(self, user: User, to: Comment | Issue, content: str) -> tuple[Reaction, bool]:
        """The user's reaction, and whether it is new. GitHub makes no delivery of it."""
        for known in to.reactions:
            if known.user is user and known.content == content:
                return known, False
        reaction = Reaction(self.new_id("reaction"), user, content, self.now())
        to.reactions.append(reaction)
        return reaction, True

    def find_comment(self, repo: Repository, comment_id: int) -> Comment | None:
        """The repository's comment with that id."""
        every = (one for issue in repo.issues.values() for one in issue.comments)
        return next((one for one in every if one.id == comment_id), None)

    def _tell_comment(
        self, comment: Comment, action: str, sender: User, **more: dict[str, dict[str, str]]
    ) -> None:
        repo = comment.issue.repository
        about = {
            "issue": issues.issue(self.links, self.app, comment.issue, in_delivery=True),
            "comment": issues.comment(self.links, self.app, comment, in_delivery=True),
            **more,
        }
        self.tell(repo.owner, "issue_comment", action, sender, about, repo)
