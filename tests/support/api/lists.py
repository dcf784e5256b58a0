"""A list on a page: its rows, its order, and its note about the filter that is on."""

import html
import re

from tests.support.api.page_content import words_of
from tests.support.api.service import somebody

ON, OFF = "A filter is on.", "Clear the filter"


def three_who_wait(service):
    """Registers three clients. In the returned list each waits a day longer than the client before, and the first is
    most urgent.
    """
    service.close_all()
    made = []
    for urgency in (3, 2, 1):
        made.append(service.desk.made("/registrations", somebody(region="den-haag", urgency=urgency))["id"])
        service.moment.pass_by(days=1)
    return made[::-1]


def cases_on(page):
    """Returns the references in this page's links to cases, in their order."""
    return re.findall(r'href="/registrations/(R-[\w-]+)"', page.text)


def note(page):
    """Returns the page's note about the filter that is on."""
    return words_of(page).partition(ON)[2].partition(OFF)[0].strip()


def clearing(page):
    """Returns the address of the list without its filter."""
    return html.unescape(re.search(r'id="filtered">.*?<a href="([^"]+)"', page.text, re.DOTALL)[1])


def sorted_by(page):
    """Returns the heads of columns by which the list is sorted, each with its direction."""
    return re.findall(r'<th scope="col" aria-sort="(\w+)"[^>]*><a [^>]*>([^<]+)<', page.text)


def heads(page):
    """Returns the addresses to which the heads of columns lead."""
    return [html.unescape(one) for one in re.findall(r'<th scope="col"[^>]*><a href="([^"]+)">', page.text)]
