"""Writes normalization.tsv: texts and their normal forms by Python's own Unicode data (here Python 3.11, Unicode 14.0), as code points in hexadecimal.

python3 normalization.py > normalization.tsv
"""

import random
import unicodedata


def without_marks(text):
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.combining(c) == 0))


def words(text):
    return " ".join(f"{ord(c):X}" for c in text)


points = [chr(p) for p in range(0x80, 0x110000) if not 0xD800 <= p < 0xE000 and unicodedata.category(chr(p)) not in ("Cn", "Co")]
telling = [c for c in points if not 0xAC00 <= ord(c) < 0xD7A4 and (unicodedata.combining(c) or unicodedata.normalize("NFKD", c) != c)]
parts = sorted({c for each in telling for c in unicodedata.normalize("NFD", each)} | {chr(p) for p in range(0x1100, 0x1200)})
random.seed(17)
texts = ["".join(telling[i:i + 40]) for i in range(0, len(telling), 40)]
texts += ["".join(points[i:i + 1000:7]) for i in range(0, len(points), 4000)]
for _ in range(600):
    sources = [telling, parts, parts, points, ["a", "e", " "], [chr(p) for p in range(0x300, 0x370)]]
    texts.append("".join(random.choice(random.choice(sources)) for _ in range(random.randrange(1, 12))))
for text in texts:
    print("\t".join(words(each) for each in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFKC", text), without_marks(text))))
