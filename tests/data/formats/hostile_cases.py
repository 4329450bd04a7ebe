"""Files made to do harm, or merely wrong in every way, each with what must be told of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

SQL = "Robert'); DROP TABLE box;--"
HTML = "<img src=x onerror=alert(1)>"
TEMPLATE = "{{7*7}}${7*7}<%= 7*7 %>"
TURNED = "\u202egpj.exe"


@dataclass(frozen=True)
class Case:
    """Files beside a good photograph ``a.jpg`` of 40×30 pixels.

    ``said`` is a part of what must be told, None where the import must be clean; ``boxes`` come in.
    """

    format: str
    files: dict[str, Any]
    said: str | None
    boxes: int = 0


def voc(objects: str, head: str = "", filename: str = "a.jpg") -> dict[str, Any]:
    return {"a.xml": f"{head}<annotation><filename>{filename}</filename>{objects}</annotation>"}


def thing(name: str = "nut", corners: tuple[object, ...] = (1, 2, 9, 9)) -> str:
    tags = "".join(
        f"<{tag}>{value}</{tag}>"
        for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=False)
    )
    return f"<object><name>{name}</name><bndbox>{tags}</bndbox></object>"


def coco(*annotations: Any, image: Any = None, category: Any = None, **more: Any) -> dict[str, Any]:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 30} if image is None else image],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, **each} if isinstance(each, dict) else each
            for each in annotations
        ],
        "categories": [{"id": 1, "name": "nut"} if category is None else category],
    }
    return {"coco.json": document | more}


def labelme(*shapes: Any, **more: Any) -> dict[str, Any]:
    return {
        "a.json": {"shapes": list(shapes), "imagePath": "a.jpg", "imageWidth": 40, "imageHeight": 30, **more}
    }


def studio(value: Any, **more: Any) -> dict[str, Any]:
    result = {
        "id": "r",
        "type": "rectanglelabels",
        "original_width": 40,
        "original_height": 30,
        "value": value,
    }
    task = {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"id": 1, "result": [result | more]}]}
    return {"tasks.json": [task]}


def cvat(shapes: str, head: str = "", name: str = "a.jpg") -> dict[str, Any]:
    inner = f'<image id="0" name="{name}" width="40" height="30">{shapes}</image>'
    return {"x.xml": f"{head}<annotations><version>1.1</version>{inner}</annotations>"}


def yolo(line: str | bytes, config: str | bytes = "names: [nut]") -> dict[str, Any]:
    return {"a.txt": line, "data.yaml": config}


def table(row: str | bytes, header: str = "filename,class,xmin,ymin,xmax,ymax") -> dict[str, Any]:
    return {"t.csv": header.encode() + b"\n" + (row.encode() if isinstance(row, str) else row)}


def oid(row: str) -> dict[str, Any]:
    return {"boxes.csv": f"ImageID,LabelName,XMin,XMax,YMin,YMax\n{row}\n"}


LAUGHS = '<!DOCTYPE x [<!ENTITY a "haha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)
) + "]>"  # fmt: skip
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"x" * 100_000}">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/evil.dtd"> %p;]>'
BOX = {"bbox": [1, 2, 8, 7]}
POINTS = {"label": "nut", "shape_type": "rectangle", "points": [[1, 2], [9, 9]]}
PERCENT = {"x": 10, "y": 10, "width": 50, "height": 50, "rectanglelabels": ["nut"]}
NAN, INFINITE = float("nan"), float("inf")

CASES: dict[str, Case] = {
    # XML
    "entities that grow a billionfold": Case("voc", voc(thing("&j;"), LAUGHS), "entities"),
    "an entity that grows by repetition": Case("voc", voc(thing("&a;" * 1000), QUADRATIC), "entities"),
    "an entity that reads a file": Case("voc", voc(thing("&f;"), OUTSIDE), "entities"),
    "a parameter entity from the network": Case("voc", voc(thing(), PARAMETER), "entities"),
    "a document type from the network": Case(
        "voc", voc(thing(), '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x">'), "entities"
    ),
    "an inclusion": Case(
        "voc", voc('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'), None
    ),
    "a style sheet": Case("voc", voc(thing(), '<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?>'), None, 1),
    "a thousand levels": Case("voc", voc("<a>" * 1000 + "</a>" * 1000), "too many"),
    "twenty megabytes": Case("voc", {"a.xml": b"<annotation>" + b" " * 20_000_000}, "bytes"),
    "no end": Case("voc", {"a.xml": "<annotation><object>"}, "broken"),
    "no XML": Case("voc", {"a.xml": "PK\x03\x04 hello"}, "broken"),
    "no bytes": Case("voc", {"a.xml": b""}, "empty"),
    "zero bytes in XML": Case("voc", {"a.xml": b"<annotation>\x00\x00</annotation>"}, "broken"),
    "XML of no encoding": Case("voc", {"a.xml": b"<annotation>\xff\xfe\xfa</annotation>"}, "broken"),
    "XML of an unknown encoding": Case(
        "voc", {"a.xml": b"<?xml version='1.0' encoding='klingon'?><annotation/>"}, "XML"
    ),
    "XML in UTF-16": Case(
        "voc", {"a.xml": f"<annotation>{thing('Müller')}</annotation>".encode("utf-16")}, None, 1
    ),
    "XML with a byte order mark": Case(
        "voc", {"a.xml": f"\ufeff<annotation>{thing()}</annotation>"}, None, 1
    ),
    "a drawing instead of an annotation": Case("voc", {"a.xml": "<svg onload='alert(1)'/>"}, "<svg>"),
    "an infinite corner": Case("voc", voc(thing(corners=("inf", 2, 9, 9))), "finite"),
    "a corner that is no number": Case("voc", voc(thing(corners=(1, "NaN", 9, 9))), "finite"),
    "a corner of five thousand digits": Case("voc", voc(thing(corners=(1, 2, "9" * 5000, 9))), "finite"),
    "a corner of many millions": Case("voc", voc(thing(corners=(1, 2, 10**15, 9))), "outside"),
    "a corner in Arabic digits": Case("voc", voc(thing(corners=(1, 2, "٩", 9))), "finite"),
    "corners the wrong way round": Case("voc", voc(thing(corners=(9, 9, 1, 2))), "holds nothing"),
    "corners that are markup": Case("voc", voc(thing(corners=("<b>1</b>", 2, 9, 9))), "finite"),
    "a box without corners": Case("voc", voc("<object><name>nut</name><bndbox/></object>"), "no <xmin>"),
    "a class that is SQL": Case("voc", voc(thing(SQL)), None, 1),
    "a class that is HTML": Case("voc", voc(thing(HTML.replace("<", "&lt;"))), None, 1),
    "a class that is a template": Case("voc", voc(thing(TEMPLATE.replace("<", "&lt;"))), None, 1),
    "a class that writes backwards": Case("voc", voc(thing(TURNED)), None, 1),
    "a class of two lines": Case("voc", voc(thing("a&#10;b")), "control character"),
    "a class of a million letters": Case("voc", voc(thing("x" * 1_000_000)), "1000000 characters"),
    "a class of blanks": Case("voc", voc(thing("&#160;")), "needs a name"),
    "a file name that climbs": Case("voc", voc(thing(), filename="../../../etc/passwd"), None, 1),
    "a size that is no size": Case(
        "voc", voc(f"<size><width>1e999</width><height>x</height></size>{thing()}"), None, 1
    ),
    # COCO
    "JSON of a hundred thousand levels": Case("coco", {"x.json": b'{"images":' + b"[" * 100_000}, "nested"),
    "JSON cut off": Case("coco", {"x.json": b'{"images": [{"id": 1, "file'}, "broken"),
    "JSON with a comma too many": Case("coco", {"x.json": b'{"images": [],}'}, "broken"),
    "JSON of no encoding": Case("coco", {"x.json": b'{"images": "\xff\xfa"}'}, "not UTF-8"),
    "JSON of zero bytes": Case("coco", {"x.json": b"\x00" * 1000}, "broken"),
    "JSON without bytes": Case("coco", {"x.json": b""}, "empty"),
    "JSON in UTF-16": Case("coco", {"x.json": json.dumps(coco(BOX)["coco.json"]).encode("utf-16")}, None, 1),
    "JSON with a byte order mark": Case(
        "coco", {"x.json": "\ufeff" + json.dumps(coco(BOX)["coco.json"])}, None, 1
    ),
    "a number of a hundred thousand digits": Case(
        "coco", {"x.json": b"[" + b"9" * 100_000 + b"]"}, "nothing of COCO"
    ),
    "a box of NaN": Case("coco", coco({"bbox": [NAN, 2, 3, 4]}), "finite"),
    "an infinite box": Case("coco", coco({"bbox": [1, 2, INFINITE, 4]}), "finite"),
    "a box that overflows": Case("coco", coco({"bbox": [1e308, 2, 1e308, 4]}), "finite"),
    "a box of huge numbers": Case("coco", coco({"bbox": [1, 2, 10**300, 4]}), "outside"),
    "a box of lists": Case("coco", coco({"bbox": [[1], {}, None, True]}), "finite"),
    "a box of texts": Case("coco", coco({"bbox": ["1", " 2 ", "8", "7"]}), None, 1),
    "a box below zero": Case("coco", coco({"bbox": [-50, -50, 60, 60]}), "outside"),
    "annotations that are nothing": Case("coco", coco(None, 5, "x", []), "image_id"),
    "an image that is nothing": Case("coco", coco(image=[]), "no file_name"),
    "an image whose name is a number": Case("coco", coco(image={"id": 1, "file_name": 5}), "no file_name"),
    "an image whose id is a list": Case(
        "coco", coco(image={"id": [1], "file_name": "a.jpg"}), "no id of its own"
    ),
    "an image outside of the folder": Case(
        "coco", coco(image={"id": 1, "file_name": "../../etc/passwd"}), "no image for"
    ),
    "an image of a million letters": Case(
        "coco", coco(image={"id": 1, "file_name": "x" * 1_000_000}), "no image for"
    ),
    "an image with a zero byte": Case(
        "coco", coco(image={"id": 1, "file_name": "a.jpg\x00.png"}), "no image for"
    ),
    "an image of half a letter": Case(
        "coco",
        {"x.json": json.dumps(coco(image={"id": 1, "file_name": "\ud800"})["coco.json"])},
        "no image for",
    ),
    "a category of half a letter": Case("coco", coco(BOX, category={"id": 1, "name": "\ud800nut"}), None, 1),
    "a category that is a number": Case("coco", coco(BOX, category={"id": 1, "name": 5}), "no text"),
    "a category that is nothing": Case("coco", coco(BOX, category=None, categories=[None]), "Category 1"),
    "a category that is SQL": Case("coco", coco(BOX, category={"id": 1, "name": SQL}), None, 1),
    "a category that is HTML": Case("coco", coco(BOX, category={"id": 1, "name": HTML}), None, 1),
    "ids larger than any column": Case(
        "coco", coco({"bbox": [1, 2, 3, 4], "image_id": 10**40}), "not listed"
    ),
    "a mask larger than memory": Case(
        "coco", coco({"segmentation": {"size": [10**9] * 2, "counts": [0, 10**18]}}), "no size"
    ),
    "a mask that runs over": Case(
        "coco", coco({"segmentation": {"size": [30, 40], "counts": [0, 10**15]}}), "fit its size"
    ),
    "a mask that is damaged": Case(
        "coco", coco({"segmentation": {"size": [30, 40], "counts": "o" * 999}}), "damaged"
    ),
    "a mask of NaN": Case("coco", coco({"segmentation": {"size": [30, 40], "counts": [NAN]}}), "finite"),
    "a polygon of a hundred thousand corners": Case(
        "coco", coco({"segmentation": [[1, 2, 9, 9] * 50_000]}), None, 1
    ),
    "a polygon of texts": Case("coco", coco({"segmentation": [["a", "b", "c", "d"]]}), "finite"),
    "a rotation of NaN": Case("coco", coco({**BOX, "attributes": {"rotation": NAN}}), "finite"),
    # LabelMe
    "points that are nothing": Case("labelme", labelme({**POINTS, "points": None}), "no area"),
    "points that are an object": Case("labelme", labelme({**POINTS, "points": {"x": 1}}), "no area"),
    "points of NaN": Case("labelme", labelme({**POINTS, "points": [[NAN, 1], [2, 3]]}), "finite"),
    "a circle without end": Case(
        "labelme",
        labelme({**POINTS, "shape_type": "circle", "points": [[1, 1], [1e308, -1.7e308]]}),
        "finite",
    ),
    "shapes that are nothing": Case("labelme", labelme(None, 5, "x", []), "no text"),
    "a label that is an object": Case("labelme", labelme({**POINTS, "label": {"$ne": 1}}), "no text"),
    "a kind of shape that is a list": Case(
        "labelme", labelme({**POINTS, "shape_type": ["x"]}), "polygon of 2"
    ),
    "an image path that climbs": Case("labelme", labelme(POINTS, imagePath="../../../etc/passwd"), None, 1),
    "an image path that is nothing": Case("labelme", labelme(POINTS, imagePath=None), None, 1),
    "ten megabytes of picture inside": Case("labelme", labelme(POINTS, imageData="A" * 10_000_000), None, 1),
    "a size of texts": Case("labelme", labelme(POINTS, imageWidth="wide", imageHeight=[]), None, 1),
    # Label Studio
    "a value that is nothing": Case("label-studio", studio(None), "no text"),
    "per cents of NaN": Case("label-studio", studio({**PERCENT, "x": NAN}), "finite"),
    "per cents without end": Case(
        "label-studio", studio({**PERCENT, "width": 1.7e308, "x": 1.7e308}, original_width=1000), "finite"
    ),
    "a rotation without end": Case("label-studio", studio({**PERCENT, "rotation": INFINITE}), "finite"),
    "an original size without end": Case("label-studio", studio(PERCENT, original_width=10**30), None, 1),
    "labels that are an object": Case(
        "label-studio", studio({**PERCENT, "rectanglelabels": {"a": 1}}), "no text"
    ),
    "an address that is none": Case(
        "label-studio",
        {"t.json": [{"id": 1, "data": {"image": "http://[::1/a.jpg"}, "annotations": []}]},
        None,
    ),
    "an address of a script": Case(
        "label-studio",
        {"t.json": [{"id": 1, "data": {"image": "javascript:alert(1)"}, "annotations": []}]},
        "no image for",
    ),
    "annotations that are no list": Case(
        "label-studio", {"t.json": [{"id": 1, "data": {"image": "a.jpg"}, "annotations": {"x": 1}}]}, None
    ),
    "data that is no object": Case(
        "label-studio", {"t.json": [{"id": 1, "data": [], "annotations": []}]}, "without name"
    ),
    # CVAT
    "CVAT's entities that grow": Case("cvat", cvat("&j;", LAUGHS), "entities"),
    "points that are noise": Case("cvat", cvat('<polygon label="nut" points=";;,;1,2;x,y"/>'), "finite"),
    "a rotation that is no number": Case(
        "cvat", cvat('<box label="nut" xtl="1" ytl="2" xbr="9" ybr="9" rotation="nan"/>'), "finite"
    ),
    "an ellipse without end": Case(
        "cvat", cvat('<ellipse label="nut" cx="1" cy="1" rx="1e308" ry="1e308" rotation="45"/>'), "outside"
    ),
    "an image name that climbs": Case("cvat", cvat("", name="../../etc/passwd"), "no image for"),
    "a label that is HTML": Case(
        "cvat", cvat(f'<box label="{HTML.replace("<", "&lt;")}" xtl="1" ytl="2" xbr="9" ybr="9"/>'), None, 1
    ),
    # YOLO
    "YAML that grows": Case("yolo", yolo("", "a: &a [x,x]\nb: &b [*a,*a]\nnames: [*b,*b]"), "anchors"),
    "YAML that calls": Case(
        "yolo",
        yolo("0 .5 .5 1 1", "names: [!!python/object/apply:os.system ['touch /tmp/owned']]"),
        "no text",
        1,
    ),
    "YAML of a thousand levels": Case("yolo", yolo("", "names: " + "[" * 1000), "nested"),
    "YAML of a megabyte": Case("yolo", yolo("", "names: [" + "x," * 500_000 + "]"), "bytes"),
    "YAML that is binary": Case("yolo", yolo("", b"names: [\x00\x01\xff]"), "UTF-8"),
    "a class of a huge number in the names": Case(
        "yolo", yolo("0 .5 .5 1 1", "names: {99999999999999999999: nut}"), "whole number", 1
    ),
    "names that are nothing": Case("yolo", yolo("0 .5 .5 1 1", "names: [null, {}, []]"), "no text", 1),
    "splits that climb": Case(
        "yolo",
        yolo("0 .5 .5 1 1", "names: [nut]\npath: ../../../../etc\ntrain: ../../..\nval: /etc/passwd.txt"),
        None,
        1,
    ),
    "a list of images that are elsewhere": Case(
        "yolo",
        yolo("0 .5 .5 1 1", "names: [nut]\ntrain: t.txt") | {"t.txt": "/etc/passwd\n../../a.png\n"},
        "no image for",
        1,
    ),
    "a class of a huge number": Case("yolo", yolo("9" * 5000 + " .5 .5 1 1"), "no class number"),
    "a class below zero": Case("yolo", yolo("-1 .5 .5 1 1"), "no class number"),
    "fractions of NaN": Case("yolo", yolo("0 nan .5 1 1"), "finite"),
    "fractions without end": Case("yolo", yolo("0 .5 .5 inf 1"), "finite"),
    "fractions of huge numbers": Case("yolo", yolo("0 1e300 .5 1 1"), "fractions"),
    "a hundred thousand numbers in a line": Case("yolo", yolo("0 " + "0.5 " * 99_999), "numbers"),
    "labels that are binary": Case("yolo", yolo(b"\x00\x01\x02\xff"), "UTF-8"),
    "labels of zero bytes": Case("yolo", yolo(b"\x00" * 100), "no class number"),
    # tables
    "a class that is a formula": Case("csv", table("a.jpg,=cmd|' /C calc'!A0,1,2,9,9"), None, 1),
    "a table of zero bytes": Case("csv", table(b"a.jpg,\x00,1,2,9,9"), None, 1),
    "a table of no encoding": Case("csv", table(b"a.jpg,\xff\xfa,1,2,9,9"), "UTF-8"),
    "a cell without end": Case("csv", table('a.jpg,"' + "x" * 200_000), "broken"),
    "a row of a hundred thousand cells": Case("csv", table("a.jpg,nut,1,2,9,9" + "," * 100_000), None, 1),
    "rows that are too short": Case("csv", table("a.jpg\na.jpg,nut\n,,,\nx"), "finite"),
    "a table's box of NaN": Case("csv", table("a.jpg,nut,nan,2,9,9"), "finite"),
    "a table's box of five thousand digits": Case(
        "csv", table("a.jpg,nut,1,2," + "9" * 5000 + ",9"), "finite"
    ),
    "a table's image that climbs": Case("csv", table("../../etc/passwd,nut,1,2,9,9"), "no image for"),
    "a table of headings twice": Case(
        "csv", table("a.jpg,nut,1,2,9,9,zzz", "filename,class,xmin,ymin,xmax,ymax,xmin"), None, 1
    ),
    "a class list that is wrong": Case(
        "csv", table("a.jpg,nut,1,2,9,9") | {"classes.csv": ",0\n\x07,1\n" + "x" * 999 + ",2\n"}, None, 1
    ),
    "pixels where fractions belong": Case("open-images", oid("a,nut,1,9,2,9"), "far above 1"),
    "fractions that are noise": Case("open-images", oid("a,nut,0.1,left,nan,0.5"), "finite"),
    "an image id that climbs": Case("open-images", oid("../../etc/passwd,nut,0,1,0,1"), "no image for"),
    # names of an export that somebody changed
    "names that climb": Case("images", {"ssd-studio-names.json": {"a.jpg": "../../../etc/passwd"}}, None),
    "names that are too long": Case(
        "images", {"ssd-studio-names.json": {"a.jpg": "x" * 10_000}}, "10000 characters"
    ),
    "names that are no names": Case("images", {"ssd-studio-names.json": b'{"a.jpg": [1], '}, "broken"),
    # photographs
    "a drawing called a photograph": Case("images", {"b.jpg": "<svg onload='alert(1)'/>"}, "not an image"),
    "a page called a photograph": Case(
        "images", {"b.png": "<html><script>alert(1)</script></html>"}, "not an image"
    ),
    "a photograph of zero bytes": Case("images", {"b.jpg": b""}, "empty"),
    "a photograph's name that is HTML": Case("images", {f"{HTML.replace('/', '')}.jpg": (4, 3)}, None),
    "a photograph's name that is SQL": Case("images", {f"{SQL}.jpg": (4, 3)}, None),
    "a photograph's name of two lines": Case("images", {"a\nb\x1b[31m.jpg": (4, 3)}, None),
}
