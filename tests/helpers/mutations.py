"""CSVs of digits in any dialect, and mutations of them: each takes the bytes of a CSV and a random generator."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable
from random import Random

from stages.ingest.dialects import IDS, INDICES, LABELS, NAMINGS

Mutation = Callable[[bytes, Random], bytes]

BLOCK = 1 << 18  # bytes that the pipeline's reader parses at once
ODD_CELLS = [
    "256", "300", "999", "1000", "65536", "4294967296", "-1", "-0", "+5", "1.0", ".5", "1e2", "1E+2", "nan", "inf",
    "None", "true", "00", "007", "0007", "9", "09", "10", "010", "1'000", "1_0", "0x5", '"5"', "5;6", "label", "pixel0",
    "", " ", " 5", "5 ", "1 000", "\t5", "5\r", "\r5", "\0", "5\0", "1\n2", "\ufeff5", "\u0663", "\uff11", "\xb2",
    "5" * 20_000,
]  # fmt: skip


def random_csv(random: Random, rows: int) -> bytes:
    """Return a CSV with random values, most often valid: half of them in Kaggle's form, half in any dialect."""
    is_kaggles = random.random() < 0.5
    label_side = random.choice(["first", "first", "none"] if is_kaggles else ["first", "last", "none"])
    naming = NAMINGS[0] if is_kaggles else random.choice([*NAMINGS, None])
    lead = random.choice([*IDS, *INDICES]) if naming and not is_kaggles and random.random() < 0.5 else None
    label = "label" if is_kaggles else random.choice(LABELS)
    values = random.choice([range(256)] * 4 + [[0, 0, 0, 9, 255]] * 4 + [[0, 1], [255, 255, 255, 255, 0]])
    lines = [arrange(lead, label, naming, label_side)] if naming else []
    for number in range(rows):
        row_name = None if lead is None else random.choice([str(number), f'"{number}"', f"image_{number}.png"])
        lines.append(arrange(row_name, random.randrange(10), random.choices(values, k=784), label_side))
    text = "".join(f"{line}\n" for line in lines)
    return text.encode() if is_kaggles else write_differently(text, naming is not None, random).encode()


def arrange(lead: str | None, label: object, pixels: list, label_side: str) -> str:
    before = [] if lead is None else [lead]
    cells = {"first": [label, *pixels], "last": [*pixels, label], "none": pixels}[label_side]
    return ",".join(map(str, before + cells))


def write_differently(text: str, has_header: bool, random: Random) -> str:
    """Change what means nothing: the case and the quotes of the names, numbers written 12.0, the last newline."""
    header, newline, rows = text.partition("\n") if has_header else ("", "", text)
    if has_header and random.random() < 0.5:
        header = random.choice([header.upper(), header.title(), ",".join(f'"{name}"' for name in header.split(","))])
    if random.random() < 0.3:
        rows = re.sub(r"(?<=[0-9]),", ".0,", rows, count=random.choice([0, 0, 7]))
    return header + newline + (rows[:-1] if random.random() < 0.3 else rows)


def random_index(content: bytes, random: Random) -> int:
    """Return an index: anywhere, near the border of two of the reader's blocks, or near an end of the file."""
    rows = content.find(b"\n") + 1
    anchors = [random.randrange(len(content) + 1), rows, len(content), 0]
    anchors += list(range(rows + BLOCK, len(content), BLOCK)) * 4
    return min(max(random.choice(anchors) + random.randrange(-6, 7), 0), len(content))


def flip_bit(content: bytes, random: Random) -> bytes:
    i = random_index(content, random)
    return content[:i] + bytes(byte ^ 1 << random.randrange(8) for byte in content[i : i + 1]) + content[i + 1 :]


def replace_byte(content: bytes, random: Random) -> bytes:
    i = random_index(content, random)
    return content[:i] + random.choice([b",", b"\n", b"\r", b"\0", b"0", b"9", random.randbytes(1)]) + content[i + 1 :]


def insert_bytes(content: bytes, random: Random) -> bytes:
    i = random_index(content, random)
    piece = random.choice(
        [b",", b"\n", b"\r", b"\r\n", b"0", b"\xef\xbb\xbf", random.randbytes(random.randrange(1, 9))]
    )
    return content[:i] + piece + content[i:]


def delete_bytes(content: bytes, random: Random) -> bytes:
    i = random_index(content, random)
    return content[:i] + content[i + random.choice([1, 1, 2, 3, 100, 5000]) :]


def replace_cell(content: bytes, random: Random) -> bytes:
    i = random_index(content, random)
    start = max(content.rfind(b",", 0, i), content.rfind(b"\n", 0, i)) + 1
    length = len(content[start : start + 99].replace(b"\n", b",").split(b",")[0])
    return content[:start] + random.choice(ODD_CELLS).encode() + content[start + length :]


def swap_cells(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n")
    n = random.randrange(len(lines))
    cells = lines[n].split(b",")
    i, j = random.randrange(len(cells)), random.randrange(len(cells))
    cells[i], cells[j] = cells[j], cells[i]
    lines[n] = b",".join(cells)
    return b"\n".join(lines)


def copy_piece(content: bytes, random: Random) -> bytes:
    """Copy a piece to another position, where it overwrites the old content or moves it."""
    source, target, length = (
        random_index(content, random),
        random_index(content, random),
        random.choice([1, 4, 50, 3000]),
    )
    return content[:target] + content[source : source + length] + content[target + random.choice([0, length]) :]


def change_lines(content: bytes, random: Random) -> bytes:
    lines = content.splitlines(keepends=True)
    i, j = random.randrange(len(lines)), random.randrange(len(lines))
    random.choice([lambda: lines.insert(j, lines[i]), lambda: lines.pop(i), lambda: lines.insert(i, b"\n")])()
    return b"".join(lines)


def change_line_ends(content: bytes, random: Random) -> bytes:
    ends = random.choice(
        [[b"\r\n"], [b"\r\n"], [b"\n", b"\r\n"], [b"\r"], [b"\n", b"\r"], [b"\r\r\n"], [b"\n\n"], [b""]]
    )
    lines = content.split(b"\n")
    return b"".join(line + random.choice(ends) for line in lines[:-1]) + lines[-1]


def truncate(content: bytes, random: Random) -> bytes:
    return content[: random_index(content, random)]


def rewrite(content: bytes, random: Random) -> bytes:
    """Write the CSV as other programs do."""
    text = content.decode("latin-1")
    other = random.choice([";", "\t", " ", ", ", "|"])
    ways = [
        lambda: b"\xef\xbb\xbf" + content,
        lambda: content.replace(b",", other.encode()),
        lambda: b'"' + content.replace(b",", b'","').replace(b"\n", b'"\n"')[:-1],
        lambda: text.encode(random.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32"])),
        lambda: content + content,
        lambda: content.replace(b",0,", random.choice([b",00,", b",0.0,", b",,", b",0 ,"])),
        lambda: b"".join(line + b",0\n" for line in content.splitlines()),
        lambda: b"".join(b"%d,%b\n" % pair for pair in enumerate(content.splitlines())),
        lambda: content.partition(b"\n")[2],
    ]
    return random.choice(ways)()


def pack(content: bytes, random: Random) -> bytes:
    """Compress by gzip, valid or damaged, or into an archive that the reader rejects."""
    packed = gzip.compress(content, 1)
    i = random.choice([random.randrange(len(packed)), random.randrange(12), len(packed) - 1 - random.randrange(8)])
    cut = random_index(content, random)
    damaged = [
        lambda: packed[:i],
        lambda: packed[:i] + bytes([packed[i] ^ 1 << random.randrange(8)]) + packed[i + 1 :],
        lambda: packed + random.choice([b"\0" * 9, b"garbage", packed, packed[:i]]),
        lambda: gzip.compress(packed),
        lambda: random.choice([bz2.compress, lzma.compress, _zip])(content),
    ]
    members = gzip.compress(content[:cut], 1) + gzip.compress(content[cut:], 1)
    return random.choice([packed, members, random.choice(damaged)()])


def _zip(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("train.csv", content)
    return stream.getvalue()


MUTATIONS: list[Mutation] = [
    flip_bit, replace_byte, insert_bytes, delete_bytes, replace_cell, replace_cell, swap_cells, copy_piece,
    change_lines, change_line_ends, truncate, rewrite,
]  # fmt: skip
