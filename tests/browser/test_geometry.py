"""The check of layouts: finds each fault that it is for, and no fault on a sound page."""

import pytest

from tests.support.browser.geometry import faults_of, write_longer
from tests.support.browser.reader import PHONE
from tests.support.browser.resources import DESK

SOUND = """<style>* { box-sizing: border-box } body { font: 16px sans-serif; overflow-wrap: break-word }
  .press, li a { display: inline-block; min-height: 44px; min-width: 44px } .unseen { position: absolute; width: 1px;
  height: 1px; overflow: hidden; clip-path: inset(50%%); white-space: nowrap } .over { position: fixed; top: 0 }
  .scroll { overflow-x: auto } .scroll td { white-space: nowrap }</style>
<h1>A heading <span class="unseen">with more to it for a screen reader</span></h1>
<p>A sentence with <a href="/there">a link</a> in it.</p><ul><li><a href="/there">A link alone</a></ul>
<div class="scroll"><table><tr><td>%s<td>12</table></div><button class="press">Go on</button>
<div class="over">Lies over the page on purpose</div>""" % ("A cell of a long row. " * 40)

BROKEN = {
    "overlap": '<p style="margin: 0 0 -1.2em">One line of text</p><p style="margin: 0">and another over it</p>',
    "overlap with input": '<p style="margin: 0 0 -2em">One line of text</p><input style="height: 44px; width: 9em">',
    "cut": '<p style="width: 5em; overflow: hidden; white-space: nowrap">Words that go on and on</p>',
    "cut by height": '<p style="width: 12em; height: 1em; overflow: hidden">Words that go on and on and on</p>',
    "cut by dots": '<p style="width: 5em; overflow: hidden; text-overflow: ellipsis"><nobr>A long line</nobr></p>',
    "cut value": '<input class="press" style="width: 5em" value="a value that is longer">',
    "cut choice": '<select class="press" style="width: 5em"><option>a choice that is longer</select>',
    "spills": '<p style="width: 5em; border: 1px solid"><b style="white-space: nowrap">Words that go on</b></p>',
    "narrow": '<table style="width: 50px; table-layout: fixed"><tr><td>one two six</table>',
    "narrow in a grid": '<div style="display: grid; grid-template-columns: 60px 1fr"><p>Words too</p><p>a</p></div>',
    "broken": '<p style="width: 9ch">Zorgcoordinator</p>',
    "small": '<p><a href="/there" style="display: inline-block; height: 20px">A link</a></p>',
    "small button": '<button style="height: 32px; width: 60px; padding: 0">Yes</button>',
    "small box": '<label><input type="checkbox"> yes</label>',
}


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.wide
def test_sound_page_has_no_fault(page):
    page.set_content(SOUND)
    assert faults_of(page) == []
    write_longer(page)
    assert faults_of(page) == []
    assert "[!!" in page.locator("h1").inner_text()


@pytest.mark.wide
@pytest.mark.parametrize("name", BROKEN)
def test_fault_is_found(name, page):
    page.set_content(SOUND + BROKEN[name])
    kinds = {fault.split(": ")[1] for fault in faults_of(page)}
    assert kinds == {name.split()[0]}


@pytest.mark.wide
def test_small_target_is_a_fault_of_a_phone_alone(page):
    page.set_content(SOUND + BROKEN["small button"])
    assert {fault.split(":")[0] for fault in faults_of(page)} == {str(PHONE["width"])}


@pytest.mark.wide
def test_long_handle_fits_the_headings_of_a_phone(reader, things):
    """The handle of a case is random: a long handle is written over it."""
    paths = (f"/registrations/{things['held']}/legal-hold", f"/registrations/{things['draft']}/check")
    for path in paths:
        page = reader(DESK, language="nl", viewport=PHONE).go(path)
        assert page.locator("h1 .handle").count() == 1
        page.evaluate("document.querySelector('h1 .handle').textContent = 'regenachtige sneeuwschuiver'")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
