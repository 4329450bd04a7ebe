"""Names of ill will: each does harm if a page takes it for anything but text."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.dataset import object_xml, write_annotation
from tests.journeys.known_project import jpeg

#: Whatever runs one of these calls ``planted``; whatever builds markup of one leaves ``data-planted`` behind.
PLANTED_NAMES = (
    "<img src=planted-picture onerror=planted() data-planted>",
    "<script data-planted>planted()</script>",
    "${planted()}",
    "{{planted()}} {{{this.planted}}} {{#each this}}{{/each}}",
    "\"'><svg data-planted onload=planted()>",
    "'-planted()-' `${planted()}` \\u0022",
    "javascript:planted()",
    "&lt;i data-planted&gt; &amp; %3Ci%3E",
    "\u202egnp.\u2066live\u2069 \u200f\u0627\u0644\u0635\u0648\u0631\u0629",
    "W" * 200,
)
#: Run in each page before anything else.
ALARM = "window.planted = () => { console.error('a planted name was executed'); };"


def write_planted_folder(folder: Path) -> Path:
    """Write Pascal VOC in which every class and file has such a name, and one file of each name is broken."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    for place, name in enumerate(PLANTED_NAMES):
        stem = name.replace("/", "\u2215")  # a slash would be a folder
        (folder / "images" / f"{stem}.jpg").write_bytes(jpeg((20 * place, 90, 160), (320, 240)))
        objects = object_xml(name, 40, 40, 120, 110) + object_xml(PLANTED_NAMES[0], 160, 100, 280, 200)
        write_annotation(folder / "annotations" / f"{stem}.xml", objects)
        (folder / "images" / f"{stem[:190]} broken.jpg").write_bytes(b"no picture at all")
    return folder
