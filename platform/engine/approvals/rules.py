"""What an approval node declares, over what its app says, as one frozen rule.

An approval keeps the rule it opened with (`snapshot`): a later version of the flow, or another
default of the app, does not change what people are deciding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.engine.approvals.voting import Mode, VotingRule
from trellis.metadata.model.approvals import ACTIONS, DEFAULT_ALLOWED, RULE_KEYS
from trellis.metadata.model.flows import Node

#: Whether a comment is needed where neither the flow nor the app says so.
_COMMENTS = {"reject": "required", "return": "required"}


@dataclass(frozen=True)
class ReturnRule:
    """Where a seat may send the flow back to (flows.md 2.5).

    `to` holds `start`, `previous`, `any` or ids of nodes; `resume` is `replay`, `direct` or `ask`.
    """

    to: tuple[str, ...] = ("start", "previous")
    resume: str = "replay"
    keep_votes: bool = False
    cancel_siblings: bool = False


@dataclass(frozen=True)
class WithdrawRule:
    """When who asked may withdraw (`before_first`, `any_time`, `never`), and what becomes of it.

    `to` is `draft` (the record goes back to its first state) or `cancel`.
    """

    when: str = "before_first"
    to: str = "draft"

    @classmethod
    def of(cls, value: object) -> WithdrawRule:
        """Return the rule of a `withdraw:` setting."""
        if isinstance(value, Mapping):
            return cls(str(value.get("when") or cls.when), str(value.get("to") or cls.to))
        return cls() if value is None else cls(str(value))


@dataclass(frozen=True)
class ApprovalRule:
    """The settings of an approval (flows.md 2.3 to 2.5)."""

    voting: VotingRule
    weights: Mapping[str, int] = field(default_factory=dict)
    abstain: bool = False
    comments: Mapping[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = DEFAULT_ALLOWED
    edit: tuple[str, ...] = ()
    sign: str | None = None
    back: ReturnRule = ReturnRule()
    watch: tuple[str, ...] | None = None  # None: the fields of the approval's form
    take_back: bool = False
    own: bool = False  # the requester may decide, and be given seats

    def needs_comment(self, action: str) -> bool:
        """Tell whether an action asks for a comment."""
        return self.comments.get(action, _COMMENTS.get(action)) == "required"

    def actions(self) -> tuple[str, ...]:
        """Return what a holder may do, the decisions first."""
        decisions = ("approve", "reject", *(("abstain",) if self.abstain else ()))
        return (*decisions, *(action for action in ACTIONS if action in self.allowed))


def settings_of(node: Node, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the node's approval settings over the app's; expressions are not evaluated yet."""
    known = {key: value for key, value in defaults.items() if key in RULE_KEYS}
    own = {key: value for key, value in node.settings.items() if key in RULE_KEYS}
    return {**known, **own, "mode": node.mode or "any"}


def voting_rule(settings: Mapping[str, Any]) -> VotingRule:
    """Return the counting rule of an approval's settings."""
    vote = settings.get("vote")
    percent = count = None
    if isinstance(vote, str) and vote.endswith("%"):
        percent = int(vote[:-1])
    elif vote is not None:
        count = int(str(vote))
    return VotingRule(
        mode=Mode(str(settings.get("mode") or "any")),
        reject_all=settings.get("reject") == "all",
        veto=settings.get("veto") is not False,
        percent=percent,
        count=count,
        over=settings.get("over") is True,
        wait_all=settings.get("wait") == "all",
    )


def rule_of(settings: Mapping[str, Any]) -> ApprovalRule:
    """Return the rule of an approval's settings, or of the snapshot that it keeps."""
    same, watch = settings.get("same"), settings.get("watch")
    allowed = settings.get("allow")
    return ApprovalRule(
        voting=voting_rule(settings),
        weights={str(key): int(value) for key, value in (settings.get("weights") or {}).items()},
        abstain=settings.get("abstain") is True,
        comments=_comments(settings.get("comment")),
        allowed=DEFAULT_ALLOWED if allowed is None else frozenset(_texts(allowed)),
        edit=_texts(settings.get("edit")),
        sign=settings.get("sign") or None,
        back=_return_rule(settings.get("return")),
        watch=None if watch is None else _texts(watch),
        take_back=settings.get("take_back") is True,
        own=isinstance(same, Mapping) and same.get("requester") == "allow",
    )


def _return_rule(value: object) -> ReturnRule:
    if not isinstance(value, Mapping):
        return ReturnRule() if value is None else ReturnRule(to=_texts(value))
    plain = ReturnRule()
    return ReturnRule(
        to=_texts(value["to"]) if "to" in value else plain.to,
        resume=str(value.get("resume") or plain.resume),
        keep_votes=value.get("keep_votes") is True,
        cancel_siblings=value.get("siblings") == "cancel",
    )


def _comments(value: object) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): str(one) for key, one in value.items()}
    return dict.fromkeys(_texts(value), "required")


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)
