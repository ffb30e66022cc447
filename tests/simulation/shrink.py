"""Makes a failing plan short: leaves out items for as long as some violation remains (greedy delta debugging)."""

from collections.abc import Callable

from tests.simulation.plan import Plan

MOST_TRIES = 150


def shrink(plan: Plan, fails: Callable[[Plan], bool], *, tries: int = MOST_TRIES) -> Plan:
    """The shortest plan found that still fails: halves are left out first, then single items."""
    size = max(1, len(plan.items) // 2)
    while True:
        shorter = False
        labels = list(plan.items)
        for start in range(0, len(labels), size):
            without = [label for label in plan.items if label not in labels[start : start + size]]
            if len(without) == len(plan.items):
                continue
            if tries <= 0:
                return plan
            tries -= 1
            candidate = plan.only(without)
            if fails(candidate):
                plan, shorter = candidate, True
        if size > 1:
            size //= 2
        elif not shorter:
            return plan
