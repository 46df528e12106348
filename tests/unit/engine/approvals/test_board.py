"""Whatever people do with seats, somebody can always act until the approval is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from trellis.engine.approvals.actions import BOARD_ACTIONS, Act, Facts, add_after
from trellis.engine.approvals.board import Board, changed, settle
from trellis.engine.approvals.voting import SeatState, Verdict
from trellis.engine.approvals.work import OPEN, WAITING, Answer, Approval, Task, TaskKind
from trellis.engine.errors import EngineError
from trellis.ids import CountingIds

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATES = {"approve": SeatState.APPROVED, "reject": SeatState.REJECTED,
          "abstain": SeatState.ABSTAINED}  # fmt: skip
ADDING = ("transfer", "assist", "add_before", "add_after", "add_parallel")
RULES = st.sampled_from([
    {"mode": "any"}, {"mode": "any", "reject": "all"}, {"mode": "all"},
    {"mode": "all", "veto": False}, {"mode": "seq"}, {"mode": "vote", "vote": "60%"},
    {"mode": "vote", "vote": "50%", "over": True}, {"mode": "vote", "vote": "40%", "wait": "all"},
    {"mode": "vote", "vote": 1, "weights": {"u0": 3}},
])  # fmt: skip
MOVES = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from([*STATES, *ADDING, "remove_added"]),
        st.sampled_from(["any", "all", "seq"]),
        st.booleans(),
    ),
    max_size=25,
)


def board_of(rule: dict[str, object], seats: int) -> Board:
    """Return an approval that has just opened for `seats` people."""
    approval = Approval("a", "i", "t", "ask", 1, OPEN, NOW, rule=rule)
    made = tuple(
        Task(f"s{n}", TaskKind.SEAT, "i", "t", "f", "ask", WAITING, NOW, holder=f"u{n}",
             principal=f"u{n}", position=n, approval_id="a")
        for n in range(seats)
    )  # fmt: skip
    return settle(Board(approval, made), NOW)[0]


def open_seats(board: Board) -> list[Task]:
    """Return the seats that somebody may decide now."""
    return [seat for seat in board.seats if seat.state == OPEN]


def decided(board: Board, seat: Task, action: str) -> Board:
    """Return the board with a seat decided."""
    return board.put(changed(seat, state=str(STATES[action]), outcome=action, decided_at=NOW,
                             decided_by=seat.holder))  # fmt: skip


@given(RULES, st.integers(1, 5), MOVES)
def test_while_it_is_undecided_somebody_may_act_and_in_the_end_it_is_decided(
    rule: dict[str, object], seats: int, moves: list[tuple[int, str, str, bool]]
) -> None:
    board, verdict, ids = board_of(rule, seats), None, CountingIds()

    for number, (which, action, mode, advise) in enumerate(moves):
        seat = open_seats(board)[which % len(open_seats(board))]
        answer = Answer(action, people=(f"new{number}",), mode=mode, advise=advise)
        act = Act(str(seat.holder), NOW, answer, Facts(frozenset({f"new{number}"})), ids)
        try:
            board, verdict = settle(moved(board, seat, act), NOW)
        except EngineError:
            continue
        if verdict is not None:
            break
        assert open_seats(board)
    while verdict is None:
        board, verdict = settle(decided(board, open_seats(board)[0], "approve"), NOW)

    assert verdict in (Verdict.APPROVED, Verdict.REJECTED)


def moved(board: Board, seat: Task, act: Act) -> Board:
    """Return the board after an action, as `approving.acting` would call it."""
    action = act.answer.action
    if action in STATES:
        return decided(board, seat, action)
    if action == "add_after":
        board = decided(board, seat, "approve")
        return add_after(board, board.seat(seat.id), act)
    return BOARD_ACTIONS[action](board, seat, replace(act))
