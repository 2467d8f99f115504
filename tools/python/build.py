# SPDX-License-Identifier: MIT
"""build.py VERSION FOLDER WHEEL: packs FOLDER's package as a wheel (PEP 427), the same bytes for the same files.

Knows nothing of how the extension is built. Needs the standard library only, and no network.
"""
import base64
import hashlib
import pathlib
import sys
import zipfile

METADATA = """Metadata-Version: 2.1
Name: trueno
Version: {version}
Summary: Arrays in the manner of NumPy, computed by the trueno library
License: MIT
Requires-Python: >=3.11
"""
WHEEL = """Wheel-Version: 1.0
Generator: trueno
Root-Is-Purelib: false
Tag: {tag}
"""


def add(archive, name, data, records):
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    records.append(f"{name},sha256={digest},{len(data)}")


def main(version, folder, wheel):
    folder, records, info = pathlib.Path(folder), [], f"trueno-{version}.dist-info"
    tag = pathlib.Path(wheel).name.removesuffix(".whl").split("-", 2)[2]
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in sorted(folder.glob("trueno/*")):
            if path.suffix in (".py", ".so"):
                add(archive, path.relative_to(folder).as_posix(), path.read_bytes(), records)
        add(archive, f"{info}/METADATA", METADATA.format(version=version).encode(), records)
        add(archive, f"{info}/WHEEL", WHEEL.format(tag=tag).encode(), records)
        records.append(f"{info}/RECORD,,")
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (1980, 1, 1, 0, 0, 0)), "\n".join(records) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
