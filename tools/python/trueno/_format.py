# SPDX-License-Identifier: MIT
"""Arrays as text, as NumPy prints them: shortest digits that tell numbers apart, to a common width, wrapped at 75
columns, and with dots for the middle of long arrays. Knows arrays by their attributes only."""
import builtins
import contextlib
import operator
import struct

OPTIONS = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False}
DEFAULT_TYPES = ("bool", "int64", "float64", "complex128")


def set_printoptions(**options):
    unknown = set(options) - set(OPTIONS)
    if unknown:
        raise TypeError(f"set_printoptions: no option {', '.join(sorted(unknown))}")
    OPTIONS.update({k: v for k, v in options.items() if v is not None})


def get_printoptions():
    return dict(OPTIONS)


@contextlib.contextmanager
def printoptions(*args, **kwds):
    """A context with its own print options."""
    before = get_printoptions()
    set_printoptions(*args, **kwds)
    try:
        yield get_printoptions()
    finally:
        OPTIONS.clear()
        OPTIONS.update(before)


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


def scientific_notation(finite, dtype):
    sizes = [abs(x) for x in finite if x != 0]
    if not sizes:
        return False
    most, least, small = builtins.max(sizes), builtins.min(sizes), 1e-4
    if dtype in LARGE:  # compared in their own type, as NumPy does
        small = rounded(small, dtype)
    ratio = rounded(most / least, dtype) if dtype in LARGE else most / least
    return most >= LARGE.get(dtype, 1e8) or not OPTIONS["suppress"] and (least < small or ratio > 1000)


def fixed(x, dtype):
    """(integer part with sign, fraction) of x to the precision asked for."""
    digits, exponent = shortest(x, dtype)
    precision = OPTIONS["precision"]
    if len(digits) - exponent > precision:
        whole, fraction = f"{abs(x):.{precision}f}".split(".") if precision else (f"{abs(x):.0f}", "")
        fraction = fraction.rstrip("0")
    else:
        digits = "0" * (1 - exponent) + digits if exponent < 1 else digits + "0" * (exponent - len(digits))
        point = builtins.max(exponent, 1)
        whole, fraction = digits[:point], digits[point:].rstrip("0")
    return ("-" if str(x).startswith("-") else "") + whole, fraction


def special(x):
    return "nan" if x != x else "inf" if x > 0 else "-inf"


def exponential_texts(finite, dtype):
    """The numbers with as many digits as the longest of them needs, and exponents of one width."""
    most, digits = OPTIONS["precision"], 0
    for x in finite:
        own = len(shortest(x, dtype)[0]) - 1
        if own > most:
            own = len(f"{abs(x):.{most}e}".split("e")[0].rstrip("0")) - 2
        digits = builtins.max(digits, own)
    parts = [f"{x:.{digits}e}".split("e") for x in finite]
    size = builtins.max(len(e) for _, e in parts)
    return [f"{m if '.' in m else m + '.'}e{e[0]}{e[1:]:0>{size - 1}}" for m, e in parts]


def fixed_texts(finite, dtype):
    parts = [fixed(x, dtype) for x in finite]
    right = builtins.max((len(f) for _, f in parts), default=0)
    return [f"{w}.{f:<{right}}" for w, f in parts]


def float_texts(values, dtype, plus=""):
    finite = [x for x in values if x == x and abs(x) != float("inf")]
    texts = iter(exponential_texts(finite, dtype) if scientific_notation(finite, dtype) else fixed_texts(finite, dtype))
    texts = [next(texts) if x == x and abs(x) != float("inf") else special(x) for x in values]
    texts = [t if t.startswith("-") else plus + t for t in texts]
    width = builtins.max((len(t) for t in texts), default=0)
    return [t.rjust(width) for t in texts]


def complex_texts(values, dtype):
    real = float_texts([z.real for z in values], dtype)
    imag = float_texts([z.imag for z in values], dtype, "+")
    return [f"{r}{i.rstrip()}j{' ' * (len(i) - len(i.rstrip()))}" for r, i in zip(real, imag)]


def element_texts(values, dtype):
    if dtype.kind == "f":
        return float_texts(values, dtype.name)
    if dtype.kind == "c":
        return complex_texts(values, dtype.name)
    texts = [str(x) for x in values]
    width = 5 if dtype.kind == "b" else builtins.max((len(t) for t in texts), default=0)
    return [t.rjust(width) for t in texts]


def shown(a, axis, cut):
    """Nested lists of the elements that are printed, with None where some are left out."""
    if axis == a.ndim:
        return a.item()
    n, edge = a.shape[axis], OPTIONS["edgeitems"]
    if not cut or n <= 2 * edge:
        places = range(n)
    else:
        places = [*range(edge), None, *range(n - edge, n)]
    if not cut:
        return a.tolist()
    return [None if i is None else shown(a[i], 0, cut) for i in places]


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
            line = extend(lines, line, word, width - len(separator.rstrip()), hanging) + separator
        if words:
            line = extend(lines, line, words[-1], width - 1, hanging)
        return "[" + "\n".join([*lines, line])[len(indent):] + "]"
    parts = ["..." if x is None else lay_out(x, texts, axes - 1, indent + " ", width - 1, separator) for x in nested]
    return "[" + (separator.rstrip() + "\n" * (axes - 1) + indent).join(parts) + "]"


def array2string(a, separator=" ", prefix="", suffix=""):
    if a.size == 0:
        return "[]"
    cut = a.size > OPTIONS["threshold"]
    if a.ndim == 0:
        return element_texts([a.item()], a.dtype)[0].strip()
    nested = shown(a, 0, cut)
    texts = iter(element_texts(leaves(nested, []), a.dtype))
    return lay_out(nested, texts, a.ndim, " " * (len(prefix) + 1), OPTIONS["linewidth"] - len(suffix), separator)


def number_str(x, dtype):
    if dtype not in LARGE or x == 0 or x != x or abs(x) == float("inf"):
        return str(x)
    digits, exponent = shortest(x, dtype)
    if 1e-4 <= abs(x) < LARGE[dtype]:
        return repr(float(f"{'-' if x < 0 else ''}0.{digits}e{exponent}"))
    point = "." if len(digits) > 1 else ""
    return f"{'-' if x < 0 else ''}{digits[0]}{point}{digits[1:]}e{exponent - 1:+03d}"


def array_str(a):
    return array2string(a) if a.ndim or a.dtype == "complex64" else number_str(a.item(), a.dtype.name)


def array_repr(a):
    text = array2string(a, ", ", "array(", ")")
    if a.size == 0 and a.shape != (0,):
        text += f", shape={a.shape}"
    elif a.size > OPTIONS["threshold"]:
        text += f", shape={a.shape}"
    if a.dtype.name in DEFAULT_TYPES and a.size:
        return f"array({text})"
    suffix = f"dtype={a.dtype.name})"
    last = text.rsplit("\n", 1)[-1]
    column = len(last) + (6 if "\n" not in text else 0)
    gap = ",\n      " if column + len(suffix) + 2 > OPTIONS["linewidth"] else ", "
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
