"""A program of its own: reads a fax on stdin and writes what it says on stdout, as JSON.

It runs in a process that can be stopped, since a hostile or huge file may keep a decoder busy for ever. Nothing of the
project is imported here, and the libraries (the extra `ocr`) are not imported in the gateway. The answer is
{"pages", "read", "text", "confidence", "how"} or {"missing": what} or {"error": what}.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

DPI = 300
"""What Tesseract wants; a standard fax has 204 across and 98 down (ITU-T T.4), and letters half as high as wide."""
FINE, STANDARD = (204.0, 196.0), (204.0, 98.0)
ENOUGH = 20
"""Letters of a PDF that make its own text worth more than recognising the picture of it."""
MOST_PIXELS = 40_000_000
"""An A3 page at 300 dpi has 17 million."""


def main() -> None:
    """Read stdin; the arguments are languages, pages and seconds."""
    languages, pages, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    content = sys.stdin.buffer.read()
    try:
        answer = read(content, languages, pages, seconds)
    except ImportError as error:
        answer = {"missing": f"Python library {error.name}"}
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like; a person reads the fax then
        answer = {"missing": "tesseract"} if _lacks(error) else {"error": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def read(content: bytes, languages: str, most: int, seconds: float) -> dict[str, Any]:
    """Read the text of a PDF where it has one, else recognise the pictures."""
    if content[:4] in (b"II*\0", b"MM\0*"):
        return _recognised(_frames(content), languages, most, seconds)
    from pypdf import PdfReader  # noqa: PLC0415 - part of an extra

    pdf = PdfReader(io.BytesIO(content))
    texts = [page.extract_text().strip() for page in pdf.pages[:most]]
    if sum(not c.isspace() for text in texts for c in text) >= ENOUGH:
        text = "\n".join(filter(None, texts))
        return {"pages": len(pdf.pages), "read": len(texts), "text": text, "confidence": 100, "how": "pdf"}
    return _recognised(_pictures(pdf), languages, most, seconds) | {"pages": len(pdf.pages)}


def stretched(image: Any, dpi: tuple[float, float]) -> Any:
    """Scale both axes to 300 dpi, so that letters have the form they had on paper."""
    from PIL import Image  # noqa: PLC0415 - part of an extra

    wide, high = (max(1, round(size * DPI / per)) for size, per in zip(image.size, dpi, strict=True))
    shrink = min(1.0, (MOST_PIXELS / (wide * high)) ** 0.5)
    size = (max(1, int(wide * shrink)), max(1, int(high * shrink)))
    return image.convert("L").resize(size, Image.Resampling.LANCZOS)


def resolution(image: Any) -> tuple[float, float]:
    """Dots per inch across and down; where the file is silent, a page wider than high was sent in standard quality."""
    across, down = (float(one) for one in image.info.get("dpi", (0, 0)))
    if across > 50 and down > 50:
        return across, down
    width, height = image.size
    return STANDARD if height < width else FINE


def joined(words: list[str]) -> str:
    """Words of a line; Tesseract parts Chinese characters, which have no space between them."""
    line = ""
    for word in words:
        space = line and not (_wide(line[-1]) or _wide(word[0]))
        line += f" {word}" if space else word
    return line


def _recognised(
    images: Iterator[tuple[Any, tuple[float, float]]], languages: str, most: int, seconds: float
) -> dict[str, Any]:
    texts: list[str] = []
    weights: list[tuple[int, float]] = []
    pages = read_ = 0
    for image, dpi in images:
        pages += 1
        if read_ < most:
            read_ += 1
            text, found = _page(stretched(image, dpi), languages, seconds)
            texts.append(text)
            weights += found
    letters = sum(count for count, _ in weights)
    confidence = sum(count * sure for count, sure in weights) / letters if letters else 0.0
    return {
        "pages": pages,
        "read": read_,
        "text": "\n".join(filter(None, texts)),
        "confidence": round(confidence),
        "how": "ocr",
    }


def _page(image: Any, languages: str, seconds: float) -> tuple[str, list[tuple[int, float]]]:
    import pytesseract  # type: ignore[import-untyped]  # noqa: PLC0415 - part of an extra

    data = pytesseract.image_to_data(
        image,
        lang=languages,
        config=f"--psm 6 --dpi {DPI}",
        timeout=seconds,
        output_type=pytesseract.Output.DICT,
    )
    lines: dict[tuple[int, int, int], list[str]] = {}
    weights = []
    places = zip(data["block_num"], data["par_num"], data["line_num"], data["text"], data["conf"], strict=True)
    for block, paragraph, line, text, sure in places:
        word = text.strip()
        if word and float(sure) >= 0:
            lines.setdefault((block, paragraph, line), []).append(word)
            weights.append((len(word), float(sure)))
    return "\n".join(joined(words) for words in lines.values()), weights


def _frames(content: bytes) -> Iterator[tuple[Any, tuple[float, float]]]:
    from PIL import Image, ImageSequence  # noqa: PLC0415 - part of an extra

    with Image.open(io.BytesIO(content)) as book:
        for frame in ImageSequence.Iterator(book):
            yield frame, resolution(frame)


def _pictures(pdf: Any) -> Iterator[tuple[Any, tuple[float, float]]]:
    """The largest picture of each page; its resolution is that of the page it fills."""
    for page in pdf.pages:
        images = [one.image for one in page.images if one.image is not None]
        if images:
            image = max(images, key=lambda one: one.size[0] * one.size[1])
            wide, high = (float(size) / 72 for size in (page.mediabox.width, page.mediabox.height))
            yield image, (image.size[0] / wide, image.size[1] / high)


def _wide(c: str) -> bool:
    return "\u2e80" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" or "\uff00" <= c <= "\uffef"


def _lacks(error: Exception) -> bool:
    return type(error).__name__ == "TesseractNotFoundError"


if __name__ == "__main__":
    main()
