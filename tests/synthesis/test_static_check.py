"""The static check rejects early and clearly, and remarks on the rest."""

from __future__ import annotations

import pytest

from proggen.archive.records import ProgramName
from proggen.errors import ProgramFailure
from proggen.synthesis.static_check import check

from ..sandbox.programs import BOUNCING, BRIGHTNESS, FALLING, GREY, dynamics, rendering

REJECTED = {
    "syntax": ("def render(", "syntax"),
    "null byte": ("x = 1\0", "syntax"),
    "deep nesting": ("x = " + "(" * 3000 + ")" * 3000, "syntax"),
    "os": (rendering("import os"), "import"),
    "subprocess": (rendering("from subprocess import run"), "import"),
    "scipy.io": (rendering("import scipy.io"), "import"),
    "private module": (rendering("from numpy._core import multiarray"), "import"),
    "relative": (rendering("from . import x"), "import"),
    "open": (rendering("open('/etc/passwd')"), "forbidden"),
    "eval under another name": (rendering("e = eval"), "forbidden"),
    "__import__": (rendering("__import__('os')"), "forbidden"),
    "dunder walk": (rendering("().__class__.__base__.__subclasses__()"), "forbidden"),
    "getattr of a dunder": (rendering("getattr((), '__class__')"), "forbidden"),
    "np.load": (rendering("np.load('x.npy')"), "forbidden"),
    "np.load from": (rendering("from numpy import load"), "forbidden"),
    "tofile": (rendering("np.zeros(3).tofile('x')"), "forbidden"),
    "memmap": (rendering("np.memmap('x')"), "forbidden"),
    "image file": (rendering("from PIL import Image\nImage.open('x.png')"), "forbidden"),
    "image save": (rendering("image.save('x.png')"), "forbidden"),
    "no function": ("x = 1", "contract"),
    "other arguments": ("def render(state, width, height): pass", "contract"),
    "star arguments": ("def render(*args): pass", "contract"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_rejected(case: str) -> None:
    source, kind = REJECTED[case]
    with pytest.raises(ProgramFailure, match=r"rendering\.py") as failure:
        check("rendering", source)
    assert failure.value.kind == kind


@pytest.mark.parametrize(
    ("program", "source"),
    [("dynamics", FALLING), ("dynamics", BOUNCING), ("perception", BRIGHTNESS), ("rendering", GREY)],
)
def test_honest_programs_pass(program: ProgramName, source: str) -> None:
    assert any("lines" in remark for remark in check(program, source))


def test_pixel_access_of_pillow_is_no_file_access() -> None:
    assert check("rendering", rendering("from PIL import Image\npixels = Image.new('RGB', (2, 2)).load()"))


def test_a_dynamics_program_needs_params() -> None:
    with pytest.raises(ProgramFailure, match="PARAMS"):
        check("dynamics", "def rollout(state, params, dt, n_steps, actions=None): return []")


def test_remarks_name_imports_and_constants() -> None:
    remarks = check("dynamics", dynamics("import math\nreturn [{'x': 9.8 * math.pi + 2}]"))
    assert "imports: math" in remarks
    assert "constants: 2 numbers" in remarks


def test_the_line_is_named() -> None:
    with pytest.raises(ProgramFailure, match="line 4"):
        check("rendering", rendering("import os"))
