"""News reach an address in order, failures are tried again, and nobody ever waits for it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.services import webhook
from app.services.webhook import InvalidWebhook, Webhook


class Receiver:
    """A server that answers with the given status codes, then 200, and remembers what was posted."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: list[Any] = []
        self.tries = 0
        self.login: str | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.may_answer.wait(20)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.tries += 1
                outer.login = self.headers["Authorization"]
                status = outer.answers.pop(0) if outer.answers else 200
                if status == 200:
                    outer.taken.append((self.path, self.headers["Content-Type"], body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.may_answer.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_news_arrive_as_json_in_their_order(receiver: Receiver) -> None:
    hook = Webhook(receiver.url)
    for number in range(3):
        hook.post({"event": "appeared", "number": number})
    hook.close()
    assert receiver.taken == [
        ("/hook?key=1", "application/json", {"event": "appeared", "number": number}) for number in range(3)
    ]
    assert (hook.posted, hook.lost) == (3, 0)


def test_a_failure_is_tried_again_and_a_refusal_is_not(receiver: Receiver) -> None:
    receiver.answers = [500, 429, 200, 404]
    hook = Webhook(receiver.url, pauses=(0.01, 0.01, 0.01))
    hook.post({"number": 0})
    hook.post({"number": 1})
    hook.post({"number": 2})
    hook.close()
    assert [body["number"] for _, _, body in receiver.taken] == [0, 2]
    assert (receiver.tries, hook.posted, hook.lost) == (5, 2, 1)


def test_an_address_that_hangs_holds_nobody_up_and_the_oldest_news_go(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "MOST_WAITING", 2)
    receiver.may_answer.clear()
    hook = Webhook(receiver.url)
    for number in range(50):
        hook.post({"number": number})
    receiver.may_answer.set()
    hook.close()
    numbers = [body["number"] for _, _, body in receiver.taken]
    assert numbers[-2:] == [48, 49]
    assert (len(numbers) <= 4, hook.posted + hook.lost) == (True, 50)


def test_nothing_listens_and_it_ends_all_the_same() -> None:
    hook = Webhook("http://127.0.0.1:9/", pauses=())
    hook.post({})
    hook.close()
    assert (hook.posted, hook.lost) == (0, 1)


@pytest.mark.parametrize("url", ["ftp://host/x", "file:///etc/passwd", "host/x", "http://", "http://a:b/"])
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(InvalidWebhook, match="is no address of a webhook"):
        Webhook(url)


def test_an_address_with_letters_of_any_kind_is_reached_and_a_host_that_cannot_be_is_given_up(
    receiver: Receiver,
) -> None:
    hook = Webhook(receiver.url.replace("/hook?key=1", "/tür auf?key=a%20b"))
    hook.post({"number": 1})
    hook.close()
    assert [taken[0] for taken in receiver.taken] == ["/t%C3%BCr%20auf?key=a%20b"]
    nowhere = Webhook(f"http://{'x' * 70}ü.invalid/", pauses=())
    nowhere.post({"number": 1})
    nowhere.post({"number": 2})
    nowhere.close()
    assert (nowhere.posted, nowhere.lost) == (0, 2)


def test_who_is_named_in_the_address_logs_in(receiver: Receiver) -> None:
    hook = Webhook(receiver.url.replace("http://", "http://ann:se%40cret@"))
    hook.post({"event": "appeared"})
    hook.close()
    assert (hook.posted, receiver.login) == (1, f"Basic {base64.b64encode(b'ann:se@cret').decode()}")
