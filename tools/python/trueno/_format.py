# SPDX-License-Identifier: MIT
"""Arrays as text, as NumPy prints them: shortest digits that tell numbers apart, to a common width, wrapped at 75
columns, and with dots for the middle of long arrays. Knows arrays by their attributes only."""
import builtins
import contextlib
import contextvars
import numbers
import operator
import struct

OPTIONS = contextvars.ContextVar("printing", default={
    "precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False, "nanstr": "nan", "infstr": "inf",
    "formatter": None, "sign": "-", "floatmode": "maxprec", "legacy": False, "override_repr": None})
DEFAULT_TYPES = ("bool", "int64", "float64", "complex128")
FLOAT_MODES = ("fixed", "unique", "maxprec", "maxprec_equal")


def check_options(options):
    if options.get("floatmode") not in (*FLOAT_MODES, None):
        raise ValueError(f"floatmode option must be one of {', '.join(FLOAT_MODES)}")
    if options.get("sign") not in ("-", "+", " ", None):
        raise ValueError("sign option must be one of ' ', '+', or '-'")
    if options.get("legacy") not in (False, None, "1.25", "2.1", "2.2"):
        raise ValueError(f"legacy={options['legacy']!r}: arrays are printed as by NumPy 1.25, 2.1, 2.2, or since, legacy=False")
    threshold = options.get("threshold")
    if threshold is not None:
        if not isinstance(threshold, numbers.Number):
            raise TypeError("threshold must be numeric")
        if threshold != threshold:
            raise ValueError("threshold must be non-NAN, try sys.maxsize for untruncated representation")
    if options.get("precision") is not None:
        try:
            operator.index(options["precision"])
        except TypeError as error:
            raise TypeError("precision must be an integer") from error


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None,
                     formatter=None, sign=None, floatmode=None, *, legacy=None, override_repr=None):
    """How arrays are printed from here on: NumPy's options. formatter and override_repr hold for this call alone."""
    new = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth,
           "suppress": suppress, "nanstr": nanstr, "infstr": infstr, "sign": sign, "floatmode": floatmode, "legacy": legacy}
    check_options(new)
    OPTIONS.set({**OPTIONS.get(), **{k: v for k, v in new.items() if v is not None}, "formatter": formatter,
                 "override_repr": override_repr})


def get_printoptions():
    return dict(OPTIONS.get())


@contextlib.contextmanager
def printoptions(*args, **kwds):
    """A context with its own print options."""
    before = OPTIONS.set(OPTIONS.get())
    try:
        set_printoptions(*args, **kwds)
        yield get_printoptions()
    finally:
        OPTIONS.reset(before)


def rounded(x, dtype):
    """x as the nearest number of a narrow type."""
    if dtype == "bfloat16":  # the upper half of a float32
        bits = int.from_bytes(struct.pack("<f", x), "little")
        near = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16
        return struct.unpack("<f", near.to_bytes(4, "little"))[0]
    format = "e" if dtype == "float16" else "f"
    try:
        return struct.unpack(format, struct.pack(format, x))[0]
    except OverflowError:
        return float("inf")


def shortest(x, dtype):
    """(digits, exponent): |x| = 0.d1d2d3… × 10^exponent in as few digits as tell x from its neighbours."""
    if dtype in ("float64", "complex128"):
        text = repr(x)
        if "e" not in text:
            text = f"{x:.{builtins.max(len(text.strip('-0.').replace('.', '')) - 1, 0)}e}"
    else:
        for n in range(17):
            text = f"{x:.{n}e}"
            if rounded(float(text), dtype) == x:
                break
    mantissa, exponent = text.lstrip("-").split("e")
    return mantissa.replace(".", "").rstrip("0") or "0", int(exponent) + 1


# From here on NumPy prints numbers of a narrow type with an exponent.
LARGE = {"float16": 1e3, "bfloat16": 1e3, "float32": 1e6, "complex64": 1e6}


def scientific_notation(finite, dtype, options):
    sizes = [abs(x) for x in finite if x != 0]
    if not sizes:
        return False
    most, least, small = builtins.max(sizes), builtins.min(sizes), 1e-4
    if dtype in LARGE:  # compared in their own type, as NumPy does
        small = rounded(small, dtype)
    ratio = rounded(most / least, dtype) if dtype in LARGE else most / least
    limit = 1e8 if options["legacy"] else LARGE.get(dtype, 1e8)
    return most >= limit or not options["suppress"] and (least < small or ratio > 1000)


def signed(x, text, sign):
    negative = x < 0 or x == 0 and str(x).startswith("-")
    return ("-" if negative else "+" if sign == "+" else "") + text


def fixed(x, dtype, precision, unique):
    """(integer part, fraction) of |x|: in the digits that tell it apart, but no more than precision, or exactly so many."""
    digits, exponent = shortest(x, dtype)
    if not unique or precision is not None and len(digits) - exponent > precision:
        whole, _, fraction = f"{abs(x):.{precision}f}".partition(".")
        return whole, fraction.rstrip("0") if unique else fraction
    digits = "0" * (1 - exponent) + digits if exponent < 1 else digits + "0" * (exponent - len(digits))
    point = builtins.max(exponent, 1)
    return digits[:point], digits[point:].rstrip("0")


def exponential(x, dtype, precision, unique):
    """(first digit, further digits, exponent with sign) of |x|, in the same way."""
    n = precision
    if unique:
        n = len(shortest(x, dtype)[0]) - 1
        n = n if precision is None else builtins.min(n, precision)
    mantissa, exponent = f"{abs(x):.{n}e}".split("e")
    whole, _, fraction = mantissa.partition(".")
    return whole, fraction.rstrip("0") if unique else fraction, exponent


def exponential_texts(finite, dtype, options):
    """The numbers with as many digits as the longest of them needs, and exponents of one width."""
    precision = None if options["floatmode"] == "unique" else options["precision"]
    unique = options["floatmode"] != "fixed"
    parts = [exponential(x, dtype, precision, unique) for x in finite]
    digits, size = builtins.max(len(p[1]) for p in parts), builtins.max(len(p[2]) for p in parts)
    parts = [exponential(x, dtype, digits, False) for x in finite]  # further digits are the number's, not zeros
    return [f"{signed(x, whole, options['sign'])}.{fraction}e{e[0]}{e[1:]:0>{size - 1}}"
            for x, (whole, fraction, e) in zip(finite, parts)]


def fixed_texts(finite, dtype, options):
    mode = options["floatmode"]
    precision = None if mode == "unique" else options["precision"]
    parts = [fixed(x, dtype, precision, mode != "fixed") for x in finite]
    right = builtins.max((len(f) for _, f in parts), default=0)
    if mode == "maxprec_equal":
        parts = [fixed(x, dtype, right, False) for x in finite]
    return [f"{signed(x, w, options['sign'])}.{f:<{right}}" for x, (w, f) in zip(finite, parts)]


def special(x, options):
    text = options["nanstr"] if x != x else options["infstr"]
    return ("-" if x < 0 else "+" if options["sign"] == "+" else "") + text


def float_texts(values, dtype, options):
    finite = [x for x in values if x == x and abs(x) != float("inf")]
    make = exponential_texts if scientific_notation(finite, dtype, options) else fixed_texts
    made = make(finite, dtype, options)
    if options["sign"] == " " and not any(t.startswith("-") for t in made):
        made = [" " + t for t in made]
    width = builtins.max((len(t) for t in made), default=0)
    made = iter(made)
    texts = [next(made).rjust(width) if x == x and abs(x) != float("inf") else special(x, options) for x in values]
    width = builtins.max((len(t) for t in texts), default=0)
    return [t.rjust(width) for t in texts]


def complex_texts(values, dtype, options):
    real = float_texts([z.real for z in values], dtype, options)
    imag = float_texts([z.imag for z in values], dtype, {**options, "sign": "+"})
    return [f"{r}{i.rstrip()}j{' ' * (len(i) - len(i.rstrip()))}" for r, i in zip(real, imag)]


def integer_texts(values, options):
    sign = options["sign"]
    if sign == " " and builtins.min(values, default=0) < 0:
        sign = "-"
    texts = [f"{x:{sign}d}" for x in values]
    width = builtins.max((len(t) for t in texts), default=0)
    return [t.rjust(width) for t in texts]


# The kinds of elements that a formatter names; the last that it has counts.
FORMATTED = {"b": ("all", "bool"), "i": ("all", "int_kind", "int"), "u": ("all", "int_kind", "int"),
             "f": ("all", "float_kind", "float"), "c": ("all", "complex_kind", "complexfloat")}


def formatter_of(dtype, options):
    """The function that the options name for elements of this type, or None."""
    known = {k: f for k, f in (options["formatter"] or {}).items() if f is not None}
    found = None
    for name in FORMATTED[dtype.kind]:
        found = known.get(name, found)
    return found


def element_texts(values, dtype, options, alone=False):
    if dtype.kind == "f":
        return float_texts(values, dtype.name, options)
    if dtype.kind == "c":
        return complex_texts(values, dtype.name, options)
    if dtype.kind == "b":
        return [str(x) if alone else str(x).rjust(5) for x in values]
    return integer_texts(values, options)


def shown(a, axis, cut, edge):
    """Nested lists of the elements that are printed, with None where some are left out."""
    if axis == a.ndim:
        return a.item()
    n = a.shape[axis]
    if not cut or n <= 2 * edge:
        places = range(n)
    else:
        places = [*range(edge), None, *range(n - edge, n)]
    if not cut:
        return a.tolist()
    return [None if i is None else shown(a[i], 0, cut, edge) for i in places]


def leaves(nested, found):
    for x in nested:
        if isinstance(x, list):
            leaves(x, found)
        elif x is not None:
            found.append(x)
    return found


def extend(lines, line, word, width, indent):
    if len(line) + len(word) > width and len(line) > len(indent):
        lines.append(line.rstrip())
        line = indent
    return line + word


def lay_out(nested, texts, axes, indent, width, separator):
    """Rows in brackets; a line is broken where it would pass width, further levels begin on lines of their own."""
    if axes == 1:
        lines, line, hanging = [], indent, indent
        words = ["..." if x is None else next(texts) for x in nested]
        for word in words[:-1]:
            line = extend(lines, line, word, width - builtins.max(len(separator.rstrip()), 1), hanging) + separator
        if words:
            line = extend(lines, line, words[-1], width - 1, hanging)
        return "[" + "\n".join([*lines, line])[len(indent):] + "]"
    parts = ["..." if x is None else lay_out(x, texts, axes - 1, indent + " ", width - 1, separator) for x in nested]
    return "[" + (separator.rstrip() + "\n" * (axes - 1) + indent).join(parts) + "]"


def laid_out(a, options, separator, prefix, suffix):
    if a.size == 0:
        return "[]"
    cut, formatter = a.size > options["threshold"], formatter_of(a.dtype, options)
    nested = a.item() if a.ndim == 0 else shown(a, 0, cut, options["edgeitems"])
    values = [nested] if a.ndim == 0 else leaves(nested, [])
    texts = [formatter(x) for x in values] if formatter else element_texts(values, a.dtype, options, a.ndim == 0)
    if a.ndim == 0:
        return texts[0]
    return lay_out(nested, iter(texts), a.ndim, " " * (len(prefix) + 1), options["linewidth"] - len(suffix), separator)


def array2string(a, max_line_width=None, precision=None, suppress_small=None, separator=" ", prefix="", *, formatter=None,
                 threshold=None, edgeitems=None, sign=None, floatmode=None, suffix="", legacy=None):
    """a as text. Options that are not given are those of set_printoptions."""
    given = {"linewidth": max_line_width, "precision": precision, "suppress": suppress_small, "formatter": formatter,
             "threshold": threshold, "edgeitems": edgeitems, "sign": sign, "floatmode": floatmode, "legacy": legacy}
    check_options(given)
    options = {**OPTIONS.get(), **{k: v for k, v in given.items() if v is not None}}
    return laid_out(a, options, separator, prefix, suffix)


def number_str(x, dtype):
    if dtype not in LARGE or x == 0 or x != x or abs(x) == float("inf"):
        return str(x)
    digits, exponent = shortest(x, dtype)
    if 1e-4 <= abs(x) < LARGE[dtype]:
        return repr(float(f"{'-' if x < 0 else ''}0.{digits}e{exponent}"))
    point = "." if len(digits) > 1 else ""
    return f"{'-' if x < 0 else ''}{digits[0]}{point}{digits[1:]}e{exponent - 1:+03d}"


def array_str(a, max_line_width=None, precision=None, suppress_small=None):
    if a.ndim == 0 and a.dtype != "complex64":
        return number_str(a.item(), a.dtype.name)
    return array2string(a, max_line_width, precision, suppress_small)


def array_repr(arr, max_line_width=None, precision=None, suppress_small=None):
    a, options = arr, OPTIONS.get()
    if options["override_repr"] is not None:
        return options["override_repr"](a)
    width = options["linewidth"] if max_line_width is None else max_line_width
    text = array2string(a, max_line_width, precision, suppress_small, ", ", "array(", suffix=")")
    extra = []
    if a.size == 0 and a.shape != (0,) or a.size > options["threshold"] and options["legacy"] not in ("1.25", "2.1"):
        extra.append(f"shape={a.shape}")
    if a.dtype.name not in DEFAULT_TYPES or not a.size:
        extra.append(f"dtype={a.dtype.name}")
    if not extra:
        return f"array({text})"
    suffix = ", ".join(extra) + ")"
    last = text.rsplit("\n", 1)[-1]
    column = len(last) + (6 if "\n" not in text else 0)
    gap = ",\n      " if column + len(suffix) + 2 > width else ", "
    return f"array({text}{gap}{suffix}"


def base_repr(number, base=2, padding=0):
    """An integer's digits to a base up to 36, with so many zeros in front."""
    if not 2 <= base <= 36:
        raise ValueError("Bases greater than 36 not handled in base_repr." if base > 36 else
                         "Bases less than 2 not handled in base_repr.")
    n, digits = abs(int(number)), ""
    while n:
        n, digit = divmod(n, base)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    text = "0" * padding + digits or "0"
    return "-" + text if number < 0 else text


def binary_repr(num, width=None):
    """An integer's binary digits; with a width a negative one's two's complement."""
    num = operator.index(num)
    if num == 0:
        return "0" * (width or 1)
    if num > 0 or width is None:
        text = f"{num:b}"
        if width is not None and width < len(text):
            raise ValueError(f"Insufficient bit width={width} provided for binwidth={len(text)}")
        return text.zfill(width or 0)
    need = len(f"{-num - 1:b}") + 1 if num < -1 else 1
    if width < need:
        raise ValueError(f"Insufficient bit width={width} provided for binwidth={need}")
    return f"{num & (1 << width) - 1:b}".zfill(width)
