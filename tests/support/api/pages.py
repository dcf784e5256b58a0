"""A user of the pages without scripts: sees pages, sends their forms, follows redirects."""

import html
import re

from placement.text.catalogue import SOURCE

PRIVATE = "Zilveren Merel"


class Reader:
    """A user with a browser without scripts: sees pages, sends their forms, and follows redirects."""

    def __init__(self, service, role, language="en", number=0):
        self.service, self.language = service, language
        self.person = service.browser(role, number)
        self.cookies, self.page, self.goes_on = {}, None, True
        self.origin = str(service.client.base_url).rstrip("/")

    def get(self, path):
        return self._ask("GET", path)

    def choose_language(self, language):
        """Chooses a language on the page, in a browser that prefers English."""
        self.language = SOURCE
        return self.send("/language", language=language)

    def is_named(self, name):
        self.get("/account")
        self.send("/account/details", name=name, job_title="", telephone="", at_once="all")

    def send(self, action, button=(), files=None, **filled):
        """Sends the first form on the page that goes to `action`, with its hidden fields, the given fields and the
        chosen files.
        """
        there = f'action="{html.escape(action)}"'
        form = next(one for one in re.findall(r"<form.*?</form>", self.page.text, re.DOTALL) if there in one)
        kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        fields = {name: html.unescape(value) for name, value in kept} | filled | dict(button)
        return self._ask("POST", action, {name.replace("__", "."): value for name, value in fields.items()}, files)

    def send_list(self, action, listed, to="", **filled):
        """Sends the form as `send` does, with names that occur several times. `to`: the button's own address."""
        there = f'action="{html.escape(action)}"'
        form = next(one for one in re.findall(r"<form.*?</form>", self.page.text, re.DOTALL) if there in one)
        kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        fields = {}
        for name, value in [*kept, *((one.replace("__", "."), value) for one, value in filled.items())]:
            fields[name] = [html.unescape(value)]
        for name in {name for name, _ in listed}:
            fields[name] = [value for one, value in listed if one == name]
        return self._ask("POST", to or action, fields)

    def sign_in(self):
        self.service.moment.pass_by(seconds=30)
        self.get("/sign-in")
        self.send("/sign-in", email=self.person.email, password=self.person.password)
        return self.send("/sign-in/code", code=self.person.code())

    def verify(self, path):
        """Gives the second factor again on this page."""
        self.service.moment.pass_by(seconds=30)
        self.get(path)
        return self.send("/second-factor", code=self.person.code())

    def _ask(self, method, path, data=None, files=None):
        headers = {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": self.language,
            "Origin": self.origin,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if self.page is not None:
            headers["Referer"] = str(self.page.url)
        answer = self.service.client.request(
            method, path, headers=headers, data=data, files=files, follow_redirects=False
        )
        for set_cookie in answer.headers.get_list("set-cookie"):
            name, _, value = set_cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.page = answer
        require_fields(answer.text)
        if answer.status_code == 303:
            return self.get(answer.headers["location"])
        on = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text) if self.goes_on else None
        return self.get(on[1]) if on else answer


def require_fields(page):
    """Checks that each link of the refusal leads to something on the page, by keys too."""
    _, found, rest = page.partition('<div class="wrong" role="alert"')
    links = re.findall(r'href="#([^"]*)"', rest.partition("</ul>")[0]) if found else []
    assert [link for link in links if f'id="{link}"' not in page] == []


def signed_in(service, role, **how):
    reader = Reader(service, role, **how)
    assert reader.sign_in().status_code == 200
    return reader


def filled(page, form_id):
    """Returns the fields of the form with this id, and their values, as a browser would send them."""
    form = re.search(rf'<form[^>]*id="{form_id}".*?</form>', page, re.DOTALL)[0]
    fields = re.findall(r'<input(?! type="checkbox")[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)
    fields += re.findall(r'type="checkbox" name="([^"]+)" value="([^"]*)" checked', form)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        fields += [(name, value) for value in re.findall(r'value="([^"]*)" selected', options)]
    return {name: html.unescape(value) for name, value in fields}


def fill_in(reader):
    reader.get("/registrations/new")
    return {
        "region": "amsterdam",
        "registrant": "NP",
        "residence_basis": "reflection",
        "alias": PRIVATE,
        "persons__0__gender": "female",
        "persons__0__age": "24",
        "urgency": "1",
        "languages__0__code": "en",
        "languages__0__level": "fluent",
        "accepts_mixed": "yes",
    }
