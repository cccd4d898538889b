"""The policy: who may decide, and the rules that decide by themselves.

Only what every part needs is imported here. The rest is in this room:

- `loading`: `load(bytes) -> Loaded`: the file's `document` (`schema.PolicyFile`) or `problems`.
- `rules`: `compile_rules(document, user_ids)`, once a version of the file.
- `facts`: `Facts` of one request; what cannot be read is `UNREAD`.
- `evaluation`: `evaluate(rules, facts) -> Judgement`: the outcome that counts (`enforced`), the
  outcome with the rules in shadow (`shadow`), and for each rule why it applies or not (`findings`).
- `people`: `count_approvals`: whether the approvals that people gave are enough, who is missing.
- `examples`, `replay`: examples of the file; what two policies say about the same requests.

    loaded = load(raw)
    if loaded.document is None:
        return loaded.problems
    rules = compile_rules(loaded.document, user_ids)
    judgement = evaluate(rules, Facts(...))
    if judgement.enforced.kind is Kind.APPROVE: ...
"""

from bot.domain.policy.deciders import Objection, Policy

__all__ = ["Objection", "Policy"]
