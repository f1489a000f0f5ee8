"""Tags of the orders that no rule asks for."""

from __future__ import annotations

LOSS_TAG = "daily loss"  # they leave when the day's loss is reached
FLATTEN_TAG = "flatten"  # they leave every position upon an operator's command
DELISTING_TAG = "Liquidate from delisting"  # it settles a delisted position
CALL_TAG = "Margin Call"  # as LEAN tags those of a margin call
