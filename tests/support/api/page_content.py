"""The text and hidden fields of a page."""

import html
import re


def words_of(answer):
    """Returns the text of a page, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def hidden(answer, name):
    """Returns the value of the hidden field with this name."""
    return html.unescape(re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', answer.text)[1])


def faulty(page):
    """Returns the fields of a page that have a fault."""
    return {one.removesuffix("-fault") for one in re.findall(r'id="([\w.]+-fault)"', page.text)}
