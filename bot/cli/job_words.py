"""Jobs in the words of people: the store keeps the names of classes."""

EVENTS = {
    "AccessDue": "look whether an access is still there",
    "AlarmDue": "look for what needs a person",
    "AnnouncedDue": "revoke what the policy says and a digest announced",
    "DigestDue": "daily digest",
    "ExpiryDue": "a token's expiry",
    "GrantsDue": "daily look at all active tokens",
    "HealthDue": "look whether GitHub and the bot reach each other",
    "InstallationsDue": "look at the installations",
    "IssueCommentEvent": "a command of which no delivery told",
    "IssueDue": "bring an issue up to date",
    "NotifyDue": "tell NOTIFY_URL",
    "OwnersDue": "look whether the owners of tokens are members",
    "PolicyAdopted": "judge by the policy that is new in force",
    "PolicyDue": "look at the policy file",
    "RulingDue": "judge a request by the policy's rules",
    "RedeliverDue": "ask for failed deliveries",
    "RequestSeen": "a request that the sweep found",
    "RequestVanished": "a request that GitHub lists no more",
    "RevokeDue": "end of a timed approval",
    "SweepDue": "sweep",
}
CAUSES = {
    "Conflict": "somebody else saved it first",
    "Defer": "it waits",
    "IssueTaken": "the issue is not its own",
    "LeaseLost": "another worker took over",
    "NoAnswer": "GitHub did not answer",
    "NoDatabase": "there is no database",
    "NoRoom": "it waits",
    "NotAccepted": "GitHub does not accept the App's credentials",
    "NotFound": "GitHub did not find it",
    "NotPermitted": "GitHub does not permit it",
    "Park": "it needs a person",
    "Permanent": "it failed",
    "RateLimited": "it waits",
    "Refused": "GitHub refused it",
    "Retryable": "it failed for now",
}


def event_in_words(name: str) -> str:
    """What a timer is about; GitHub's names of events stay."""
    return EVENTS.get(name, name)


def cause_in_words(error: str) -> str:
    """A job's last error; one that is not of GitHub or the store is an error of the bot."""
    name, colon, text = error.partition(": ")
    if not colon or not name.isidentifier():
        return error
    return f"{CAUSES.get(name, f'an error of the bot ({name})')}: {text}"
