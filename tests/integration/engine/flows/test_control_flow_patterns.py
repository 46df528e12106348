"""The control-flow patterns that a service and approval platform must express, one test each.

Numbers and names are those of van der Aalst, ter Hofstede, Kiepuszewski and Barros.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine.flows.state import InstanceState

from tests.integration.engine.flows.conftest import Patterns

DONE = InstanceState.DONE


def test_01_sequence(patterns: Patterns) -> None:
    instance = patterns.run("sequence", variables={"from": 1})
    assert patterns.at(instance) == ["a"]

    case = patterns.do(instance)

    assert (case.state, case.vars["b"]) == (DONE, 2)


def test_02_parallel_split(patterns: Patterns) -> None:
    assert patterns.at(patterns.run("parallel")) == ["a", "b"]


@pytest.mark.parametrize("first", ["a", "b"])
def test_03_synchronization(patterns: Patterns, first: str) -> None:
    instance = patterns.run("parallel")

    patterns.do(instance, first)
    assert patterns.at(instance) == [{"a": "b", "b": "a"}[first]]
    patterns.do(instance)

    assert patterns.at(instance) == ["c"]


@pytest.mark.parametrize(("amount", "node"), [(11, "big"), (6, "middle"), (1, "small")])
def test_04_exclusive_choice(patterns: Patterns, amount: int, node: str) -> None:
    assert patterns.at(patterns.run("choice", amount=amount)) == [node]


@pytest.mark.parametrize("amount", [11, 6, 1])
def test_05_simple_merge(patterns: Patterns, amount: int) -> None:
    case = patterns.do(patterns.run("choice", amount=amount))

    assert (case.state, case.vars["after"]) == (DONE, "once")


@pytest.mark.parametrize(
    ("amount", "nodes"), [(11, ["a", "b", "c"]), (6, ["a", "b"]), (2, ["a"]), (0, ["after"])]
)
def test_06_multi_choice(patterns: Patterns, amount: int, nodes: list[str]) -> None:
    assert patterns.at(patterns.run("several", amount=amount)) == nodes


@pytest.mark.parametrize("amount", [11, 6, 2])
def test_07_structured_synchronizing_merge(patterns: Patterns, amount: int) -> None:
    instance = patterns.run("several", amount=amount)
    split = patterns.at(instance)

    for node in reversed(split):
        assert "after" not in patterns.at(instance)
        patterns.do(instance, node)

    assert patterns.at(instance) == ["after"]
    assert patterns.do(instance).state is DONE


def test_10_arbitrary_cycles(patterns: Patterns) -> None:
    instance = patterns.run("cycle", amount=6)

    for node, action in (("b", "again"), ("a", "on"), ("b", "again"), ("a", "out")):
        assert patterns.at(instance) == [node]
        patterns.do(instance, node, action)

    assert patterns.case(instance).state is DONE


def test_11_implicit_termination(patterns: Patterns) -> None:
    instance = patterns.run("implicit")

    assert patterns.do(instance, "b").state is InstanceState.RUNNING
    assert patterns.do(instance, "a").state is DONE


def test_13_multiple_instances_with_a_priori_design_time_knowledge(patterns: Patterns) -> None:
    instance = patterns.run("three")
    assert patterns.at(instance) == ["each"] * 3

    patterns.do(instance)
    assert patterns.do(instance).state is InstanceState.RUNNING

    assert patterns.do(instance).state is DONE


def test_14_multiple_instances_with_a_priori_run_time_knowledge(patterns: Patterns) -> None:
    instance = patterns.run("lines", lines=3)
    assert patterns.at(instance) == ["pack"] * 3

    # The last one first: results keep the order of the items.
    for task in reversed(patterns.open(instance)):
        case = patterns.answer("hana", task, "complete")

    assert case.state is DONE
    assert case.vars["names"] == ["line0", "line1", "line2"]
    assert case.vars["sizes"] == [10, 10, 10]
    assert "mine" not in case.vars  # what an item sets is its own


def test_15_multiple_instances_without_a_priori_run_time_knowledge(patterns: Patterns) -> None:
    parcel = patterns.parcel()
    patterns.lines(parcel, "one")
    instance = patterns.run_on("grows", parcel)
    assert len(patterns.open(instance)) == 1

    patterns.lines(parcel, "two", "three")
    patterns.do(instance)
    assert len(patterns.open(instance)) == 2
    patterns.lines(parcel, "four")
    patterns.do(instance)
    patterns.do(instance)

    assert patterns.do(instance).state is DONE


@pytest.mark.parametrize("answered", [True, False])
def test_16_deferred_choice(patterns: Patterns, answered: bool) -> None:
    instance = patterns.run("first_event", name="P-1")

    if answered:
        assert patterns.say("parcel.came", number="P-1", weight=7).state == "correlated"
    else:
        patterns.clock.advance(timedelta(days=2, minutes=1))
    patterns.work()

    case = patterns.case(instance)
    assert case.state is DONE
    assert (case.vars.get("weight"), case.vars.get("gone")) == ((7, None) if answered
                                                               else (None, True))  # fmt: skip
    assert patterns.rows("SELECT count(*) FROM trellis_flow_subscription") == [(0,)]
    assert patterns.rows("SELECT count(*) FROM trellis_job WHERE kind = 'flow.timer'"
                         " AND state = 'ready'") == [(0,)]  # fmt: skip


def test_19_cancel_activity(patterns: Patterns) -> None:
    instance = patterns.run("cancel_activity", name="P-1")

    patterns.say("parcel.stop", number="P-1", why="lost")

    case = patterns.case(instance)
    assert (case.state, case.vars["stopped"]) == (DONE, "lost")
    assert patterns.claimable("hana") == []


@pytest.mark.parametrize("by_message", [True, False])
def test_20_cancel_case(patterns: Patterns, by_message: bool) -> None:
    parcel = patterns.parcel(name="P-1")
    instance = patterns.run_on("cancel_case", parcel)

    if by_message:
        patterns.say("parcel.cancel", number="P-1")
    else:
        patterns.cancel(instance, undo=True)

    state = patterns.case(instance).state
    assert state is (DONE if by_message else InstanceState.CANCELLED)
    # Only what was done, the last first.
    assert patterns.rows("SELECT f_trail FROM r_parcel") == [("one two un-two un-one",)]
    assert patterns.claimable("hana") == []


def test_24_persistent_trigger(patterns: Patterns) -> None:
    instance = patterns.run("persistent", name="P-1")
    assert patterns.say("parcel.paid", number="P-1", amount=5).state == "waiting"
    assert patterns.say("parcel.paid", number="P-2", amount=9).state == "waiting"

    patterns.do(instance)
    patterns.work()

    case = patterns.case(instance)
    assert (case.state, case.vars["paid"]) == (DONE, 5)


def test_25_cancel_region(patterns: Patterns) -> None:
    instance = patterns.run("region")
    assert patterns.at(instance) == ["inner", "left"]

    patterns.clock.advance(timedelta(days=1, minutes=1))
    patterns.work()

    assert patterns.at(instance) == ["late"]
    assert patterns.claimable("hana") == []
    assert patterns.do(instance).state is DONE


def test_26_cancel_multiple_instance_activity(patterns: Patterns) -> None:
    instance = patterns.run("cancel_many", lines=3)
    patterns.do(instance)

    patterns.signal("parcels.stop")

    case = patterns.case(instance)
    assert (case.state, case.vars["stopped"]) == (DONE, True)
    assert patterns.claimable("hana") == []


def test_27_complete_multiple_instance_activity(patterns: Patterns) -> None:
    instance = patterns.run("enough", lines=5)

    case = patterns.do(instance, action="veto")

    assert (case.state, case.vars["said"]) == (DONE, ["veto"])
    assert patterns.claimable("hana") == []


def test_35_cancelling_partial_join_for_multiple_instances(patterns: Patterns) -> None:
    instance = patterns.run("enough", lines=5)

    assert patterns.do(instance, action="fine").state is InstanceState.RUNNING
    case = patterns.do(instance, action="fine")

    assert (case.state, case.vars["said"]) == (DONE, ["fine", "fine"])
    assert patterns.claimable("hana") == []


def test_36_dynamic_partial_join_for_multiple_instances(patterns: Patterns) -> None:
    parcel = patterns.parcel()
    patterns.lines(parcel, "a", "b", "c")
    instance = patterns.run_on("share", parcel)

    patterns.do(instance)
    patterns.lines(parcel, "d", "e")
    patterns.work()
    assert len(patterns.open(instance)) == 4  # one of five is done
    patterns.do(instance)
    assert patterns.case(instance).state is InstanceState.RUNNING

    assert patterns.do(instance).state is DONE  # three of five


def test_43_explicit_termination(patterns: Patterns) -> None:
    instance = patterns.run("explicit")

    case = patterns.do(instance, "a", "stop")

    assert case.state is DONE
    assert patterns.claimable("hana") == []
