"""What mkdocs puts into the pages from other files: the changelog, and the verbs of `planner`."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

PROJECT = Path(__file__).resolve().parent.parent
VERBS = "<!-- verbs -->"
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^"'> ]+"""
    r"""|<link\b(?![^>]*rel=["']?canonical)[^>]*\bhref=["']?(?:https?:)?//[^"'> ]+"""
    r"""|\burl\(["']?(?:https?:)?//[^)]+"""
)
"""What a browser asks another machine for as soon as a page is opened."""


def on_files(files: Files, config: Any) -> Files:
    """Adds CHANGELOG.md, whose links start at the top of the repository."""
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    text = text.replace("](docs/", "](")
    files.append(File.generated(config, "changelog.md", content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Puts every verb of `planner.__all__`, from its docstring, where a page asks for them."""
    if VERBS not in markdown:
        return markdown
    told = (
        f"::: planner.pipeline.{verb}\n    options:\n      heading: planner.{verb}\n"
        for verb in public()
        if not verb.startswith("_")
    )
    return markdown.replace(VERBS, "\n".join(told))


def on_post_build(config: Any) -> None:
    """Fails where a built page would ask anything of the network."""
    site = Path(config["site_dir"])
    asked = [
        f"{path.relative_to(site)}: {found[0]}"
        for path in sorted(site.rglob("*"))
        if path.suffix in {".html", ".css"}
        for found in FETCHED.finditer(path.read_text(encoding="utf-8"))
    ]
    if asked:
        raise PluginError("pages that ask something of the network:\n" + "\n".join(asked))


def public() -> list[str]:
    """`planner.__all__`, read without importing numerics."""
    tree = ast.parse((PROJECT / "planner" / "__init__.py").read_text(encoding="utf-8"))
    for line in tree.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "__all__":
            return list(ast.literal_eval(line.value))
    raise LookupError("planner/__init__.py has no __all__")
