"""Two real ports on the loopback that answer as a test says: for what needs no broker, where `../shared` is absent."""

from __future__ import annotations

import json
import threading

import zmq

LOGON = {"MsgType": "Logon", "status": 0, "sessionid": "S1", "orders": [], "positions": []}


class Loopback:
    """`answer` maps a request to its reply (None: none is given). Requests are kept in order."""

    def __init__(self, answer=None):
        self.requests = []
        self.answer = answer or (lambda body: LOGON if body["35"] == "A" else {"status": 0})
        self.context = zmq.Context()
        self.router, self.publisher = self.context.socket(zmq.ROUTER), self.context.socket(zmq.PUB)
        self.request_port = self.router.bind_to_random_port("tcp://127.0.0.1")
        self.subscription_port = self.publisher.bind_to_random_port("tcp://127.0.0.1")
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.ended.is_set():
            if self.router.poll(20):
                *envelope, raw = self.router.recv_multipart()
                self.requests.append(json.loads(raw))
                reply = self.answer(self.requests[-1])
                if reply is not None:
                    self.router.send_multipart([*envelope, json.dumps(reply).encode()])

    def publish(self, number, **body):
        self.publisher.send(json.dumps({"MsgSeqNum": number, **body}).encode())

    def kinds(self):
        return [one["35"] for one in self.requests]

    def close(self):
        self.ended.set()
        self.thread.join()
        self.context.destroy(linger=0)
