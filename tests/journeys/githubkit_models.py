"""The models of our calls: githubkit loads each when a call first needs it, which takes 0.2 s in
all. Bots are forked from a process that has loaded them.
"""

from githubkit.versions.v2026_03_10.models import (  # noqa: F401 - they are loaded, no more
    BasicError,
    FullRepository,
    HookDeliveryItem,
    Installation,
    InstallationRepositoriesGetResponse200,
    InstallationToken,
    Integration,
    Issue,
    IssueComment,
    Label,
    MinimalRepository,
    OrganizationProgrammaticAccessGrant,
    OrganizationProgrammaticAccessGrantRequest,
    OrgMembership,
    PrivateUser,
    PublicUser,
    Reaction,
    ValidationError,
)
from githubkit.versions.v2026_03_10.rest import apps, issues, orgs, reactions, repos, users  # noqa: F401 - loaded, no more
