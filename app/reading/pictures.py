"""Pictures known again: a fingerprint that stays nearly the same in a copy that is smaller or packed anew.

By the library imagehash (extra `pictures`): the lowest 16 × 16 frequencies of the grey picture, 256 bits.
"""

import importlib.util
from collections.abc import Sequence
from io import BytesIO
from struct import error as struct_error

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MOST_PIXELS = 20_000_000  # 20 MB as grey; a larger one is a scan or a trap
_FORMATS = ("GIF", "JPEG", "PNG", "WEBP")
_SMALLEST, _FLATTEST = 64, 6.0  # pixels of a side; standard deviation of its grey, of 255
_SIDE = 16
NEAR = 44  # bits of 256: copies, cropped a little or written on, differ by less, other pictures by 100
# What Pillow raises for files that are broken or made to break it.
_BROKEN = (
    OSError, ValueError, TypeError, SyntaxError, EOFError, IndexError, KeyError, OverflowError, MemoryError,
    ZeroDivisionError, struct_error,
)  # fmt: skip


def installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("imagehash") is not None


def fingerprint(content: bytes) -> str:
    """256 bits in hex; empty if it is no picture, too large, or too plain to be known again."""
    import imagehash  # noqa: PLC0415 - an extra
    from PIL import Image  # noqa: PLC0415 - as above

    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS or min(width, height) < _SMALLEST:
                return ""
            picture.draft("L", (512, 512))  # of a JPEG no more is unpacked than is needed
            grey = picture.convert("L").resize((256, 256))
            if float(np.asarray(grey, float).std()) < _FLATTEST:
                return ""
            return str(imagehash.phash(grey, hash_size=_SIDE))
    except (*_BROKEN, Image.DecompressionBombError):
        return ""


def same(fingerprints: Sequence[Sequence[str]]) -> Ints:
    """(n,) of n posts with their pictures: those that show the same share a number; -1: none."""
    owners = [
        (n, one) for n, those in enumerate(fingerprints) for one in dict.fromkeys(those) if len(one) == 64
    ]
    groups = np.full(len(fingerprints), -1, np.int64)
    if len(owners) < 2:
        return groups
    bits = np.unpackbits(np.array([np.frombuffer(bytes.fromhex(one), np.uint8) for _, one in owners]), axis=1)
    ones = bits.astype(np.float32)
    apart = ones @ (1 - ones).T + (1 - ones) @ ones.T
    _, label = connected_components(csr_matrix(apart <= NEAR), directed=False)
    for number in np.unique(label):
        posts = {owners[i][0] for i in np.flatnonzero(label == number)}
        if len(posts) > 1:
            groups[[post for post in posts if groups[post] < 0]] = number
    return groups


def folded(group: Ints, organic: Bools, shared: Ints) -> tuple[Ints, Bools]:
    """(groups, which posts are no repetition), where posts that show one picture are near-duplicates, too.

    All (n,), of posts in the order of their times: the first with a picture is no copy of it. `shared` is as
    `same` gives it.
    """
    group, organic = group.copy(), organic.copy()
    for number in np.unique(shared[shared >= 0]):
        members = np.flatnonzero(shared == number)
        organic[members[1:]] = False
        group[np.isin(group, group[members])] = group[members].min()
    return group, organic
