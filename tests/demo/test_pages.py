"""What the demo leaves behind: each party's own files, and pages that need no network."""

from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from mpckernel.demo import folders, page
from mpckernel.demo.catalogue import DEMOS


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


@pytest.mark.parametrize("number", DEMOS)
def test_a_party_gets_its_own_files_and_no_other(tmp_path: Path, number: str) -> None:
    made = folders.lay_out(tmp_path / "a folder", DEMOS[number].folder)
    tables = 0
    for party in folders.PARTIES:
        names = {p.name for p in made[party].iterdir()}
        assert f"{party}.ipynb" in names
        assert {name.partition(".")[0] for name in names} == {party}
        tables += len(names) - 1
    others = [p for p in made["slides"].iterdir() if p.suffix != ".ipynb"]
    assert len(others) == tables > 0


def test_laying_out_again_starts_afresh(tmp_path: Path) -> None:
    made = folders.lay_out(tmp_path)
    (made["bob"] / "health.mpc").write_text("old")
    folders.lay_out(tmp_path)
    assert not (made["bob"] / "health.mpc").exists()


@pytest.mark.parametrize("name", ["slides", *folders.PARTIES])
@pytest.mark.parametrize("number", DEMOS)
def test_pages_fetch_nothing(name: str, number: str) -> None:
    path = folders.source(DEMOS[number].folder) / f"{name}.ipynb"
    seen = Seen(page.page("title", page.cells(path)))
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
