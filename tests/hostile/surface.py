"""Where the stand-ins of the hostile checks are on this product: mapped once, here.

The checks speak of `$B/api/work_order`, of the tokens `$ADM $DES $MGR $TECH $CUST $T2`, of a
hidden field `internal_cost` and a link `customer` with a hidden `credit_limit`.
"""

from __future__ import annotations

import os
from pathlib import Path

ORDERS = "/records/order"
CUSTOMERS = "/records/customer"
LOGIN = "/login"
PACKAGE_CHECK = "/packages/check"
PACKAGE_APPLY = "/packages/apply"
EXPRESSION_CHECK = "/expressions/check"
#: `$ADM` administers the system, `$DES` designs packages, `$MGR` sees everything of orders,
#: `$TECH` sees orders of their own without the costs, `$CUST` those of their own company.
ADM, DES, MGR, TECH, TECH2, CUST = "ada", "dan", "mara", "cora", "carl", "pia"
HIDDEN = "internal_cost"
HIDDEN_TEXT = "remark"
HIDDEN_BEHIND = "customer.credit_limit"
CANARIES = Path("/tmp").glob  # noqa: S108 - where the checks say that canaries must not appear

#: The folder with the hostile files; absent on a machine that has only the repository.
FILES = Path(os.environ.get("TRELLIS_SHARED", Path(__file__).parents[3] / "shared")) / "hostile"
NO_FILES = "the hostile files of the shared folder are not here"


def hostile(name: str) -> bytes:
    """Return a hostile file."""
    return (FILES / name).read_bytes()
