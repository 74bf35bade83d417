"""parquet_pyarrow.py DUMP [SEED [TABLES]] -- random tables written by pyarrow in every type, encoding, codec and page layout it knows, read by
DUMP (tests/peers/dump_columns), and compared value by value. Prints the seed of a table that differs."""
import decimal
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import uuid

import numpy
import pyarrow
import pyarrow.parquet

MISSING = {b"", b"NA", b"NaN", b"null", b"None", b"nan", b"n/a"}


def milliseconds(value, unit):
    scale = {"s": 1, "ms": 1, "us": 1000, "ns": 1000000}[unit]
    value = value * 1000 if unit == "s" else value
    quotient, rest = abs(value) // scale, abs(value) % scale
    v = float(quotient) + rest / float(scale)
    return -v if value < 0 else v


def words(r, n):
    kind = r.randrange(4)
    if kind == 0:
        return [r.choice(["red", "green", "blue", "", "NA", "ünï"]) for _ in range(n)]
    if kind == 1:
        return ["key/%08d/%s" % (i + r.randrange(3), "x" * r.randrange(9)) for i in range(n)]
    if kind == 2:
        return ["w%d" % r.randrange(5000) for _ in range(n)]
    return ["".join(r.choice("abc ") for _ in range(r.randrange(40))) for _ in range(n)]


def whole(r, n, bits, signed):
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    kind = r.randrange(4)
    if kind == 0:
        return [r.randint(low, high) for _ in range(n)]
    if kind == 1:
        return [min(high, i * r.randrange(1, 3) % (high + 1)) for i in range(n)]
    if kind == 2:
        return [r.choice([low, high, 0, 1]) for _ in range(n)]
    return [r.randrange(0, 100) for _ in range(n)]


def reals(r, n):
    kind = r.randrange(3)
    if kind == 0:
        return [r.gauss(0, 1) for _ in range(n)]
    if kind == 1:
        return [r.choice([0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 5e-324, 1.5]) for _ in range(n)]
    return [r.randrange(10) / 4 for _ in range(n)]


def decimals(r, n, precision, scale):
    with decimal.localcontext() as c:
        c.prec = 80
        top = 10 ** precision - 1
        return [decimal.Decimal(r.randint(-top, top)).scaleb(-scale) for _ in range(n)]


def text_of(v):
    return None if v is None or v in MISSING else v


def column(r, i, n):
    kind = r.randrange(16)
    name = "c%d" % i
    if kind == 0:
        return name, pyarrow.bool_(), [r.random() < r.choice([0.5, 0.01]) for _ in range(n)], float, "bool"
    if kind == 1:
        bits, signed = r.choice([8, 16, 32, 64]), r.random() < 0.6
        type = getattr(pyarrow, ("int" if signed else "uint") + str(bits))()
        return name, type, whole(r, n, bits, signed), float, "int64" if bits == 64 else "int32"
    if kind == 2:
        return name, pyarrow.float32(), [float(numpy.float32(v if v != 1e308 else 3e38)) for v in reals(r, n)], float, "float"
    if kind in (3, 4):
        return name, pyarrow.float64(), reals(r, n), float, "double"
    if kind == 5:
        return name, pyarrow.float16(), [numpy.float16(r.choice([v, 6e-8, 65504, math.inf]) if abs(v) < 6e4 else 1) for v in reals(r, n)], float, "fixed"
    if kind == 6:
        return name, pyarrow.date32(), whole(r, n, 20, True), lambda v: v * 86400e3, "int32"
    if kind in (7, 8):
        unit, zone = r.choice(["s", "ms", "us", "ns"]), r.choice([None, "UTC", "Europe/Berlin"])
        return name, pyarrow.timestamp(unit, zone), whole(r, n, {"s": 32, "ms": 42, "us": 52, "ns": 62}[unit], True), lambda v: milliseconds(v, unit), "int64"
    if kind == 9:
        unit = r.choice(["ms", "us", "ns"])
        day = {"ms": 86400000, "us": 86400000000, "ns": 86400000000000}[unit]
        type = pyarrow.time32(unit) if unit == "ms" else pyarrow.time64(unit)
        return name, type, [r.randrange(day) for _ in range(n)], lambda v: milliseconds(v, unit), "int32" if unit == "ms" else "int64"
    if kind == 10:
        precision = r.choice([4, 9, 15, 18, 25, 38, 60, 76])
        scale = r.randrange(0, precision + 1)
        type = pyarrow.decimal128(precision, scale) if precision <= 38 else pyarrow.decimal256(precision, scale)
        return name, type, decimals(r, n, precision, scale), float, "decimal"
    if kind == 11:
        width = r.choice([1, 4, 16])
        return name + "_s", pyarrow.binary(width), [bytes(r.randrange(65, 70) for _ in range(width)) for _ in range(n)], text_of, "fixed"
    if kind == 12:
        return name + "_s", pyarrow.binary(), [bytes(r.randrange(256) for _ in range(r.randrange(6))) for _ in range(n)], text_of, "bytes"
    if kind == 13:
        return name + "_s", pyarrow.uuid(), [uuid.UUID(int=r.getrandbits(128)).bytes for _ in range(n)], lambda v: str(uuid.UUID(bytes=v)).encode(), "fixed"
    return name + "_s", r.choice([pyarrow.string(), pyarrow.large_string()]), words(r, n), lambda v: text_of(v.encode()), "bytes"


ENCODINGS = {
    "bool": ["PLAIN", "RLE"], "int32": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"], "int64": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "float": ["PLAIN", "BYTE_STREAM_SPLIT"], "double": ["PLAIN", "BYTE_STREAM_SPLIT"], "bytes": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "fixed": ["PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"], "decimal": ["PLAIN"]}


def table(r):
    n = r.choice([0, 1, 2, 7, 8, 9, 100, 1000, r.randrange(3000), r.randrange(20000)])
    fields, arrays, expected, encodings, dictionary = [], [], {}, {}, []
    for i in range(r.randrange(1, 9)):
        name, type, values, expect, physical = column(r, i, n)
        share = r.choice([0, 0, 0.1, 0.9, 1])
        nullable = share > 0 or r.random() < 0.5
        if share:
            values = [None if r.random() < share else v for v in values]
        if r.random() < 0.4:
            dictionary.append(name)
        else:
            encodings[name] = r.choice(ENCODINGS[physical])
        fields.append(pyarrow.field(name, type, nullable))
        storage = type.storage_type if isinstance(type, pyarrow.BaseExtensionType) else type
        array = pyarrow.array(values, storage)
        arrays.append(pyarrow.ExtensionArray.from_storage(type, array) if storage != type else array)
        expected[name] = [None if v is None else expect(v) for v in values]
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields)), expected, encodings, dictionary


def write(r, path, t, encodings, dictionary):
    options = dict(compression=r.choice(["none", "snappy", "gzip", "zstd"]), data_page_version=r.choice(["1.0", "2.0"]), version=r.choice(["1.0", "2.4", "2.6"]),
                   data_page_size=r.choice([64, 1000, 20000, 1 << 20]), write_batch_size=r.choice([1, 10, 1000]), write_statistics=r.random() < 0.7,
                   row_group_size=max(1, r.choice([t.num_rows, t.num_rows // 3 + 1, 100 if t.num_rows < 5000 else 3000])), write_page_index=r.random() < 0.3,
                   write_page_checksum=r.random() < 0.4, dictionary_pagesize_limit=r.choice([100, 1 << 20]), store_decimal_as_integer=r.random() < 0.5,
                   use_dictionary=dictionary)
    stamps = [f.name for f in t.schema if pyarrow.types.is_timestamp(f.type)]
    if stamps and r.random() < 0.3:
        options["use_deprecated_int96_timestamps"] = True
        for name in stamps:
            encodings.pop(name, None)
    if stamps:      # older versions have no nanoseconds
        options["version"] = "2.6"
    if encodings:
        options["column_encoding"] = encodings
    pyarrow.parquet.write_table(t, path, **options)
    return options


def read(dump, path, arguments):
    done = subprocess.run([dump, path, *arguments], capture_output=True)
    if done.returncode:
        raise RuntimeError("exit %d: %s" % (done.returncode, done.stderr.decode()))
    data, at, out = done.stdout, 0, {}
    while at < len(data):
        end = data.index(b"\n", at)
        line, at = data[at:end].split(b" "), end + 1
        if line[0] == b"note":
            continue
        name, type, (integer, n, missing, nan, inf, count) = bytes.fromhex(line[1].decode()).decode(), line[2].decode(), map(int, line[3:])
        if type in ("categorical", "text"):
            codes = numpy.frombuffer(data, "<u4", n, at)
            at += 4 * n
            values = []
            for _ in range(count):
                (size,) = struct.unpack_from("<I", data, at)
                values.append(data[at + 4:at + 4 + size])
                at += 4 + size
            out[name] = [None if c == 0xFFFFFFFF else values[c] for c in codes], missing, nan, inf
            seen = [int(c) for c in codes if c != 0xFFFFFFFF]
            assert list(dict.fromkeys(seen)) == list(range(count)), "codes are not in the order of first sight"
        else:
            out[name] = numpy.frombuffer(data, "<f8", n, at).tolist(), missing, nan, inf
            at += 8 * n
    return out


def same(want, have):
    if want is None:
        return have is None or have != have
    if isinstance(want, bytes):
        return want == have
    if want != want:
        return have != have
    return want == have and math.copysign(1, want) == math.copysign(1, have) or abs(want) > 1e9 and abs(want - have) <= abs(want) * 2e-16


def compare(expected, got, where):
    if list(expected) != list(got):
        return "%s: columns %s, not %s" % (where, list(got), list(expected))
    for name, want in expected.items():
        have, missing, nan, inf = got[name]
        if len(want) != len(have):
            return "%s: %s has %d rows, not %d" % (where, name, len(have), len(want))
        for i, (a, b) in enumerate(zip(want, have)):
            if not same(a, b):
                return "%s: %s row %d: %r, not %r" % (where, name, i, b, a)
        nans = sum(1 for v in want if isinstance(v, float) and v != v)
        empty = sum(1 for v in want if v is None)
        infinite = sum(1 for v in want if isinstance(v, float) and math.isinf(v))
        if (missing, nan, inf) != (empty + nans, nans, infinite):
            return "%s: %s counts %s, not %s" % (where, name, (missing, nan, inf), (empty + nans, nans, infinite))
    return None


def one(dump, seed, path):
    r = random.Random(seed)
    t, expected, encodings, dictionary = table(r)
    options = write(r, path, t, encodings, dictionary)
    got = read(dump, path, [r.choice(["1", "2", "5"])])
    wrong = compare(expected, got, "seed %d" % seed)
    if not wrong:
        some = r.sample(list(expected), r.randrange(1, len(expected) + 1))
        wrong = compare({k: v for k, v in expected.items() if k in some}, read(dump, path, ["2", *some]), "seed %d, columns %s" % (seed, some))
    if wrong:
        print("not ok -", wrong, options)
    return not wrong, t.num_rows * t.num_columns


def main():
    dump = sys.argv[1]
    first, count = int(sys.argv[2]) if len(sys.argv) > 2 else 1, int(sys.argv[3]) if len(sys.argv) > 3 else 150
    good = values = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            try:
                ok, n = one(dump, seed, os.path.join(folder, "t.parquet"))
            except RuntimeError as wrong:
                ok, n = False, 0
                print("not ok - seed %d: %s" % (seed, wrong))
            good, values = good + ok, values + n
    print("%s - parquet: %d of %d tables (%d values) read as pyarrow %s wrote them" % ("ok" if good == count else "not ok", good, count, values, pyarrow.__version__))
    return good != count


if __name__ == "__main__":
    sys.exit(main())
