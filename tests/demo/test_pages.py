"""What the demo leaves behind: each party's own files, and pages that need no network."""

from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from mpckernel.demo import folders, page


class Seen(HTMLParser):
    """Tags, and every address that a browser would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("img", "script", "iframe", "link"):
            self.fetched += [v or "" for k, v in attrs if k in ("src", "href")]


def test_a_party_gets_its_own_table_and_no_other(tmp_path: Path) -> None:
    made = folders.lay_out(tmp_path / "a folder")
    for party in folders.PARTIES:
        names = {p.name for p in made[party].iterdir()}
        assert names == {f"{party}.ipynb", f"{party}.csv"}


def test_laying_out_again_starts_afresh(tmp_path: Path) -> None:
    made = folders.lay_out(tmp_path)
    (made["bob"] / "health.mpc").write_text("old")
    folders.lay_out(tmp_path)
    assert not (made["bob"] / "health.mpc").exists()


@pytest.mark.parametrize("name", ["slides", *folders.PARTIES])
def test_pages_fetch_nothing(name: str) -> None:
    seen = Seen(page.page("title", page.cells(folders.source() / f"{name}.ipynb")))
    assert "script" not in seen.tags
    assert all(address.startswith("data:") for address in seen.fetched)
    assert seen.tags.count("h1") == 1


def test_output_is_shown_and_escaped(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("print(1)")
    cell.outputs = [nbformat.v4.new_output("stream", text="<script>1</script>")]
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    assert "&lt;script&gt;1" in page.cells(path)


def test_tables_have_headings() -> None:
    made = page.table("cap", [("", "a"), ("row <1>", "2")])
    assert '<th scope="col">a</th>' in made
    assert '<th scope="row">row &lt;1&gt;</th><td>2</td>' in made
