"""One HTML page from executed notebooks: no script, nothing fetched, light and dark by itself.

Source: nbconvert's basic template for the cells; the style sheet is our own.
"""

import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from pygments.formatters.html import HtmlFormatter

Rows = Sequence[tuple[str, ...]]


def cells(path: Path) -> str:
    """The cells of one notebook, as HTML."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        tags = [_kind(cell.source), "folded"][: 1 + folded]
        cell.metadata["tags"] = tags if cell.cell_type == "code" else []
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.metadata["image/png"] = {"alt": cell.metadata.get("alt", "")}
    exporter = HTMLExporter(template_name="basic", anchor_link_text="")
    body, _ = exporter.from_notebook_node(notebook)
    return re.sub(r'href="(\w+)\.ipynb"', r'href="\1.html"', str(body))


def _kind(source: str) -> str:
    """Joint cell, a named party's cell, a line about the room, or a private cell."""
    for start, kind in (("%%mpc", "joint"), ("%%party", "party"), ("%mpc", "room")):
        if source.startswith(start):
            return kind
    return "private"


def table(caption: str, rows: Rows) -> str:
    """A table with headings; all but the first column to the right."""
    head, *body = rows
    top = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(word)}</td>" for word in rest)
        + "</tr>"
        for first, *rest in body
    )
    return (
        f'<table class="numbers"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )


def page(title: str, *parts: str) -> str:
    """A complete document."""
    light = HtmlFormatter(style="default", nobackground=True).get_style_defs(".highlight")
    dark = HtmlFormatter(style="native", nobackground=True).get_style_defs(".highlight")
    style = (files("mpckernel.demo") / "page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}\n{light}\n"
        f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )
