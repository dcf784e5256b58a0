"""The text and hidden fields of a page."""

import html
import re


def words_of(answer):
    """The text of a page, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def hidden(answer, name):
    """Returns the value of the hidden field with this name."""
    return html.unescape(re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', answer.text)[1])


def faulty(page):
    """The fields of a page at which a fault stands."""
    return {one.removesuffix("-fault") for one in re.findall(r'id="([\w.]+-fault)"', page.text)}
