"""The widest and the emptiest values of an audience, so that a text which fits these fits everybody; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Readers:
    """Those who read one language on one channel."""

    count: int = 0
    empty: dict[str, int] = field(default_factory=dict)
    """How many have nothing under a name."""
    widest: dict[str, str] = field(default_factory=dict, repr=False)
    """The longest value of each name, whoever has it."""

    def take(self, values: Mapping[str, str]) -> None:
        """Count one more."""
        self.count += 1
        for name, value in values.items():
            if not value.strip():
                self.empty[name] = self.empty.get(name, 0) + 1
            elif len(value.encode()) > len(self.widest.get(name, "").encode()):
                self.widest[name] = value


@dataclass(slots=True)
class Extremes:
    """All of them, by (channel, language)."""

    readers: dict[tuple[str, str], Readers] = field(default_factory=dict)

    def take(self, channel: str, language: str, values: Mapping[str, str]) -> None:
        """Count one recipient."""
        self.readers.setdefault((channel, language), Readers()).take(values)

    def of(self, channel: str, languages: Mapping[str, str]) -> dict[str, Readers]:
        """Join those of one channel by the language of the text that they get."""
        found: dict[str, Readers] = {}
        for (name, language), readers in self.readers.items():
            if name != channel:
                continue
            joined = found.setdefault(languages.get(language, languages[""]), Readers())
            joined.count += readers.count
            for key, count in readers.empty.items():
                joined.empty[key] = joined.empty.get(key, 0) + count
            for key, value in readers.widest.items():
                if len(value.encode()) > len(joined.widest.get(key, "").encode()):
                    joined.widest[key] = value
        return found
