#!/usr/bin/env python3
"""Random nasty tables, written by Python, as dump_frame reads them and as Python's csv and json, float() and pandas do: compare_frames.py DUMP_FRAME [SEED]

Prints "ok - ..." or "not ok - ..." for each kind, with the first differences below it, and exits 1 if anything differed.
"""
import csv
import io
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

import pandas

MISSING = {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
           "NaN", "n/a", "nan", "null", "None", "\\N"}
PIECES = ["a", "b", "Z", " ", "\t", ",", ";", "|", '"', '""', "'", "\n", "\r\n", "\\", "\u00e4", "\u0130", "\U0001f600", "e\u0301", "\u202e", "0", "1", "-", ".",
          "NA", "null", "#", "=", "\x01", "\ufeff", "x" * 300]
failed = 0


def check(name, differences):
    global failed
    failed += bool(differences)
    print("not ok -" if differences else "ok -", name, flush=True)
    for line in differences[:5]:
        print("#  ", line[:400])


def number(rnd):
    kind = rnd.randrange(8)
    if kind == 0:
        v = struct.unpack("<d", rnd.randbytes(8))[0]
        return repr(v) if math.isfinite(v) else "1.5"
    if kind == 1:
        return f"{rnd.gauss(0, 1):.{rnd.randrange(20)}f}"
    if kind == 2:
        return str(rnd.randrange(-10**rnd.randrange(1, 25), 10**rnd.randrange(1, 25)))
    if kind == 3:
        return f"{rnd.randrange(10**19)}e{rnd.randrange(-340, 320)}"
    if kind == 4:
        return rnd.choice(["inf", "-inf", "Infinity", "+7", ".5", "5.", "-0", "0", "1E5", "1e-5", "007"])
    if kind == 5:
        return f"{rnd.uniform(-1e6, 1e6):.{rnd.randrange(30)}e}"
    return repr(rnd.uniform(-1, 1))


def word(rnd):
    return "".join(rnd.choice(PIECES) for _ in range(rnd.randrange(6)))


def dump(program, path, delimiter):
    out = subprocess.run([program, path, delimiter], capture_output=True)
    if out.returncode:
        raise SystemExit(f"dump_frame: {out.stderr.decode(errors='replace')}")
    return json.loads(out.stdout)


def same_number(text, got):
    want = float(text)
    return got is not None and struct.pack("<d", float(got)) == struct.pack("<d", want)


def compare(rows, frame, kinds):
    bad = []
    for j, column in enumerate(frame["columns"]):
        if len(column["values"]) != len(rows):
            return [f"{len(column['values'])} rows, not {len(rows)}"]
        for i, (row, got) in enumerate(zip(rows, column["values"])):
            want = row[j]
            if want in MISSING:
                right = got is None
            elif kinds[j] == "number":
                right = same_number(want, got)
            else:
                right = got == want
            if not right:
                bad.append(f"row {i}, column {j} ({column['type']}): {want!r} was read as {got!r}")
    return bad


def one_csv(program, rnd, path):
    delimiter, end = rnd.choice(",;\t|"), rnd.choice(["\n", "\r\n"])
    kinds = [rnd.choice(["number", "word"]) for _ in range(rnd.randrange(2, 9))]
    rows = []
    for _ in range(rnd.randrange(1, 3000)):
        rows.append([rnd.choice(["", "NA", "nan"]) if rnd.random() < 0.1 else number(rnd) if k == "number" else "w" + word(rnd) for k in kinds])
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=rnd.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    writer.writerow([f"c{j}" for j in range(len(kinds))])
    writer.writerows(rows)
    data = text.getvalue()
    assert list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))[1:] == rows
    encoding = rnd.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])
    with open(path, "wb") as f:
        f.write(data.encode(encoding))
    bad = compare(rows, dump(program, path, delimiter), kinds)
    if encoding == "utf-8" and not bad:
        bad = against_pandas(program, path, delimiter, kinds)
    return [f"{encoding}, {delimiter!r}: {line}" for line in bad]


def against_pandas(program, path, delimiter, kinds):
    table = pandas.read_csv(path, sep=delimiter, na_values=["None", "\\N"], dtype={f"c{j}": str for j, k in enumerate(kinds) if k == "word"})
    bad = []
    for j, column in enumerate(dump(program, path, delimiter)["columns"]):
        theirs = table[f"c{j}"]
        if kinds[j] == "number" and not pandas.api.types.is_numeric_dtype(theirs):
            continue        # whole numbers beyond 64 bits make pandas keep the column, with its missing values, as text
        missing = sum(v is None for v in column["values"])
        if missing != int(theirs.isna().sum()):
            bad.append(f"column {j}: {missing} missing, pandas {int(theirs.isna().sum())}")
    return bad


def one_json(program, rnd, path):
    rows = []
    with open(path, "w", encoding="utf-8") as f:
        for _ in range(rnd.randrange(1, 1000)):
            row = {"n": rnd.choice([None, rnd.gauss(0, 1), rnd.randrange(-2**53, 2**53), float(number(rnd).replace("inf", "1"))]), "w": "w" + word(rnd)}
            if not math.isfinite(row["n"] or 0):
                row["n"] = None
            if rnd.random() < 0.2:
                del row["n"]
            f.write(json.dumps(row, ensure_ascii=rnd.random() < 0.5) + "\n")
            rows.append(row)
    frame = dump(program, path, ",")
    bad = []
    for column in frame["columns"]:
        for i, (row, got) in enumerate(zip(rows, column["values"], strict=True)):
            want = row.get(column["name"])
            if want is None or column["name"] == "n":
                right = got is None if want is None else got is not None and float(got) == float(want)
            else:
                right = got == want
            if not right:
                bad.append(f"row {i}: {want!r} was read as {got!r} ({column['type']})")
    return bad


def main():
    program, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20261121
    with tempfile.TemporaryDirectory() as folder:
        for name, one, count in (("csv", one_csv, 60), ("jsonl", one_json, 20)):
            bad = []
            for k in range(count):
                bad += [f"seed {seed + k}: {line}" for line in one(program, random.Random(seed + k), os.path.join(folder, "x." + name))]
            check(f"{count} random tables, {name}, pandas {pandas.__version__}", bad)
    return failed > 0


sys.exit(main())
