"""The settings of an approval by name (flows.md 2): what flows.yaml and app.yaml may say."""

from __future__ import annotations

#: What a holder may do with a seat besides deciding it; `allow:` names these.
ACTIONS = ("transfer", "assist", "add_before", "add_after", "add_parallel", "return", "cc")
DEFAULT_ALLOWED = frozenset(ACTIONS)
#: Settings that an approval keeps as it opens.
RULE_KEYS = frozenset({
    "vote", "over", "wait", "reject", "veto", "weights", "abstain", "comment", "allow", "edit",
    "sign", "return", "watch", "lock", "take_back", "same", "legal", "withdraw",
})  # fmt: skip
