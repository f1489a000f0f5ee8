"""What the gateway's client tells the engine: plain events, in the order in which they happened."""

from __future__ import annotations

from typing import Final

import msgspec

ACCEPTED: Final = "accepted"  # the order works at the broker
REPLACED: Final = "replaced"  # quantity or limit are now those of the news (the broker may have amended them)
FILLED: Final = "filled"  # shares were executed; `state` says whether the order has ended with them
CANCELLED: Final = "cancelled"
REJECTED: Final = "rejected"  # the order never worked, or no more; `text` says why
UPDATE_REJECTED: Final = "update_rejected"  # the order works on as it was
CANCEL_REJECTED: Final = "cancel_rejected"  # the order works on, or had ended already
EXPIRED: Final = "expired"
DONE_FOR_DAY: Final = "done_for_day"  # ended for the day; what was executed stays
BUSTED: Final = "busted"  # an execution was taken back
CORRECTED: Final = "corrected"  # an execution has other shares or another price now
UNKNOWN: Final = "unknown"  # no answer to a request in time: nothing is known until the gateway proves it
FOREIGN: Final = "foreign"  # a report about an order that is not ours
TROUBLE: Final = "trouble"  # something to know that is about no order
DISCONNECTED: Final = "disconnected"
CONNECTED: Final = "connected"

ENDINGS: Final = (CANCELLED, REJECTED, EXPIRED, DONE_FOR_DAY)

# States of an order.
RECORDED: Final = "recorded"  # written down, not sent
SENT: Final = "sent"  # sent, or about to be; nothing is known of it
DOUBTFUL: Final = "unknown"  # no answer in time
TAKEN: Final = "taken"  # the gateway has it, the broker has not confirmed it
WORKING: Final = "working"
DONE: Final = "filled"
ENDED: Final = frozenset((DONE, *ENDINGS))


class News(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event. `serial` counts durable news from 1; 0 marks those that a restart forgets.

    `shares`, `amount` and `fee` (millionths of a dollar) are what the event changes: signed shares added to the
    position, what they cost (negative for a sale), the fee owed: cash falls by amount and fee. `price` is the execution's. `quantity` (unsigned), `limit`, `state`, `filled` are the whole
    order's after the event. `time` is the clock's, ns UTC. `leg`: 1 when the event came from the short half of a
    sale through zero. `answered`: with this event nothing that was asked of the order waits for an answer any more.
    """

    serial: int = 0
    kind: str
    order: str = ""
    symbol: str = ""
    shares: int = 0
    price: float = 0.0
    amount: int = 0
    fee: int = 0
    exec_id: str = ""
    refers: str = ""
    quantity: int = 0
    limit: float = 0.0
    filled: int = 0
    state: str = ""
    text: str = ""
    time: int = 0
    leg: int = 0
    answered: bool = False
