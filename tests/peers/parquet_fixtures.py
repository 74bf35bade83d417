"""parquet_fixtures.py FOLDER -- writes the small Parquet files of tests/data/parquet (and tests/data/fuzz/parquet) with pyarrow; t_parquet.c states
what they hold. All share the rows of `flat`: nine of them, in row groups of four."""
import decimal
import os
import sys

import pyarrow
import pyarrow.parquet

D = decimal.Decimal
ROWS = 9
FLAT = [
    ("truth", pyarrow.bool_(), [True, False, None, True, True, False, False, None, True]),
    ("int8", pyarrow.int8(), [-128, 127, 0, 1, None, 5, 6, 7, 8]),
    ("uint32", pyarrow.uint32(), [4294967295, 0, 1, 2, 3, None, 5, 6, 7]),
    ("uint64", pyarrow.uint64(), [18446744073709551615, 0, 1, 2, 3, 4, 5, 6, None]),
    ("int64", pyarrow.int64(), [-9007199254740993, -1, 0, 1, None, 100, 200, 300, 400]),
    ("half", pyarrow.float16(), [0.5, -2.0, None, 65504.0, 5.9604644775390625e-08, float("inf"), 1.0, 1.0, 1.0]),
    ("float", pyarrow.float32(), [0.5, -2.25, None, 1e10, 1.0, float("-inf"), 3.0, float("nan"), 4.0]),
    ("double", pyarrow.float64(), [0.1, -0.0, 1e308, None, 5e-324, float("nan"), float("inf"), 7.0, 8.0]),
    ("date", pyarrow.date32(), [0, -1, None, 20000, 1, 2, 3, 4, 5]),
    ("ms", pyarrow.timestamp("ms", "UTC"), [0, -1, 1700000000123, None, 1, 2, 3, 4, 5]),
    ("us", pyarrow.timestamp("us"), [0, -1, 1700000000123456, None, 1000, 2000, 3000, 4000, 5000]),
    ("ns", pyarrow.timestamp("ns"), [0, -1000000, 1700000000123456789, None, 1, 2, 3, 4, 5]),
    ("money", pyarrow.decimal128(9, 2), [D("1.25"), D("-1.25"), None, D("9999999.99"), D("0.01"), D("0.10"), D("1.00"), D("2.00"), D("3.00")]),
    ("wide", pyarrow.decimal128(38, 20), [D("0.1"), D("-123456789012345678.00000000000000000001"), None, D(0), D(1), D(2), D(3), D(4), D(5)]),
    ("word", pyarrow.string(), ["red", "", None, "green", "red", "blue", "NA", "green", "red"]),
    ("fixed", pyarrow.binary(3), [b"abc", b"abd", None, b"abc", b"xyz", b"abc", b"abd", b"abc", b"abc"]),
    ("uuid", pyarrow.uuid(), [bytes(range(16)), None] + [bytes(range(16, 32))] * 7),
]


def flat(names=None):
    columns = [c for c in FLAT if not names or c[0] in names]
    arrays = []
    for _, type, values in columns:
        storage = type.storage_type if isinstance(type, pyarrow.BaseExtensionType) else type
        array = pyarrow.array(values, storage)
        arrays.append(pyarrow.ExtensionArray.from_storage(type, array) if storage != type else array)
    return pyarrow.Table.from_arrays(arrays, names=[c[0] for c in columns])


def write(folder, name, table, **options):
    options = dict(row_group_size=4, store_schema=False, write_statistics=False, compression="none", use_dictionary=False) | options
    pyarrow.parquet.write_table(table, os.path.join(folder, name + ".parquet"), **options)


def encoded():
    return {"truth": "RLE", "int8": "DELTA_BINARY_PACKED", "uint32": "DELTA_BINARY_PACKED", "uint64": "DELTA_BINARY_PACKED", "int64": "BYTE_STREAM_SPLIT",
            "half": "BYTE_STREAM_SPLIT", "float": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT", "date": "DELTA_BINARY_PACKED", "ms": "DELTA_BINARY_PACKED",
            "us": "DELTA_BINARY_PACKED", "ns": "PLAIN", "word": "DELTA_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY"}


def nested():
    return pyarrow.table({"plain": pyarrow.array([1, 2, 3]), "list": pyarrow.array([[1], [], [2, 3]]),
                          "map": pyarrow.array([[("a", 1)], [], []], pyarrow.map_(pyarrow.string(), pyarrow.int32())),
                          "pair": pyarrow.array([{"x": 1, "y": "a"}, {"x": 2, "y": "b"}, None]), "last": pyarrow.array(["x", "y", "x"])})


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    seeds = os.path.join(folder, "..", "fuzz", "parquet")
    os.makedirs(seeds, exist_ok=True)
    for name in [c[0] for c in FLAT]:
        for kind, options in (("plain", {}), ("dictionary", {"use_dictionary": True, "compression": "snappy"}), ("encoded", {"compression": "zstd", "data_page_version": "2.0"})):
            if kind == "encoded" and name in encoded():
                options["column_encoding"] = {name: encoded()[name]}
            write(seeds, name + "-" + kind, flat([name]), **options)
    write(folder, "plain", flat())
    write(folder, "dictionary", flat(), use_dictionary=True, compression="snappy")
    write(folder, "encoded", flat(), column_encoding=encoded(), data_page_version="2.0", compression="zstd")
    write(folder, "pages", flat(), data_page_size=1, write_batch_size=1, row_group_size=9, compression="gzip", write_page_checksum=True, store_decimal_as_integer=True)
    write(folder, "lengths", flat(["word"]), column_encoding={"word": "DELTA_LENGTH_BYTE_ARRAY"}, data_page_version="2.0", compression="snappy")
    write(folder, "int96", flat(["us"]), use_deprecated_int96_timestamps=True)
    write(folder, "required", pyarrow.Table.from_arrays([pyarrow.array([3, 1, 2]), pyarrow.array(["a", "b", "a"])],
          schema=pyarrow.schema([pyarrow.field("n", pyarrow.int32(), False), pyarrow.field("w", pyarrow.string(), False)])), use_dictionary=["w"])
    write(folder, "nested", nested())
    write(folder, "empty", flat(["int8", "word"]).slice(0, 0))
    write(folder, "names", pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2]), pyarrow.array([3])], names=["a", "a", "\u202eb\x1b[31m"]))
    write(folder, "lz4", flat(["int8", "word"]), compression="lz4")
    write(folder, "brotli", flat(["int8", "word"]), compression="brotli")


if __name__ == "__main__":
    main()
