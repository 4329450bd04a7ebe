"""Pictures from the web: only where allowed, only from public addresses, at each redirection again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.services import web_pictures
from app.services.fair_turns import Overloaded
from app.services.web_pictures import FetchingIsOff, NotFetched, WebPictures, is_public
from app.settings import Settings


class Site(BaseHTTPRequestHandler):
    """Gives a picture, sends on, or fails."""

    def do_GET(self) -> None:
        sent_on = {
            "/moved": "/photo.jpg",
            "/round": "/round",
            "/inside": "http://10.0.0.1/",
            "/file": "file:///x",
        }
        if self.path in sent_on:
            self.send_response(302)
            self.send_header("Location", sent_on[self.path])
            self.end_headers()
        elif self.path == "/slow":
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            with suppress(OSError):
                while not self.server.ended.wait(0.05):  # type: ignore[attr-defined]
                    self.wfile.write(b"X-More: of it\r\n")
        elif self.path.startswith(("/photo.jpg", "/%C3%B6l%20")):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a picture " + self.path.encode())
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A site on this computer, which counts as public here."""
    monkeypatch.setattr(web_pictures, "is_public", lambda address: address == "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.ended = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.ended.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def pictures() -> WebPictures:
    return WebPictures(Settings(fetch_urls=True))


def test_it_is_off_unless_the_owner_says_otherwise() -> None:
    with pytest.raises(FetchingIsOff, match="SSD_STUDIO_FETCH_URLS"):
        WebPictures(Settings()).fetch("https://example.org/photo.jpg")


def test_a_picture_is_fetched_also_from_where_it_was_moved_to(site: str, pictures: WebPictures) -> None:
    assert pictures.fetch(f"{site}/photo.jpg?size=9") == b"a picture /photo.jpg?size=9"
    assert pictures.fetch(f"{site}/moved") == b"a picture /photo.jpg"


def test_an_address_may_be_written_as_people_write_it(site: str, pictures: WebPictures) -> None:
    assert pictures.fetch(f"{site}/öl 1.jpg") == b"a picture /%C3%B6l%201.jpg"
    assert pictures.fetch(f"{site}/%C3%B6l%201.jpg") == b"a picture /%C3%B6l%201.jpg"


def test_who_answers_a_little_at_a_time_is_not_waited_for_beyond_the_whole_time(
    site: str, pictures: WebPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_pictures, "WHOLE_SECONDS", 0.4)
    with pytest.raises(NotFetched, match=r"longer than 0\.4 seconds"):
        pictures.fetch(f"{site}/slow")


def test_who_is_reached_when_the_whole_time_is_over_is_asked_for_nothing(site: str) -> None:
    with closing(web_pictures._connection(site)) as connection:
        connection.give_up()
        with pytest.raises(TimeoutError):
            connection.request("GET", "/photo.jpg")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/gone", "answered 404"),
        ("/round", "more than 4 times"),
        ("/inside", "no public address"),
        ("/file", "http"),
    ],
)
def test_what_cannot_be_had_is_said(site: str, pictures: WebPictures, path: str, words: str) -> None:
    with pytest.raises(NotFetched, match=words):
        pictures.fetch(f"{site}{path}")


def test_a_file_too_large_for_a_picture_is_given_up(
    site: str, pictures: WebPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_pictures, "MAX_BYTES", 5)
    with pytest.raises(NotFetched, match="larger than"):
        pictures.fetch(f"{site}/photo.jpg")


def test_only_a_few_are_fetched_at_a_time_so_that_slow_ones_do_not_hold_all_threads(
    site: str, pictures: WebPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, go_on = threading.Semaphore(0), threading.Event()
    reach = web_pictures._connection

    def slowly(url: str) -> object:
        under_way.release()
        assert go_on.wait(20)
        return reach(url)

    monkeypatch.setattr(web_pictures, "_connection", slowly)
    with ThreadPoolExecutor(web_pictures.MOST_AT_ONCE) as pool:
        asked = [pool.submit(pictures.fetch, f"{site}/photo.jpg") for _ in range(web_pictures.MOST_AT_ONCE)]
        for _ in asked:
            assert under_way.acquire(timeout=20)
        with pytest.raises(Overloaded):
            pictures.fetch(f"{site}/photo.jpg")
        go_on.set()
    assert {each.result() for each in asked} == {b"a picture /photo.jpg"}
    assert pictures.fetch(f"{site}/photo.jpg") == b"a picture /photo.jpg"


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/a.jpg", "photo.jpg", "http://", "http://127.0.0.1:1/a.jpg", "http://[::1]/a.jpg"],
)
def test_other_addresses_are_refused(pictures: WebPictures, url: str) -> None:
    with pytest.raises(NotFetched):
        pictures.fetch(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.251", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::93.184.215.14", True),
        ("64:ff9b:1::93.184.215.14", False),
        ("2002:c0a8:1::1", False),
    ],
)
def test_a_public_address_is_told_from_one_at_home(address: str, public: bool) -> None:
    assert is_public(address) is public
