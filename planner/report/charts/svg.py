"""From a chart to the SVG that stands in a page: small, the same bytes each time, described."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from planner.errors import printable
from planner.report.charts.style import Spec

_SVG = "http://www.w3.org/2000/svg"
_KEPT_ON_ROOT = {"viewBox", "width", "height"}
# For programs that walk Vega's scene; the page describes each chart in words instead.
_DROPPED = {
    "class", "role", "aria-hidden", "aria-label", "aria-roledescription", "pointer-events",
    "stroke-miterlimit",
}  # fmt: skip
_PLACES = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"}
_LONG_NUMBER = re.compile(r"-?\d*\.\d{3,}(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def draw(spec: Spec, key: str, title: str, alt_text: str) -> str:
    """Chart as an SVG element with a title and a description, its ids starting with `key`.

    The renderer numbers its ids on and on within a process; renamed by chart they are the same
    in every run and unique within a page.
    """
    import vl_convert

    version = spec["$schema"].rpartition("/v")[2].removesuffix(".json").rpartition(".")[0]
    root = ET.fromstring(vl_convert.vegalite_to_svg(_drawable(spec), vl_version=version))
    _drop_invisible(root)
    renamed: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib:
            renamed[element.attrib["id"]] = f"{key}-{len(renamed)}"
    for element in root.iter():
        element.attrib = {
            name: _tidied(name, value, renamed)
            for name, value in element.attrib.items()
            if name not in _DROPPED
        }
    described = {"role": "img", "aria-labelledby": f"{key}-title {key}-desc"}
    root.attrib = {k: v for k, v in root.attrib.items() if k in _KEPT_ON_ROOT} | described
    for place, (name, text) in enumerate((("title", title), ("desc", alt_text))):
        words = ET.Element(f"{{{_SVG}}}{name}", {"id": f"{key}-{name}"})
        words.text = _drawable(text)
        root.insert(place, words)
    ET.register_namespace("", _SVG)
    return ET.tostring(root, encoding="unicode")


def _drawable(value: Any) -> Any:
    """The same with characters that no XML holds as visible escapes, in keys too.

    The renderer does not raise at one: it ends the whole process.
    """
    if isinstance(value, str):
        return _NOT_XML.sub(lambda found: printable(found[0]), value)
    if isinstance(value, dict):
        return {_drawable(key): _drawable(each) for key, each in value.items()}
    return [_drawable(each) for each in value] if isinstance(value, list) else value


def _tidied(name: str, value: str, renamed: dict[str, str]) -> str:
    if name == "id":
        return renamed[value]
    if name in _PLACES:
        return _LONG_NUMBER.sub(_short, value)
    return _REFERENCE.sub(lambda m: f"url(#{renamed[m[1]]})", value)


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _drop_invisible(parent: ET.Element) -> None:
    for child in list(parent):
        empty = child.tag.endswith("}path") and not child.get("d")
        hollow = child.get("class") == "background" and not {"fill", "stroke"} & set(child.attrib)
        if child.get("display") == "none" or empty or hollow:
            parent.remove(child)
        else:
            _drop_invisible(child)
