from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proggen.evaluation.knowledge.source_audit import audit, significant_digits, well_known

SOURCE = '''"""A docstring
of two lines."""

import math
from scipy.optimize import least_squares  # imported

# a comment
PARAMS = {"a": {"init": 1, "low": 0, "high": 2}, "b": {"init": 1, "low": 0, "high": 2}}


def plain(x):
    """Doubles."""
    return 2 * x


def branching(items):
    def inner(y):
        return 1 if y else 0

    for i in items:
        if i and math.pi or i > 3:
            yield [k for k in i if k]
        elif not i:
            while inner(i):
                i += 1
'''


def lines(source: str, kind: str) -> list[int]:
    found = audit(source)
    assert found is not None
    return [finding.line for finding in getattr(found, kind)]


def test_imports_and_size() -> None:
    found = audit(SOURCE)
    assert found is not None
    assert found.imports == ["math", "scipy.optimize"]
    assert found.code_lines == 14
    assert [f.name for f in found.functions] == ["plain", "branching", "inner"]
    assert found.longest is not None
    assert (found.longest.name, found.longest.line, found.longest.lines) == ("branching", 16, 10)


def test_complexity_counts_branches_of_a_function_without_inner_ones() -> None:
    found = audit(SOURCE)
    assert found is not None
    # for, if, and, or, comprehension with its condition, elif, while
    assert {f.name: f.complexity for f in found.functions} == {"plain": 1, "branching": 9, "inner": 2}


def test_branches_outside_functions_are_told() -> None:
    found = audit("for i in range(3):\n    if i:\n        print(i)\n")
    assert found is not None
    assert found.most_complex is not None
    assert (found.most_complex.name, found.most_complex.complexity) == ("module level", 3)


@pytest.mark.parametrize(
    "text", ["0.1234567", "1234.567", "-3.14160", "6.626e-34 * 0.123456", "2**70 + 1e5 + 0.123457"]
)
def test_numbers_with_many_digits_look_memorised(text: str) -> None:
    expected = [1] if text != "-3.14160" else []
    assert lines(f"x = {text}", "memorised") == expected


def test_a_long_whole_number_looks_memorised() -> None:
    assert lines(f"x = {hex(2**80)}\ny = 123456789", "memorised") == [1]


@pytest.mark.parametrize(
    "text",
    [
        "3.14159265", "6.283185307179586", "0.0174533", "1.41421", "1.414214", "0.333333", "0.08333333",
        "0.344136", "0.714136", "0.168736", "1.164384", "1.596027", "65.481", "128.553", "0.114572", "0.00392157",
        "9.80665", "1.482602", "2.354820",
    ],
)  # fmt: skip
def test_well_known_constants_do_not(text: str) -> None:
    assert lines(f"x = {text}", "memorised") == []


@pytest.mark.parametrize("value", [3.14169265, 0.333433, 9.80765, 1.164484])
def test_a_number_near_a_well_known_one_is_another(value: float) -> None:
    assert not well_known(value)


@given(st.floats())
def test_any_number_can_be_asked_for(value: float) -> None:
    assert 0 <= significant_digits(value) <= 17
    if math.isfinite(value):
        well_known(value)


def test_tables_are_found_once_and_parameters_are_none() -> None:
    table = f"A = np.array([{'[1, -2.5, 3, 4], ' * 3}])"
    assert lines(
        f"{table}\nB = [1] * 99\nPARAMS = {{'a': [{'1, ' * 12}]}}\nC = ({'7, ' * 12})", "tables"
    ) == [1, 4]


def test_long_strings_but_no_docstrings() -> None:
    text = "x" * 201
    assert lines(
        f'"""{text}"""\ndef f():\n    """{text}"""\n    return "{text}", b"{text}", "x"\n', "strings"
    ) == [4, 4]


def test_handlers_that_hide_every_failure() -> None:
    handlers = (
        "except Exception:\n    pass", "except:\n    x = 0", "except (ValueError, BaseException) as e:\n    pass",
        "except ValueError:\n    pass", "except Exception as e:\n    raise ValueError from e",
    )  # fmt: skip
    source = "".join(f"try:\n    f()\n{handler}\n" for handler in handlers)
    assert lines(source, "swallowed") == [3, 7, 11]


@pytest.mark.parametrize(
    "source",
    [
        "def f(:", "\x00", "x = '\ud800'", "(" * 5000, "-" * 100_000 + "1", "x" + ".a" * 50_000, "a" * 2_000_000,
        "x = " + "9" * 5000, "+".join(["1"] * 100_000), "<script>", "\x1b[31m",
    ],
)  # fmt: skip
def test_a_source_that_no_parser_takes_fails_nothing(source: str) -> None:
    assert audit(source) is None


@pytest.mark.parametrize(
    "source",
    ["", "# \u202e", "x = 1e999, 1e-999, 0x" + "f" * 9000, "if x:\n y = 1\r\nz = '\\d'"],
)
def test_odd_sources_that_are_programs(source: str) -> None:
    assert audit(source) is not None


def test_a_program_of_3000_lines() -> None:
    found = audit("".join(f"def f{i}(x):\n    return x + {i}.5\n" for i in range(1500)))
    assert found is not None
    assert (found.code_lines, len(found.functions), found.numbers) == (3000, 1500, 1500)


def test_number_named_as_an_engines_constant_looks_memorised() -> None:
    found = audit("THRESHOLD = 1.0  # b2_velocityThreshold\nBAUMGARTE = 0.2\nSTEP = 0.1  # s\n")
    assert found is not None
    assert [(f.line, f.text) for f in found.memorised] == [
        (1, "1.0 for b2_velocityThreshold"),
        (2, "0.2 for BAUMGARTE"),
    ]


def test_names_in_comments_and_strings_are_found() -> None:
    found = audit('"""Steps as Box2D does."""\nX = "like pygame"  # see arXiv 2411.02385\n')
    assert found is not None
    assert [(f.line, f.text) for f in found.named] == [(1, "Box2D"), (2, "pygame"), (2, "arXiv")]
