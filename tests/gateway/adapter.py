"""The client driven by the independent gateway's harness (`../shared/gateway`): calls and news translated, no more."""

from __future__ import annotations

import threading
from pathlib import Path

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu import Atreyu
from runner.adapters.atreyu_settings import AtreyuSettings, Credentials
from runner.adapters.atreyu_store import SqliteStore
from runner.adapters.clocks import WallClock
from runner.market.brokerages import resolve
from runner.market.money import to_dollars
from runner.market.order import ORDER_KINDS
from runner.market.settings import settings_row

# The harness's words for news; what is not here it does not ask for.
WORDS = {
    news.ACCEPTED: "Submitted",
    news.REPLACED: "Replaced",
    news.CANCELLED: "Canceled",
    news.REJECTED: "Rejected",
    news.UPDATE_REJECTED: "UpdateRejected",
    news.CANCEL_REJECTED: "CancelRejected",
    news.EXPIRED: "Expired",
    news.DONE_FOR_DAY: "DoneForDay",
    news.CORRECTED: "PartiallyFilled",
    news.BUSTED: "PartiallyFilled",
}
STATES = {
    news.WORKING: "Submitted",
    news.DONE: "Filled",
    news.CANCELLED: "Canceled",
    news.REJECTED: "Rejected",
    news.EXPIRED: "Expired",
    news.DONE_FOR_DAY: "DoneForDay",
}


class Always:
    """A market that is always open, or always closed."""

    def __init__(self, is_open):
        self.is_open = is_open

    def regular(self, instant):
        return self.is_open

    def extended(self, instant):
        return self.is_open

    def day(self, instant):
        return 0


def account():
    """The default account of the language, whose fee law charges the executions."""
    return settings_row(resolve("atreyu", "atreyu", "margin", None, {})[0], "margin", "raw")


def client(config, **more):
    """A client as the harness configures it. The harness counts a sale through zero as one order on the wire."""
    waits = config["settings"]
    settings = AtreyuSettings(
        host=config["host"], request_port=config["req_port"], subscription_port=config["sub_port"],
        client_id=config["client_id"], broker_mpid=config["broker_mpid"], locate_required=config["locate_rqd"],
        request_timeout=waits["request_timeout"], heartbeat_timeout=waits["heartbeat_timeout"],
        check_interval=waits["check_interval"], **{"through_zero": "short", **more},
    )  # fmt: skip
    credentials = Credentials(config["username"], config["password"])
    store = SqliteStore(Path(config["state_dir"]) / "atreyu.db")
    hours = Always(config["market"] == "open")
    return Atreyu(settings, credentials, store, WallClock(), hours, account(), config["holdings"])


class Adapter:
    """One client; a thread hands its news to the harness."""

    def start(self, config, on_event):
        self.on_event = on_event
        self.ended = threading.Event()
        self.client = client(config)
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.client.start()
        self.thread.start()

    def place(self, ref, order):
        quantity = order["quantity"] if order["side"] == "buy" else -order["quantity"]
        self.client.place(ref, order["symbol"], quantity, ORDER_KINDS[order["type"]], order.get("price", 0.0),
                          order.get("post_only", False))  # fmt: skip

    def replace(self, ref, quantity, price):
        self.client.replace(ref, quantity, price)

    def cancel(self, ref):
        self.client.cancel(ref)

    def snapshot(self):
        seen = self.client.snapshot()
        orders = {
            ref: {
                "status": "PartiallyFilled" if one.state == news.WORKING and one.filled
                else STATES.get(one.state, "New"),
                "filled": one.filled,
                "quantity": one.quantity,
                "average_price": one.average_price,
                "fees": to_dollars(one.fees),
            }
            for ref, one in seen.orders.items()
        }  # fmt: skip
        return {"orders": orders, "positions": seen.positions}

    def stop(self):
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
        self.client.stop()

    def _listen(self):
        while not self.ended.is_set():
            one = self.client.next_news(0.02)
            if one is None:
                continue
            word = WORDS.get(one.kind)
            if one.kind == news.FILLED:
                word = "Filled" if one.state == news.DONE else "PartiallyFilled"
            if word is not None:
                self.on_event({"order": one.order, "status": word, "fill": one.shares, "price": one.price,
                               "fee": to_dollars(one.fee)})  # fmt: skip
            if one.serial:
                self.client.acknowledge(one.serial)
