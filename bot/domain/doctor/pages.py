"""Where on GitHub the doctor sends people."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.doctor.facts import AppFacts, Unread


@dataclass(frozen=True)
class Pages:
    """GitHub's own pages below `web_url`; `app` tells whose settings the App is in."""

    web_url: str
    app: AppFacts | Unread

    def settings(self, part: str = "") -> str:
        """The App's settings; `part` is empty, `/permissions` or `/advanced`."""
        if isinstance(self.app, Unread):
            return f"{self.web_url}/settings/apps"
        owner, slug = self.app.owner, quote(self.app.slug, safe="")
        of_org = f"/organizations/{quote(owner.login, safe='')}"
        below = of_org if owner.type == "Organization" else ""
        return f"{self.web_url}{below}/settings/apps/{slug}{part}"

    def install(self) -> str:
        """Where the App is installed."""
        if isinstance(self.app, Unread):
            return ""
        return f"{self.web_url}/apps/{quote(self.app.slug, safe='')}/installations/new"

    def token_settings(self, login: str) -> str:
        """Whether an organization requires approval of fine-grained tokens."""
        org = quote(login, safe="")
        return f"{self.web_url}/organizations/{org}/settings/personal-access-tokens"

    def people(self, login: str) -> str:
        """The members of an organization."""
        return f"{self.web_url}/orgs/{quote(login, safe='')}/people"

    def repository(self, full_name: str, part: str = "") -> str:
        """A repository, or a part of it such as `/settings`."""
        return f"{self.web_url}/{quote(full_name)}{part}"
