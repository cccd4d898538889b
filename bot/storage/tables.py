"""All tables. Times are seconds since 1970 (UTC); ids are GitHub's numbers unless said otherwise.

What is only read back whole is JSON in `data`; columns are what we search by.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from bot.storage.audit_triggers import with_the_table

METADATA = MetaData()
_SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts INTEGER keys only

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("app_id", BigInteger, primary_key=True),
    Column("guid", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("body", LargeBinary),  # zstd; NULL once pruned: the GUID stays, it is never taken twice
    Column("received_at", Double, nullable=False),
)

LANES = Table(
    "lanes",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("installation_id", BigInteger),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", Double),  # NULL: idle; timer while nobody owns the lane, else end of lease
    Column("owner", Text),
    Column("fence", BigInteger, nullable=False, default=0),
    Index("lanes_due", "priority", "due_at"),  # whole: a partial one loads both dialects at start
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("app_id", BigInteger, nullable=False),
    Column("dedupe", Text, nullable=False),  # a delivery's GUID, or the name of a timer's turn
    Column("lane", Text, nullable=False),
    Column("kind", Text, nullable=False),  # GitHub's event name, or a timer's class
    Column("action", Text, nullable=False),
    Column("event", Text),  # a timer's JSON; a delivery's body is in `deliveries`
    Column("org_id", BigInteger),
    Column("priority", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, default="ready"),  # ready, done or dead
    Column("runs", Integer, nullable=False, default=0),  # how often it was started
    Column("attempts", Integer, nullable=False, default=0),  # how often it came back, for pauses
    Column("failures", Integer, nullable=False, default=0),  # what kills it at 8
    Column("deferred", Boolean, nullable=False, default=False),  # waits without blocking its lane
    Column("not_before", Double),
    Column("received_at", Double, nullable=False),
    Column("ready_at", Double, nullable=False),  # when it first could run
    Column("prune_at", Double),  # when the payload may go; NULL: not handled yet, or gone
    Column("last_error", Text),
    UniqueConstraint("app_id", "dedupe", name="jobs_dedupe"),
    Index("jobs_lane", "lane", "state", "id"),
    Index("jobs_state", "state", "ready_at"),
    Index("jobs_prune", "prune_at"),
    sqlite_autoincrement=True,  # an id is never used twice: effects are named by it
)

BUDGETS = Table(
    "budgets",
    METADATA,
    Column("installation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("blocked_until", Double),
    Column("calls", Text, nullable=False, default="[]"),  # JSON: times of content-creating calls
)

ORGANIZATIONS = Table(
    "organizations",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("login", Text, nullable=False),
    Column("installation_id", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)

TOKEN_REQUESTS = Table(
    "token_requests",
    METADATA,
    Column("org_id", BigInteger, primary_key=True),
    Column("request_id", BigInteger, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("token_id", BigInteger),
    Column("requester_id", BigInteger, nullable=False),
    Column("requester_login", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("decided_at", Double),
    Column("decided_by_comment", BigInteger),
    Column("issue_repo_id", BigInteger),
    Column("issue_number", BigInteger),
    Column("announced", Text),
    Column("awaits_issue", Boolean, nullable=False),  # no issue yet, or it has to follow
    Column("without_review", Boolean, nullable=False),
    Column("missing_since", Double),
    Column("revoke_at", Double),
    Column("data", Text, nullable=False),
    Index("token_requests_state", "org_id", "state", "created_at"),
    Index("token_requests_issue", "issue_repo_id", "issue_number"),
    Index("token_requests_token", "org_id", "token_id"),
    Index("token_requests_requester", "org_id", "requester_id", "created_at"),
    Index("token_requests_decided", "org_id", "decided_at"),
    Index("token_requests_comment", "org_id", "decided_by_comment"),
    Index("token_requests_awaiting", "org_id", "awaits_issue"),
    Index("token_requests_timer", "org_id", "revoke_at"),
)

HISTORY = Table(  # the audit log: a trigger forbids to change or delete a row
    "history",
    METADATA,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("org_id", BigInteger, nullable=False),
    Column("request_id", BigInteger, nullable=False),  # 0: about the organization as a whole
    Column("at", Double, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("seq", BigInteger),  # NULL: written by schema 1, which had no chain
    Column("actor_id", BigInteger),
    Column("data", Text),  # JSON
    Column("previous", Text),  # hash of the entry before
    Column("hash", Text),
    Index("history_request", "org_id", "request_id", "id"),
    Index("history_chain", "org_id", "seq", unique=True),
)
with_the_table(HISTORY)

AUDIT_HEADS = Table(  # its row is locked while an entry is added: a chain never forks
    "audit_heads",
    METADATA,
    Column("org_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("key", Text),  # the public key, base64; NULL: kept unsigned
    Column("signature", Text),
)

ISSUES = Table(  # whose an issue is, for good: no row is changed or deleted
    "issues",
    METADATA,
    Column("repo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # request, digest, alarm or policy
    Column("org_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),  # the request's id, or the digest's date
)

EFFECTS = Table(
    "effects",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("intended_at", Double, nullable=False),
    Column("begun_at", Double),  # of the last try; negative once its end was seen
    Column("remote_id", BigInteger),
)

DIGESTS = Table(
    "digests",
    METADATA,
    Column("org_id", BigInteger, primary_key=True),
    Column("date", Text, primary_key=True),  # ISO, the local date
    Column("issue_repo_id", BigInteger),
    Column("issue_number", BigInteger),
    Column("closed", Boolean, nullable=False),
    Column("data", Text, nullable=False),
    Index("digests_issue", "issue_repo_id", "issue_number"),
    Index("digests_open", "org_id", "closed", "date"),
)

PREVIEWS = Table(
    "previews",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("created_at", Double, nullable=False),
    Column("data", Text, nullable=False),
    Index("previews_created", "created_at"),
)

REPLIES = Table(
    "replies",
    METADATA,
    Column("author_id", BigInteger, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("comment_id", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
)

REDELIVERIES = Table(
    "redeliveries",
    METADATA,
    Column("guid", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)

POLICY_VERSIONS = Table(  # each version of the policy file, with the issue that shows it
    "policy_versions",
    METADATA,
    Column("org_id", BigInteger, primary_key=True, autoincrement=False),  # owns the repository
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("sha", Text, nullable=False),
    Column("issue_repo_id", BigInteger),
    Column("issue_number", BigInteger),
    Column("awaits_issue", Boolean, nullable=False),  # its issue has to follow the ruling
    Column("data", Text, nullable=False),
    Index("policy_versions_issue", "issue_repo_id", "issue_number"),
    Index("policy_versions_awaiting", "org_id", "awaits_issue"),
)

POLICIES = Table(  # what each organization has adopted; the last one is in force
    "policies",
    METADATA,
    Column("org_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sha", Text, nullable=False),
    Column("adopted_at", Double, nullable=False),
    Column("data", Text, nullable=False),
)

GRANTS = Table(  # as GitHub's list showed them to the daily pass
    "grants",
    METADATA,
    Column("org_id", BigInteger, primary_key=True, autoincrement=False),
    Column("grant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, nullable=False),
    Column("owner_id", BigInteger, nullable=False),
    Column("owner_login", Text, nullable=False),
    Column("owner_left", Boolean, nullable=False),
    Column("first_seen", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("missing_since", Double),
    Column("ended_at", Double),
    Column("ended_here", Boolean, nullable=False),
    Column("data", Text, nullable=False),
    Column("announced_as", Text),
    Column("announced_at", Double),
    Index("grants_token", "org_id", "token_id"),
    Index("grants_owner", "org_id", "owner_id"),
)

GRANTS_PAGES = Table(  # GitHub's list of grants as it was, so that what is the same costs nothing
    "grants_pages",
    METADATA,
    Column("org_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("etag", Text, nullable=False),
    Column("grant_ids", Text, nullable=False),
)

KEEPS = Table(  # the newest `/keep` of each token
    "keeps",
    METADATA,
    Column("org_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("data", Text, nullable=False),
)
