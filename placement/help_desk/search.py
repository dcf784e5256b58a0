"""The search for entries while a person types. It compares stems of Dutch and English words in memory. So SQLite and
PostgreSQL give the same results.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from re import compile as pattern
from threading import Lock
from typing import NamedTuple

from babel import Locale
from snowballstemmer import algorithms, stemmer

from placement.tables import KnowledgeEntry
from placement.text.catalogue import languages

MOST_FOUND = 8
_NAMES = {language: str(Locale(language).english_name).lower() for language in languages()}
_STEMMERS = {language: stemmer(name) for language, name in _NAMES.items() if name in algorithms()}
_ALONE = Lock()
"""A lock for the stemmer, because only one thread at a time may use it."""
_WORD = pattern(r"[a-z0-9]+")
_EMPTY = frozenset(
    {"de", "het", "een", "en", "of", "in", "op", "te", "van", "voor", "met", "is", "zijn", "er", "dat", "die", "als"}
    | {"aan", "om", "bij", "door", "wie", "wat", "hoe", "the", "a", "an", "and", "or", "to", "on", "for", "are", "it"}
    | {"that", "with", "by", "at", "be", "as", "who", "what", "how"}
)
"""Frequent words that are in every text. They distinguish no entry, so the search ignores them."""
_WHOLE, _BEGIN, _PART = 3, 2, 1
_TITLE = 3
"""The weight of a word in the title. A word in the text has the weight 1."""
_SHORTEST_PART, _SHORTEST_STEM = 4, 3


class Words(NamedTuple):
    """The words of a text, and their stems."""

    plain: frozenset[str]
    stems: frozenset[str]

    def weight_of(self, word: str, stem: str) -> int:
        """Returns the weight of a match between a typed word and the words of a text. The typed word can be a whole
        word, the beginning of a word, or a part of a compound.
        """
        if word in self.plain or stem in self.stems:
            return _WHOLE
        if any(one.startswith(word) for one in self.plain):
            return _BEGIN
        if len(stem) >= _SHORTEST_STEM and any(one.startswith(stem) for one in self.stems):
            return _BEGIN
        return _PART if len(word) >= _SHORTEST_PART and any(word in one for one in self.plain) else 0


def found(entries: Iterable[KnowledgeEntry], typed: str) -> list[KnowledgeEntry]:
    """Returns the entries that match most of the typed words, the best match first."""
    words = [word for word in plain_words(typed) if word not in _EMPTY]
    if not words:
        return []
    fits: list[tuple[int, int, str, KnowledgeEntry]] = []
    for entry in entries:
        weights = [_weight(entry, word) for word in words]
        known = sum(weight > 0 for weight in weights)
        if known:
            fits.append((-known, -sum(weights), entry.id, entry))
    most = min((fit[0] for fit in fits), default=0)
    return [fit[-1] for fit in sorted(fits, key=lambda fit: fit[:3]) if fit[0] == most][:MOST_FOUND]


def plain_words(text: str) -> Sequence[str]:
    """Returns the words of a text in lower case, without accents."""
    letters = unicodedata.normalize("NFD", text.lower())
    return _WORD.findall("".join(one for one in letters if not unicodedata.combining(one)))


def _weight(entry: KnowledgeEntry, word: str) -> int:
    content = entry.content
    return max(
        _TITLE * _weight_in(content.titles, word, language) + _weight_in(content.texts, word, language)
        for language in _STEMMERS
    )


def _weight_in(texts: Mapping[str, str], word: str, language: str) -> int:
    return _words_of(texts.get(language, ""), language).weight_of(word, _stem(word, language))


@lru_cache(maxsize=4096)
def _words_of(text: str, language: str) -> Words:
    plain = frozenset(plain_words(text))
    return Words(plain, frozenset(_stem(word, language) for word in plain))


@lru_cache(maxsize=65536)
def _stem(word: str, language: str) -> str:
    with _ALONE:
        return str(_STEMMERS[language].stemWord(word))
