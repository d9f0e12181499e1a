"""How the words of a rule are found in a plain text: by substring wherever that is enough, because it is quickest."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

from router.plain import plain

_PIECE = re.compile(r"\{(\w+)\}")
_GAP = re.compile(r"(\.{2,3})")
_LATIN = re.compile(r"[a-z0-9]+")
_LETTER = re.compile(r"[a-z]")
_ENDS = re.compile(r"[。!?;\n]")
# So many places of one list are enough; a text that repeats a word a thousand times must not cost a million looks.
_PLACES = 40
# Chinese says in 14 characters what English says in 45.
_NEAR = {"..": (14, 45), "...": (50, 140)}

Spot = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Alternatives:
    """Words of which any may stand; `stems` are the words without the star that allows any ending."""

    stems: tuple[str, ...]
    open_ended: tuple[bool, ...]


class Index:
    """All Chinese words of a table by their first two characters: one walk over a text finds those that stand in it."""

    __slots__ = ("_by_start",)

    def __init__(self) -> None:
        self._by_start: dict[str, list[str]] = {}

    def add(self, words: Iterable[str]) -> None:
        """Take up words that are not yet in it."""
        for word in words:
            known = self._by_start.setdefault(word[:2], [])
            if word not in known:
                known.append(word)

    def standing_in(self, text: str) -> frozenset[str]:
        """The words that stand in the text."""
        starts = self._by_start.keys() & {text[at : at + 2] for at in range(len(text))}.union(text)
        return frozenset(word for start in starts for word in self._by_start[start] if word in text)


class Searched:
    """A plain text, with notes of what was already looked for in it, because lists are shared between rules."""

    __slots__ = ("_known", "_standing", "has_letters", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = frozenset(_LATIN.findall(text))
        self.has_letters = _LETTER.search(text) is not None
        self._known: dict[Alternatives, list[Spot]] = {}
        self._standing: dict[Index, frozenset[str]] = {}

    def standing(self, index: Index) -> frozenset[str]:
        """The words of the index that stand in the text."""
        if index not in self._standing:
            self._standing[index] = index.standing_in(self.text)
        return self._standing[index]

    def spots(self, words: Alternatives) -> list[Spot]:
        """Where any of the words stands, as (start, end)."""
        known = self._known.get(words)
        if known is None:
            text, known = self.text, []
            for stem, open_ended in zip(words.stems, words.open_ended, strict=True):
                if stem in text:
                    known.extend(islice(self.places(stem, open_ended=open_ended), _PLACES))
            self._known[words] = known[:_PLACES]
        return self._known[words]

    def places(self, stem: str, *, open_ended: bool) -> Iterator[Spot]:
        """Where a word stands alone."""
        at = self.text.find(stem)
        while at >= 0:
            end = at + len(stem)
            if self._stands_alone(at, end, open_ended=open_ended):
                yield at, end
            at = self.text.find(stem, at + 1)

    def _stands_alone(self, start: int, end: int, *, open_ended: bool) -> bool:
        """Latin words have borders ("down" is not in "download"); Chinese has none."""
        text = self.text
        if start and _is_latin(text[start]) and _is_latin(text[start - 1]):
            return False
        return open_ended or end == len(text) or not (_is_latin(text[end - 1]) and _is_latin(text[end]))


@dataclass(frozen=True, slots=True)
class Chain:
    """Lists of words of which one each stands in the text, in this order, close together in one sentence."""

    lists: tuple[Alternatives, ...]
    near: tuple[int, ...]
    """The most characters between one and the next."""

    def find(self, searched: Searched) -> str | None:
        """The part of the text that matches, or None."""
        ways = searched.spots(self.lists[0])
        for near, words in zip(self.near, self.lists[1:], strict=True):
            ways = ways and [
                (start, there[1])
                for there in searched.spots(words)
                for start, end in ways
                if end <= there[0] <= end + near and not _ENDS.search(searched.text, end, there[0])
            ]
        return searched.text[ways[0][0] : ways[0][1]] if ways else None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression over the plain text."""

    exact: re.Pattern[str]

    def find(self, searched: Searched) -> str | None:
        """The part of the text that matches, or None."""
        found = self.exact.search(searched.text)
        return found.group().strip() if found else None


@dataclass(frozen=True, slots=True)
class Words:
    """Words of which any may stand: Chinese ones, single Latin words, Latin phrases, and all others by a finder."""

    index: Index = field(repr=False)
    pieces: frozenset[str]
    tokens: frozenset[str]
    phrases: tuple[tuple[str, bool, str], ...]
    """With letters in them; whether any ending will do; the whole word that must be in the text, or ""."""
    finders: tuple[Chain | Pattern, ...] = field(repr=False)

    def __bool__(self) -> bool:
        return bool(self.pieces or self.tokens or self.phrases or self.finders)

    def found(self, searched: Searched) -> Iterator[str]:
        """The words that stand in the text."""
        text = searched.text
        if self.pieces:
            yield from sorted(self.pieces & searched.standing(self.index), key=_longest_first)
        if self.tokens:
            yield from sorted(self.tokens & searched.tokens, key=_longest_first)
        if searched.has_letters:
            for stem, open_ended, first in self.phrases:
                if (
                    (not first or first in searched.tokens)
                    and stem in text
                    and next(searched.places(stem, open_ended=open_ended), None)
                ):
                    yield stem
        for finder in self.finders:
            part = finder.find(searched)
            if part is not None:
                yield part


class Compiler:
    """Makes the words of rules ready; a list that several rules name is made once."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._lists = lists
        self._index = Index()
        self._made: dict[str, Alternatives] = {}

    def words(self, words: Iterable[str]) -> Words:
        """Words of a rule made ready; raises ValueError for an unknown list or a bad regular expression."""
        finders: list[Chain | Pattern] = []
        plain_ones: dict[str, None] = {}
        for word in words:
            if len(word) > 2 and word.startswith("/") and word.endswith("/"):
                finders.append(Pattern(_compiled(word[1:-1])))
            elif _GAP.search(word):
                finders.append(self._chain(word))
            else:
                plain_ones.update(dict.fromkeys(self._choices(word)))
        return self._sorted_out(plain_ones, finders)

    def _sorted_out(self, words: Iterable[str], finders: list[Chain | Pattern]) -> Words:
        pieces, tokens, phrases = set(), set(), []
        for word in words:
            stem = word.rstrip("*")
            if _LATIN.fullmatch(word):
                tokens.add(word)
            elif not (_is_latin(stem[0]) or _is_latin(stem[-1])):
                pieces.add(stem)
            elif _LETTER.search(stem):
                phrases.append((stem, stem != word, _first_word(stem)))
            else:
                finders.append(Chain(lists=(self._alternatives(word),), near=()))
        self._index.add(pieces)
        return Words(
            index=self._index,
            pieces=frozenset(pieces),
            tokens=frozenset(tokens),
            phrases=tuple(phrases),
            finders=tuple(finders),
        )

    def _chain(self, word: str) -> Chain:
        pieces = [piece.strip() for piece in _GAP.split(word)]
        lists = tuple(self._alternatives(piece) for piece in pieces[::2])
        near = (
            _NEAR[gap][_is_latin(before.stems[0][-1]) and _is_latin(after.stems[0][0])]
            for gap, before, after in zip(pieces[1::2], lists, lists[1:], strict=False)
        )
        return Chain(lists=lists, near=tuple(near))

    def _alternatives(self, piece: str) -> Alternatives:
        if piece not in self._made:
            choices = self._choices(piece)
            self._made[piece] = Alternatives(
                stems=tuple(choice.rstrip("*") for choice in choices),
                open_ended=tuple(choice.endswith("*") for choice in choices),
            )
        return self._made[piece]

    def _choices(self, piece: str) -> tuple[str, ...]:
        """The words that a piece stands for: itself, or with each word of the lists that it names."""
        unknown = [name for name in _PIECE.findall(piece) if name not in self._lists]
        if unknown or not piece.strip("* "):
            raise ValueError(f"{piece!r} names a list of words that is not there")
        parts = _PIECE.split(piece)
        options = [self._lists[part] if at % 2 else (part,) for at, part in enumerate(parts)]
        return tuple(dict.fromkeys(plain("".join(chosen)) for chosen in product(*options)))


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as wrong:
        raise ValueError(f"{pattern!r} is no regular expression: {wrong}") from wrong


def _first_word(stem: str) -> str:
    """The word that a phrase begins with, when another sign follows it; a phrase never begins within a word."""
    found = _LATIN.match(stem)
    return found.group() if found and found.end() < len(stem) else ""


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
