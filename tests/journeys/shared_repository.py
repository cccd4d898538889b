"""`ADMIN_REPO=org/name` in the stories: an organization lends its repository to two others."""

from typing import Any

from tests.journeys.stage import Stage

SHARED = {"ADMIN_REPO": "hub/reviews", "ORGANIZATIONS": "one,two"}


class Hub:
    """An organization that lends its repository to two others, and is not served itself."""

    def __init__(self, scene: Stage) -> None:
        self.scene = scene
        self.hub = scene.organization("hub")
        self.reviews = scene.gh.add_repository(self.hub.org, "reviews")
        self.one, self.two = scene.organization("one"), scene.organization("two")

    def says(self, who: Any, number: int, text: str) -> Any:
        return self.scene.gh.comment(who, self.reviews, number, text)

    def issue(self, **wanted: Any) -> Any:
        return self.scene.issue(self.reviews, **wanted)
