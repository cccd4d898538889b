"""The decision as a table: one row says what was asked, what is known, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.case import (
    UNREAD,
    AskBack,
    Case,
    Cause,
    Collect,
    Fact,
    Proceed,
    Verdict,
    Wait,
    Waiting,
)
from bot.domain.commands import Name
from bot.domain.judgement import CHECKS, judge
from bot.domain.policy import Policy
from bot.domain.record import IssueRef
from bot.domain.token_request import State
from tests.domain.cases import (
    COMMENT,
    CRITICAL,
    DEAD,
    GO,
    IMPOSTOR,
    INVITED,
    JUST_GONE,
    LATER,
    LONG_GONE,
    MEMBER,
    OLGA,
    OSCAR,
    OTHER,
    PREVIEW,
    WRITTEN,
    confirm,
    edited,
    make_case,
    never,
    refuse,
    under_way,
    wait,
)
from tests.domain.making import NOW, make_token_request
from tests.domain.policy_cases import POLICY_TABLE

PUBLIC = Repository(7, "acme/site", private=False)
ONE_REPOSITORY = make_token_request(selection="subset", repositories=(PUBLIC,)).fingerprint
PUSHES = {"repository": {"contents": "write", "metadata": "read"}}
FLOWS = {"repository": {"workflows": "write", "metadata": "read"}}
"""Critical with PUSHES, and not alone."""

DONE = {**under_way(77), "row_state": State.APPROVED}

TABLE: list[tuple[str, Case, Any]] = [
    # nothing speaks against it
    ("an owner approves", make_case(), GO),
    ("an owner denies", make_case("/deny too much"), GO),
    ("an owner approves for a time", make_case("/approve for 3d"), GO),
    ("an owner approves for ever, on purpose", make_case("/approve for ever"), GO),
    ("an owner holds", make_case("/hold"), GO),
    ("an owner ends a hold", make_case("/unhold", row_state=State.HELD), GO),
    ("an owner revokes", make_case("/revoke", row_state=State.APPROVED), GO),
    # 1. a non-owner approves
    ("a member approves", make_case(membership=MEMBER), refuse(Cause.NOT_AN_OWNER)),
    ("a member denies", make_case("/deny no", membership=MEMBER), refuse(Cause.NOT_AN_OWNER)),
    ("a member holds", make_case("/hold", membership=MEMBER), refuse(Cause.NOT_AN_OWNER)),
    (
        "a member ends a hold",
        make_case("/unhold", membership=MEMBER, row_state=State.HELD),
        refuse(Cause.NOT_AN_OWNER),
    ),
    (
        "a member revokes",
        make_case("/revoke", membership=MEMBER, row_state=State.APPROVED),
        refuse(Cause.NOT_AN_OWNER),
    ),
    ("an invited owner", make_case(membership=INVITED), refuse(Cause.NOT_AN_OWNER)),
    ("another account's membership", make_case(membership=IMPOSTOR), refuse(Cause.NOT_AN_OWNER)),
    (
        "no member, and GitHub said so twice",
        make_case(membership=None, missing_since=LONG_GONE),
        refuse(Cause.NOT_AN_OWNER),
    ),
    (
        "no member, at the first look",
        make_case(membership=None),
        wait(Waiting.NOT_FOUND),
    ),
    (
        "no member, a moment after the first look",
        make_case(membership=None, missing_since=JUST_GONE),
        wait(Waiting.NOT_FOUND),
    ),
    (
        "the comment was missing, the membership is missing for the first time",
        make_case(membership=None, missing_since={Fact.COMMENT: NOW - timedelta(hours=1)}),
        wait(Waiting.NOT_FOUND),
    ),
    ("who was no owner a moment ago", make_case(denied_recently=True), refuse(Cause.NOT_AN_OWNER)),
    (
        "who was no owner a moment ago, at a second look, is asked about again",
        make_case(denied_recently=True, first_look=False),
        GO,
    ),
    (
        "no member, and GitHub said so of another comment",
        make_case(membership=None, denied_recently=True, first_look=False),
        refuse(Cause.NOT_AN_OWNER),
    ),
    (
        "who was no owner a moment ago asks to hold",
        make_case("/hold", denied_recently=True),
        refuse(Cause.NOT_AN_OWNER),
    ),
    (
        "the requester approves",
        make_case(row_requester=OLGA),
        refuse(Cause.OWN_REQUEST),
    ),
    (
        "the requester under another login",
        make_case(row_requester=Account(OLGA.id, "olga-renamed")),
        refuse(Cause.OWN_REQUEST),
    ),
    (
        "somebody who took the requester's old login",
        make_case(row_requester=Account(999, "olga")),
        GO,
    ),
    ("the requester denies", make_case("/deny no", row_requester=OLGA), refuse(Cause.OWN_REQUEST)),
    ("the requester holds", make_case("/hold", row_requester=OLGA), refuse(Cause.OWN_REQUEST)),
    (
        "the requester revokes",
        make_case("/revoke", row_requester=OLGA, row_state=State.APPROVED),
        refuse(Cause.OWN_REQUEST),
    ),
    # 2. the comment edited or deleted
    (
        "the comment is not read yet",
        make_case(comment_now=UNREAD),
        wait(Waiting.FACT, Fact.COMMENT),
    ),
    ("the comment is missing, first look", make_case(comment_now=None), wait(Waiting.NOT_FOUND)),
    (
        "the comment is missing a moment later",
        make_case(comment_now=None, missing_since=JUST_GONE),
        wait(Waiting.NOT_FOUND),
    ),
    (
        "the comment is gone",
        make_case(comment_now=None, missing_since=LONG_GONE),
        refuse(Cause.COMMENT_GONE),
    ),
    ("another text", make_case(**edited(updated_at="x")), refuse(Cause.COMMENT_EDITED)),
    (
        "another text in the same second",
        make_case(comment_now=replace(COMMENT, body="/approve all")),
        refuse(Cause.COMMENT_EDITED),
    ),
    ("edited before the delivery", make_case(**edited(edited=True)), refuse(Cause.COMMENT_EDITED)),
    (
        "another author by now",
        make_case(**edited(author=OSCAR)),
        refuse(Cause.COMMENT_EDITED),
    ),
    ("on another issue", make_case(**edited(issue_number=13)), refuse(Cause.COMMENT_ELSEWHERE)),
    ("another comment", make_case(**edited(id=78)), refuse(Cause.COMMENT_ELSEWHERE)),
    (
        "an edited /hold",
        make_case("/hold", **edited(edited=True)),
        refuse(Cause.COMMENT_EDITED),
    ),
    # 4. a race with GitHub's page, another owner, or a token that changed
    ("decided already", make_case(row_state=State.APPROVED), refuse(Cause.DECIDED)),
    ("judged again", make_case(**DONE), refuse(Cause.DECIDED)),
    ("denied already", make_case("/deny no", row_state=State.DENIED), refuse(Cause.DECIDED)),
    ("cancelled", make_case(row_state=State.CANCELLED), refuse(Cause.DECIDED)),
    ("expired and recorded so", make_case(row_state=State.EXPIRED), refuse(Cause.DECIDED)),
    ("revoked", make_case(row_state=State.REVOKED), refuse(Cause.DECIDED)),
    ("hold what is decided", make_case("/hold", row_state=State.APPROVED), refuse(Cause.DECIDED)),
    (
        "end a hold when decided",
        make_case("/unhold", row_state=State.DENIED),
        refuse(Cause.DECIDED),
    ),
    (
        "a stranger at a decided request is answered from the record",
        make_case(row_state=State.APPROVED, denied_recently=True),
        refuse(Cause.DECIDED),
    ),
    ("revoke what waits", make_case("/revoke"), refuse(Cause.NOT_APPROVED)),
    (
        "revoke what was denied",
        make_case("/revoke", row_state=State.DENIED),
        refuse(Cause.NOT_APPROVED),
    ),
    (
        "revoke what was revoked",
        make_case("/revoke", row_state=State.REVOKED),
        refuse(Cause.NOT_APPROVED),
    ),
    (
        "another decision is under way",
        make_case(other_decision=True, **under_way(1)),
        wait(Waiting.ANOTHER_DECISION),
    ),
    (
        "deny while another decision is under way",
        make_case("/deny no", other_decision=True, **under_way(1)),
        wait(Waiting.ANOTHER_DECISION),
    ),
    (
        "hold while a decision is under way",
        make_case("/hold", other_decision=True, **under_way(1)),
        wait(Waiting.ANOTHER_DECISION),
    ),
    ("the list is not read yet", make_case(listed=UNREAD), wait(Waiting.FACT, Fact.LISTED)),
    ("no longer listed", make_case(listed=None), wait(Waiting.NO_LONGER_LISTED)),
    (
        "deny what is no longer listed",
        make_case("/deny no", listed=None),
        wait(Waiting.NO_LONGER_LISTED),
    ),
    ("GitHub lists other permissions", make_case(listed=OTHER), refuse(Cause.REQUEST_CHANGED)),
    (
        "GitHub lists other permissions, and the author denies",
        make_case("/deny no", listed=OTHER),
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "GitHub lists another expiry",
        make_case(listed=make_token_request(id=700012, expires_at=None)),
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "GitHub lists all repositories",
        make_case(listed=make_token_request(id=700012, selection="all", repositories=())),
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "GitHub lists one more repository",
        make_case(
            listed=make_token_request(
                id=700012,
                repositories=(
                    *make_token_request().repositories,
                    replace(make_token_request().repositories[0], id=3),
                ),
            )
        ),
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "the record knows more than GitHub's list, which lags",
        make_case(row_result=CRITICAL, listed=make_token_request(id=700012)),
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "the issue shows nothing we know",
        make_case(row_shown_fingerprint=None),
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "the author was shown something else",
        make_case(bound_to="other"),
        refuse(Cause.REQUEST_CHANGED),
    ),
    ("the author was shown nothing", make_case(bound_to=None), refuse(Cause.REQUEST_CHANGED)),
    (
        "written before the issue came to show this",
        make_case(row_changed_at=WRITTEN + timedelta(seconds=1)),
        refuse(Cause.OLDER_THAN_SHOWN),
    ),
    (
        "written in the very second",
        make_case(row_changed_at=WRITTEN),
        refuse(Cause.OLDER_THAN_SHOWN),
    ),
    (
        "nobody knows whether it was written before that",
        make_case(by_created_at=None, row_changed_at=WRITTEN - timedelta(seconds=1)),
        refuse(Cause.OLDER_THAN_SHOWN),
    ),
    ("written just after", make_case(row_changed_at=WRITTEN - timedelta(seconds=1)), GO),
    # the record came back from a backup, or was made anew
    (
        "written before the record came back",
        make_case(record_since=WRITTEN + timedelta(seconds=1)),
        refuse(Cause.OLDER_THAN_RECORD),
    ),
    (
        "written in the very second in which it came back",
        make_case("/deny no", record_since=WRITTEN),
        refuse(Cause.OLDER_THAN_RECORD),
    ),
    (
        "nobody knows whether it was written before the record came back",
        make_case(by_created_at=None, record_since=WRITTEN - timedelta(seconds=1)),
        refuse(Cause.OLDER_THAN_RECORD),
    ),
    (
        "the end of a hold from before, which may have been put again",
        make_case("/unhold", row_state=State.HELD, record_since=WRITTEN),
        refuse(Cause.OLDER_THAN_RECORD),
    ),
    (
        "a revocation from before, of what may have been approved anew",
        make_case("/revoke", row_state=State.APPROVED, record_since=WRITTEN),
        refuse(Cause.OLDER_THAN_RECORD),
    ),
    ("a hold from before", make_case("/hold", record_since=WRITTEN), GO),
    (
        "written since the record came back",
        make_case(record_since=WRITTEN - timedelta(seconds=1)),
        GO,
    ),
    # 6. bots, apps, impersonators
    ("a bot", make_case(by_author=Account(1, "x[bot]", "Bot")), refuse(Cause.NOT_A_PERSON)),
    (
        "an organization",
        make_case(by_author=Account(1, "acme", "Organization")),
        refuse(Cause.NOT_A_PERSON),
    ),
    (
        "a kind of account that is new",
        make_case(by_author=Account(1, "x", "Agent")),
        refuse(Cause.NOT_A_PERSON),
    ),
    (
        "an App wrote in the owner's name",
        make_case(**edited(via_app=9)),
        refuse(Cause.COMMENT_BY_AN_APP),
    ),
    (
        "GitHub calls the author a bot by now",
        make_case(**edited(author=Account(OLGA.id, "olga", "Bot"))),
        refuse(Cause.COMMENT_BY_AN_APP),
    ),
    # 8. what the issue shows
    (
        "the issue is not read yet",
        make_case(issue_as_recorded=UNREAD),
        wait(Waiting.FACT, Fact.ISSUE),
    ),
    ("the issue is not found", make_case(issue_as_recorded=None), wait(Waiting.NOT_FOUND)),
    ("somebody changed the issue", make_case(issue_as_recorded=False), refuse(Cause.ISSUE_CHANGED)),
    (
        "written while a digest showed somebody else's text",
        make_case(digest_changed_at=NOW - timedelta(seconds=1)),
        refuse(Cause.ISSUE_CHANGED),
    ),
    (
        "written in the second in which that ended",
        make_case(digest_changed_at=WRITTEN),
        refuse(Cause.ISSUE_CHANGED),
    ),
    ("written after it", make_case(digest_changed_at=WRITTEN - timedelta(seconds=1)), GO),
    (
        "a revocation by a number that somebody wrote there",
        make_case("/revoke", row_state=State.APPROVED, on_digest=True, digest_changed_at=WRITTEN),
        refuse(Cause.ISSUE_CHANGED),
    ),
    (
        "the end of a hold by such a number",
        make_case("/unhold", row_state=State.HELD, on_digest=True, issue_as_recorded=False),
        refuse(Cause.ISSUE_CHANGED),
    ),
    (
        "a hold by such a number",
        make_case("/hold", on_digest=True, issue_as_recorded=False),
        GO,
    ),
    (
        "a revocation on its own issue",
        make_case("/revoke", row_state=State.APPROVED, issue_as_recorded=False),
        GO,
    ),
    (
        "nobody knows when it was written",
        make_case(by_created_at=None, digest_changed_at=WRITTEN),
        refuse(Cause.ISSUE_CHANGED),
    ),
    (
        "somebody changed the issue, and the author denies",
        make_case("/deny no", issue_as_recorded=False),
        refuse(Cause.ISSUE_CHANGED),
    ),
    ("a hold counts whatever the issue shows", make_case("/hold", issue_as_recorded=False), GO),
    (
        "so does a revocation",
        make_case("/revoke", issue_as_recorded=False, row_state=State.APPROVED),
        GO,
    ),
    # 9. authority and standing at the last moment
    ("membership is read last", make_case(membership=UNREAD), wait(Waiting.FACT, Fact.MEMBERSHIP)),
    (
        "an unread membership never passes for a revocation",
        make_case("/revoke", membership=UNREAD, row_state=State.APPROVED),
        wait(Waiting.FACT, Fact.MEMBERSHIP),
    ),
    (
        "an unread membership never passes for a hold",
        make_case("/hold", membership=UNREAD),
        wait(Waiting.FACT, Fact.MEMBERSHIP),
    ),
    ("the requester left", make_case(requester_left=True), refuse(Cause.REQUESTER_LEFT)),
    ("who left can be denied", make_case("/deny gone", requester_left=True), GO),
    (
        "whether they left is not known",
        make_case(requester_left=UNREAD),
        wait(Waiting.FACT, Fact.REQUESTER),
    ),
    (
        "a comment that was refused before",
        make_case(refused_before=True),
        refuse(Cause.REFUSED_BEFORE),
    ),
    (
        "a refused comment of somebody who is no owner now",
        make_case(refused_before=True, membership=MEMBER),
        refuse(Cause.NOT_AN_OWNER),
    ),
    # holds
    ("held", make_case(row_state=State.HELD), refuse(Cause.HELD)),
    ("held, and denied", make_case("/deny no", row_state=State.HELD), refuse(Cause.HELD)),
    ("hold what is held", make_case("/hold", row_state=State.HELD), GO),
    ("a /hold waits", make_case(stop_waits=True), wait(Waiting.HOLD_OR_DENY)),
    ("a /deny goes on though a /hold waits", make_case("/deny no", stop_waits=True), GO),
    ("a /hold goes on though a /deny waits", make_case("/hold", stop_waits=True), GO),
    (
        "nobody looked whether a /hold stands there",
        make_case(unanswered_stop=UNREAD),
        wait(Waiting.FACT, Fact.STOPS),
    ),
    (
        "a /hold or /deny stands there unanswered",
        make_case(unanswered_stop=True),
        wait(Waiting.HOLD_OR_DENY),
    ),
    (
        "GitHub does not show the issue's comments",
        make_case(unanswered_stop=None),
        wait(Waiting.NOT_FOUND),
    ),
    (
        "a /deny goes on though a /hold stands there",
        make_case("/deny no", unanswered_stop=True),
        GO,
    ),
    (
        "what has begun goes on though a /hold stands there now",
        make_case(unanswered_stop=True, **under_way(77)),
        GO,
    ),
    # 11. the clock
    ("expired by our clock", make_case(**DEAD), refuse(Cause.EXPIRED)),
    ("expired, and denied", make_case("/deny no", **DEAD), refuse(Cause.EXPIRED)),
    (
        "expired, and GitHub need not be asked",
        make_case(**DEAD, comment_now=UNREAD, listed=UNREAD),
        refuse(Cause.EXPIRED),
    ),
    (
        "expired by GitHub's word alone",
        make_case(listed=make_token_request(id=700012, token_expired=True)),
        refuse(Cause.EXPIRED),
    ),
    ("hold what has expired", make_case("/hold", **DEAD), GO),
    # 12. GitHub failed in the middle
    (
        "an earlier call is under way",
        make_case(call_under_way=True, **under_way(77)),
        wait(Waiting.EARLIER_CALL),
    ),
    (
        "an earlier call, and the request is gone from the list",
        make_case(listed=None, **under_way(77)),
        wait(Waiting.NO_LONGER_LISTED),
    ),
    (
        "what GitHub did counts, though the comment was edited since",
        make_case(listed=None, **under_way(77), **edited(edited=True)),
        wait(Waiting.NO_LONGER_LISTED),
    ),
    (
        "an earlier call of this comment on a token that has expired",
        make_case(**{**DEAD, **under_way(77)}, listed=None),
        wait(Waiting.NO_LONGER_LISTED),
    ),
    ("a decision that was begun goes on", make_case(**under_way(77)), GO),
    (
        "a decision that was begun, of whom GitHub called no owner a moment ago",
        make_case(denied_recently=True, **under_way(77)),
        GO,
    ),
    (
        "a decision that was begun, by no owner any more",
        make_case(membership=MEMBER, **under_way(77)),
        refuse(Cause.NOT_AN_OWNER),
    ),
    ("begun, though a /hold waits by now", make_case(stop_waits=True, **under_way(77)), GO),
    (
        "begun, and not asked back again",
        make_case("/approve for 3d", has_access=True, **under_way(77)),
        GO,
    ),
    (
        "begun, and the comment was edited since",
        make_case(**under_way(77), **edited(edited=True)),
        refuse(Cause.COMMENT_EDITED),
    ),
    # facts grow old
    ("facts of three seconds", make_case(read_at=NOW - timedelta(seconds=3)), GO),
    ("facts grew old", make_case(read_at=NOW - timedelta(seconds=3.1)), wait(Waiting.OLD_FACTS)),
    (
        "facts of a denial grew old",
        make_case("/deny no", read_at=NOW - timedelta(seconds=4)),
        wait(Waiting.OLD_FACTS),
    ),
    (
        "old facts refuse all the same",
        make_case(read_at=NOW - timedelta(seconds=9), membership=MEMBER),
        refuse(Cause.NOT_AN_OWNER),
    ),
    # time limits, and what is asked back
    (
        "a limit needs the right to revoke",
        make_case("/approve for 3d", may_revoke=False),
        refuse(Cause.CANNOT_REVOKE),
    ),
    (
        "so GitHub need not be asked",
        make_case("/approve for 3d", may_revoke=False, comment_now=UNREAD, listed=UNREAD),
        refuse(Cause.CANNOT_REVOKE),
    ),
    ("no limit does not", make_case(may_revoke=False), GO),
    (
        "nor does keeping a token for a time",
        make_case("/keep token:900000000001 for 90d it is used", row=None, may_revoke=False),
        GO,
    ),
    (
        "so does /revoke",
        make_case("/revoke", may_revoke=False, row_state=State.APPROVED),
        refuse(Cause.CANNOT_REVOKE),
    ),
    (
        "a limit needs the token's id",
        make_case("/approve for 3d", row_token_id=None),
        refuse(Cause.NO_TOKEN_ID),
    ),
    ("no limit does not need it", make_case(row_token_id=None), GO),
    ("a preview is about no single token", make_case("/approve for 3d", row=None), GO),
    (
        "a revocation without it finds nothing to end",
        make_case("/revoke", row_token_id=None, row_state=State.APPROVED),
        GO,
    ),
    (
        "access is not known",
        make_case("/approve for 3d", has_access=UNREAD),
        wait(Waiting.FACT, Fact.GRANTS),
    ),
    ("without a limit nobody asks", make_case(has_access=UNREAD), GO),
    (
        "a limit that takes older access",
        make_case("/approve for 3d", has_access=True),
        confirm(AskBack.WIDENS),
    ),
    (
        "confirmed",
        make_case("/approve for 3d", has_access=True, confirmed=frozenset({AskBack.WIDENS})),
        GO,
    ),
    ("critical, for ever", make_case(**never(result=CRITICAL)), confirm(AskBack.CRITICAL_FOR_EVER)),
    (
        "critical, for ever on purpose",
        make_case("/approve for ever", **never(result=CRITICAL)),
        confirm(AskBack.CRITICAL_FOR_EVER),
    ),
    ("critical, for three days", make_case("/approve for 3d", **never(result=CRITICAL)), GO),
    ("critical, denied", make_case("/deny no", **never(result=CRITICAL)), GO),
    (
        "critical, with an expiry",
        make_case(
            row_result=CRITICAL,
            listed=make_token_request(id=700012, result=CRITICAL),
            row_shown_fingerprint=make_token_request(result=CRITICAL).fingerprint,
        ),
        GO,
    ),
    *(
        (
            f"its repository was {was} and is {now}",
            make_case(
                row_selection="subset",
                row_repositories=(was,),
                listed=make_token_request(id=700012, selection="subset", repositories=(now,)),
                row_shown_fingerprint=ONE_REPOSITORY,
            ),
            verdict,
        )
        for was, now, verdict in (
            (PUBLIC, PUBLIC, GO),
            (PUBLIC, replace(PUBLIC, private=True), refuse(Cause.REQUEST_CHANGED)),
            (PUBLIC, replace(PUBLIC, full_name="acme/payroll"), refuse(Cause.REQUEST_CHANGED)),
            (PUBLIC, replace(PUBLIC, full_name="acme-labs/site"), GO),  # so is acme called by now
            (PUBLIC, replace(PUBLIC, private=None), GO),  # GitHub does not say
            (replace(PUBLIC, private=None), PUBLIC, GO),
        )
    ),
    (
        "for ever, and nobody has asked for the other tokens",
        make_case(**never(result=PUSHES), others=UNREAD, membership=UNREAD),
        wait(Waiting.FACT, Fact.OTHERS),
    ),
    (
        "for three days nobody asks for them",
        make_case("/approve for 3d", **never(result=PUSHES), others=UNREAD),
        GO,
    ),
    ("nor where the token expires", make_case(others=UNREAD), GO),
    ("nor for a denial", make_case("/deny no", **never(result=PUSHES), others=UNREAD), GO),
    (
        "nor once it is confirmed",
        make_case(
            **never(result=PUSHES), others=UNREAD, confirmed=frozenset({AskBack.CRITICAL_FOR_EVER})
        ),
        GO,
    ),
    (
        "critical with what the requester has by now",
        make_case(**never(result=PUSHES), others=(make_token_request(result=FLOWS),)),
        confirm(AskBack.CRITICAL_FOR_EVER),
    ),
    (
        "high with it",
        make_case(**never(result=PUSHES), others=(make_token_request(result=PUSHES),)),
        GO,
    ),
    (
        "GitHub does not tell what else there is",
        make_case(**never(result=PUSHES), others=None),
        confirm(AskBack.CRITICAL_FOR_EVER),
    ),
    ("harmless, for ever", make_case(**never(result={"repository": {"metadata": "read"}})), GO),
    (
        "asked back only when all else is well",
        make_case(**never(result=CRITICAL), membership=MEMBER),
        refuse(Cause.NOT_AN_OWNER),
    ),
    (
        "another doubt than what was confirmed",
        make_case(**never(result=CRITICAL), confirmed=frozenset({AskBack.WIDENS})),
        confirm(AskBack.CRITICAL_FOR_EVER),
    ),
    ("an earlier end holds silently", make_case(earlier_end=LATER), GO),
    ("a shorter limit", make_case("/approve for 1d", earlier_end=LATER), GO),
    ("the same end", make_case("/approve for 2d", earlier_end=LATER), GO),
    ("a later end", make_case("/approve for 3d", earlier_end=LATER), confirm(AskBack.LATER_END)),
    (
        "no end any more",
        make_case("/approve for ever", earlier_end=LATER),
        confirm(AskBack.LATER_END),
    ),
    (
        "a later end, confirmed",
        make_case(
            "/approve for 3d",
            earlier_end=LATER,
            confirmed=frozenset({AskBack.LATER_END}),
            confirmed_end=LATER,
        ),
        GO,
    ),
    (
        "confirmed when another end was known",
        make_case(
            "/approve for 3d",
            earlier_end=LATER,
            confirmed=frozenset({AskBack.LATER_END}),
            confirmed_end=LATER + timedelta(hours=3),
        ),
        confirm(AskBack.LATER_END),
    ),
    # codes
    ("a code", make_case("/approve for 3d", code="c0de", preview=PREVIEW), GO),
    ("no such code", make_case(code="c0de"), refuse(Cause.UNKNOWN_CODE)),
    (
        "a code of another issue",
        make_case(code="c0de", preview=replace(PREVIEW, issue=IssueRef(5, "x", 13))),
        refuse(Cause.UNKNOWN_CODE),
    ),
    (
        "a code of the same number elsewhere",
        make_case(code="c0de", preview=replace(PREVIEW, issue=IssueRef(6, "x", 12))),
        refuse(Cause.UNKNOWN_CODE),
    ),
    (
        "another person's code",
        make_case(code="c0de", preview=replace(PREVIEW, author_id=OSCAR.id)),
        refuse(Cause.ANOTHERS_CODE),
    ),
    (
        "a code of yesterday",
        make_case(
            code="c0de", preview=replace(PREVIEW, created_at=NOW - timedelta(hours=24, seconds=1))
        ),
        refuse(Cause.OLD_CODE),
    ),
    (
        "a code of yesterday whose decision was begun",
        make_case(
            code="c0de",
            preview=replace(PREVIEW, created_at=NOW - timedelta(hours=25)),
            **under_way(77),
        ),
        GO,
    ),
    # no single request: a preview on a digest
    ("a preview", make_case(row=None, bound_to=None), GO),
    ("a preview for a member", make_case(row=None, membership=MEMBER), refuse(Cause.NOT_AN_OWNER)),
    (
        "a preview on a changed digest",
        make_case(row=None, issue_as_recorded=False),
        refuse(Cause.ISSUE_CHANGED),
    ),
    (
        "a preview whose comment is gone",
        make_case(row=None, comment_now=None, missing_since=LONG_GONE),
        refuse(Cause.COMMENT_GONE),
    ),
]


@pytest.mark.parametrize(
    ("case", "verdict"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_becomes_of_a_command(case: Case, verdict: Any) -> None:
    found: Verdict = judge(case, Policy())
    seen = (found.why, found.fact) if isinstance(found, Wait) else found
    assert seen == verdict


@pytest.mark.parametrize(
    ("case", "policy", "verdict"),
    [row[1:] for row in POLICY_TABLE],
    ids=[row[0] for row in POLICY_TABLE],
)
def test_what_becomes_of_a_command_under_a_policy(case: Case, policy: Policy, verdict: Any) -> None:
    found: Verdict = judge(case, policy)
    if isinstance(found, Wait):
        assert (found.why, found.fact) == verdict
    elif isinstance(found, Collect):
        missing = [one.missing for one in found.approvals.counts]
        assert (missing, [one.author.login for one in found.dropped]) == verdict
    else:
        assert found == verdict


def test_the_table_is_large_and_each_name_is_told_once() -> None:
    names = [row[0] for row in TABLE]
    assert len(names) >= 100
    assert len(set(names)) == len(names)


FACTS = {
    "comment_now": UNREAD,
    "issue_as_recorded": UNREAD,
    "listed": UNREAD,
    "unanswered_stop": UNREAD,
    "requester_left": UNREAD,
    "has_access": UNREAD,
    "membership": UNREAD,
}


@pytest.mark.parametrize("name", [Name.APPROVE, Name.DENY, Name.HOLD, Name.UNHOLD, Name.REVOKE])
def test_nothing_passes_on_what_nobody_looked_at(name: Name) -> None:
    state = {Name.UNHOLD: State.HELD, Name.REVOKE: State.APPROVED}.get(name, State.PENDING)
    text = f"/{name} reason"
    case = make_case(text, row_state=state, **FACTS)
    order = []
    while isinstance(verdict := judge(case, Policy()), Wait):
        assert verdict.fact is not None
        order.append(verdict.fact)
        known = make_case(text, row_state=state)
        field = {
            Fact.COMMENT: "comment_now",
            Fact.ISSUE: "issue_as_recorded",
            Fact.LISTED: "listed",
            Fact.STOPS: "unanswered_stop",
            Fact.REQUESTER: "requester_left",
            Fact.GRANTS: "has_access",
            Fact.MEMBERSHIP: "membership",
        }[verdict.fact]
        case = replace(case, **{field: getattr(known, field)})
    assert verdict == Proceed()
    assert order[0] is Fact.COMMENT
    assert order[-1] is Fact.MEMBERSHIP


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_check_speaks_in_the_table(check: Any) -> None:
    """A check that no row needs could be removed without anybody noticing."""
    spoken = [
        name
        for name, case, _verdict in TABLE
        if next((one for one in CHECKS if one(case, Policy()) is not None), None) is check
    ] + [
        name
        for name, case, policy, _verdict in POLICY_TABLE
        if next((one for one in CHECKS if one(case, policy) is not None), None) is check
    ]
    assert spoken, check.__name__
