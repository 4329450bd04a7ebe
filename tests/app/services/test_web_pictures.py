"""Pictures from the web: only where allowed, only from public addresses, at each redirection again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.services import web_pictures
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
        elif self.path.startswith("/photo.jpg"):
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
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
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
    ],
)
def test_a_public_address_is_told_from_one_at_home(address: str, public: bool) -> None:
    assert is_public(address) is public
