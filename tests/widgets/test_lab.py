"""The share inspector in a real JupyterLab: keyboard only, both themes, narrow, and frozen."""

import shutil

import pytest

from mpckernel.widgets.shots import lab, page, run_cell

pytest.importorskip("jupyterlab")
pytest.importorskip("playwright")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine"),
]
CELLS = ["views.show(state(True))", "views.freeze()"]
DARK = {"light": False, "dark": True}


def sentence(shown, text):
    shown.get_by_role("status").filter(has_text=text).first.wait_for()


def brightness(shown):
    script = "e => getComputedStyle(e).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    return sum(shown.locator(".mpc-inspector").evaluate(script)) / 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_person_with_a_keyboard_sees_everything(theme, tmp_path):
    with lab(CELLS, theme) as url, page(url) as shown:
        asked = []
        shown.on("request", lambda request: asked.append(request.url))
        run_cell(shown, 0)
        run_cell(shown, 1)
        shown.wait_for_selector(".mpc-inspector .mpc-sentence")
        assert (brightness(shown) < 128) is DARK[theme]

        boxes = shown.locator(".mpc-inspector input[type=checkbox]")
        boxes.nth(0).focus()
        shown.keyboard.press("Space")
        sentence(shown, "alice alone: still nothing")
        shown.keyboard.press("ArrowRight")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert shown.evaluate(outline) == "solid"
        shown.keyboard.press("Space")
        sentence(shown, "alice and bob together hold every share: now it opens.")
        sentence(shown, "52,100.25")

        cells = shown.locator(".jp-Notebook .jp-CodeCell").count()
        for key in ("a", "b", "d", "d", "m"):
            shown.keyboard.press(key)
        assert shown.locator(".jp-Notebook .jp-CodeCell").count() == cells

        shown.locator(".mpc-button").focus()
        shown.keyboard.press("Enter")
        shown.wait_for_selector(".mpc-word")
        shown.locator(".mpc-inspector").screenshot(path=tmp_path / f"{theme}.png")
        shown.set_viewport_size({"width": 700, "height": 800})  # 1400 pixels at 200 %
        fits = "e => e.scrollWidth <= e.clientWidth"
        assert shown.locator(".mpc-inspector").evaluate(fits)

        shown.set_viewport_size({"width": 1180, "height": 900})
        run_cell(shown, 2)
        shown.locator(".jp-RenderedHTML caption", has_text="Opened by alice and bob").wait_for()
        assert shown.locator(".mpc-inspector").count() == 0
        assert all(u.startswith(("http://127.0.0.1:", "data:", "blob:")) for u in asked)
