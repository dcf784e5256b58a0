"""Bodies as other programs write them: packed, in other encodings, with a mark before them, cut within a letter."""

import codecs
import gzip
import json

import pytest

from tests.support.api.service import API, somebody
from tests.support.stores import both_stores

GOOD = json.dumps(somebody()).encode()
SMILE = b"\\ud83d\\ude00"


def send(caller, path, raw, **more):
    headers = {"Content-Type": "application/json", "Accept-Language": "en", **more} | caller.authorization()
    answer = caller.client.request("POST", f"{API}{path}", content=raw, headers=headers)
    return answer, answer.json()


@pytest.mark.parametrize(
    ("raw", "packed", "code", "words"),
    [
        (gzip.compress(GOOD), "gzip", "body_encoded", "gzip"),
        (GOOD, "br, gzip", "body_encoded", "br, gzip"),
        (codecs.BOM_UTF8 + GOOD, "", "malformed_mark", "EF BB BF"),
        (GOOD.decode().encode("utf-16"), "", "malformed_letters", "byte 0"),
        ('{"alias": "Zoë"}'.encode("latin-1"), "", "malformed_letters", "byte 13"),
        (b'{"alias": "cut \\ud83d"}', "", "malformed_half", "half a letter"),
        (b'{"alias": "' + SMILE[6:] + SMILE[:6] + b'"}', "", "malformed_half", "half a letter"),
        (b'{"persons": [["\\uD83D"]]}', "", "malformed_half", "half a letter"),
    ],
)
def test_body_that_no_reader_takes_says_what_to_send(service, raw, packed, code, words):
    headers = {"Content-Encoding": packed} if packed else {}
    answer, said = send(service.coordinator, "/registrations", raw, **headers)
    assert (answer.status_code, said["type"]) == (415 if packed else 400, f"urn:placement:problem:{code}")
    assert words in said["detail"]


@pytest.mark.parametrize("packed", ["identity", ""])
def test_body_with_whole_pairs_and_no_packing_is_taken(service, packed):
    body = json.dumps(somebody(alias="Merel ALIAS")).encode().replace(b"ALIAS", SMILE)
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Encoding": packed}
    answer, made = send(service.coordinator, "/registrations", body, **headers)
    assert (answer.status_code, made["alias"]) == (201, "Merel \U0001f600")


def test_file_that_is_packed_is_refused_as_packed(service):
    packed = {"Content-Encoding": "gzip"}
    answer, said = send(service.desk, "/imports?name=kamers.csv", gzip.compress(b"Kamer"), **packed)
    assert (answer.status_code, said["type"]) == (415, "urn:placement:problem:body_encoded")


@pytest.mark.parametrize("written", ["maybe", "ja", ""])
def test_query_of_yes_or_no_says_so(service, written):
    answer = service.desk.get(f"/second-person-requests?settled={written}")
    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("settled", "not_yes_or_no")]


@pytest.mark.wide
@both_stores
def test_text_with_nul_is_refused_at_its_field(service):
    """PostgreSQL cannot store NUL, which was an internal error of the service there."""
    listed = {"source": "CBS\0", "listed_on": "2026-01-01", "since": "2027-01-01"}
    listed["items"] = [{"code": "0307", "name": "Amersfoort"}, {"code": "0342", "name": "\0"}]
    answer, said = send(service.desk, "/municipalities/list", json.dumps(listed).encode())
    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in said["errors"]] == [
        ("source", "text_not_plain"),
        ("items.1.name", "text_not_plain"),
    ]
    answer, said = send(service.coordinator, "/registrations", json.dumps(somebody(alias="back\\u0000")).encode())
    assert (answer.status_code, said["alias"]) == (201, "back\\u0000")
