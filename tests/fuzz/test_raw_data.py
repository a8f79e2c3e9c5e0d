"""Data as codes leave them, not as a tidy writer does: nine to twelve digits, fixed atoms, mixed periodicity, lone
atoms, molecules, any spelling.

What is written is known, so what is read can be compared with it to the last digit.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srlab import evaluate, load_potential
from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs
from tests.fuzz.conftest import cases


@dataclass
class Raw:
    """A frame and the text it is written as."""

    positions: np.ndarray
    cell: np.ndarray
    pbc: tuple
    energy: float
    forces: np.ndarray
    stress: np.ndarray | None
    text: str
    options: dict = field(default_factory=dict)

    @property
    def alone(self):
        """Whether it is a free atom: one atom with no image within 8 angstrom."""
        heights = np.linalg.norm(self.cell, axis=1)[list(self.pbc)]
        return len(self.positions) == 1 and not (heights <= 8.0).any()


def number(value, digits):
    """A number with so many decimals, and what a reader makes of it."""
    text = f"{value:.{digits}f}"
    return text, float(text)


KINDS = ("crystal", "slab", "wire", "molecule", "lone", "single")


@st.composite
def frames(draw):
    """A frame of one to six copper atoms at least 1.9 angstrom apart, and its extended XYZ in some spelling."""
    kind, digits = draw(st.sampled_from(KINDS)), draw(st.integers(8, 12))
    seed = draw(st.integers(0, 10**6))
    random = np.random.default_rng(seed)
    count = 1 if kind in ("lone", "single") else draw(st.integers(2, 6))
    pbc = {"crystal": (1, 1, 1), "slab": (1, 1, 0), "wire": (0, 0, 1), "single": (1, 1, 1)}.get(kind, (0, 0, 0))
    if kind == "lone" and draw(st.booleans()):
        pbc = (1, 1, 1)
    pbc = tuple(map(bool, pbc))
    size = 12.0 if kind == "lone" else 2.6 if kind == "single" else 2.5 * count ** (1 / 3) + 2.0
    cell = size * np.eye(3) + random.normal(0.0, 0.1, (3, 3))
    grid = np.array(np.unravel_index(random.permutation(8)[:count], (2, 2, 2))).T / 2.0
    positions = (grid @ cell) + random.uniform(-0.1, 0.1, (count, 3))
    rows, exact = [], np.empty((count, 6))
    forces = random.normal(0.0, 1.0, (count, 3))
    for k in range(count):
        words = [number(value, digits) for value in (*positions[k], *forces[k])]
        rows.append([text for text, _ in words])
        exact[k] = [value for _, value in words]
    cell_texts = [number(value, digits) for value in cell.ravel()]
    cell = np.array([value for _, value in cell_texts]).reshape(3, 3)
    energy_text, energy = number(random.normal(-3.5 * count, 0.1), digits)
    comment = [_lattice(draw, [text for text, _ in cell_texts])]
    comment.append(_pbc(draw, pbc))
    comment.append(
        f"{draw(st.sampled_from(['energy', 'Energy', 'REF_energy', 'dft_energy', 'free_energy']))}={energy_text}"
    )
    force_name = draw(st.sampled_from(["forces", "force", "Forces", "REF_forces", "dft_forces"]))
    columns, width = f"species:S:1:pos:R:3:{force_name}:R:3", "Cu {0} {1} {2} {3} {4} {5}"
    if draw(st.booleans()):  # which ASE reads as atoms that are fixed
        masks = draw(st.sampled_from(["T", "F"]))
        columns, width = columns.replace("pos:R:3", "pos:R:3:move_mask:L:1"), "Cu {0} {1} {2} " + masks + " {3} {4} {5}"
    comment.append(f"{draw(st.sampled_from(['Properties', 'properties', 'PROPERTIES']))}={columns}")
    stress = None
    if draw(st.booleans()) and any(pbc):
        stress, entry = _stress(draw, random, abs(np.linalg.det(cell)))
        comment.append(entry)
    random.shuffle(comment)
    text = f"{count}\n{' '.join(comment)}\n" + "".join(width.format(*row) + "\n" for row in rows)
    return Raw(exact[:, :3], cell, pbc, energy, exact[:, 3:], stress, text)


def _lattice(draw, texts):
    name = draw(st.sampled_from(["Lattice", "lattice", "LATTICE", "cell", "Cell"]))
    opening, closing = draw(st.sampled_from(['""', "''", "{}"]))
    return f"{name}={opening}{' '.join(texts)}{closing}"


def _pbc(draw, pbc):
    name = draw(st.sampled_from(["pbc", "PBC", "Pbc", "periodic"]))
    yes, no = draw(st.sampled_from(["TF", "10", ("True", "False"), "pf"]))
    return f'{name}="{" ".join(yes if flag else no for flag in pbc)}"'


def _stress(draw, random, volume):
    """(six numbers in ASE's order, the entry that means them)."""
    tensor = random.normal(0.0, 0.01, (3, 3))
    tensor = np.round(0.5 * (tensor + tensor.T), 10)
    voigt = tensor[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
    kind = draw(st.sampled_from(["stress", "Stress", "six", "virial", "REF_virial"]))
    if kind == "six":
        return voigt, f'stress="{" ".join(map(repr, map(float, voigt)))}"'
    values = -volume * tensor if "virial" in kind else tensor
    return voigt, f'{kind}="{" ".join(map(repr, map(float, values.ravel())))}"'


@cases(30)
@given(st.lists(frames(), min_size=1, max_size=4))
def test_raw_frames_are_read_to_the_digit_and_saved_without_a_change(tmp_path_factory, made):
    folder = tmp_path_factory.getbasetemp()
    path = folder / "raw.xyz"
    path.write_text("".join(raw.text for raw in made))
    used = [raw for raw in made if not raw.alone]
    if not used:
        with pytest.raises(InputError, match="isolated atoms only"):
            load_dataset(path)
        return
    data = load_dataset(path, split="all")
    assert len(data.frames) == len(used) and data.has_isolated_atom == (len(used) < len(made))
    for frame, raw in zip(data.frames, used):
        assert np.array_equal(frame.positions, raw.positions) and np.array_equal(frame.get_forces(), raw.forces)
        assert np.array_equal(np.asarray(frame.cell), raw.cell) and tuple(frame.pbc) == raw.pbc
        assert frame.get_potential_energy() == raw.energy and not frame.constraints
        assert ("stress" in frame.calc.results) == (raw.stress is not None)
        if raw.stress is not None:
            assert frame.get_stress() == pytest.approx(raw.stress, abs=1e-12)
    saved = folder / "saved.extxyz"
    data.save(saved, overwrite=True)
    again = load_dataset(saved, split="all")
    assert again.fingerprint == data.fingerprint and again.has_isolated_atom == data.has_isolated_atom


@cases(20)
@given(frames())
def test_energies_of_raw_frames_do_not_depend_on_how_they_are_written(tmp_path_factory, raw):
    """An energy of pairs, computed here from positions and cell by brute force, against the potential on the frame that
    was read."""
    path = tmp_path_factory.getbasetemp() / "one.xyz"
    path.write_text(raw.text)
    if raw.alone:
        return
    potential = load_potential("cleri-rosato")
    frame = load_dataset(path, split="all").frames[0]
    reach = [range(-4, 5) if periodic else range(1) for periodic in raw.pbc]
    shifts = np.array(np.meshgrid(*reach, indexing="ij")).reshape(3, -1).T @ raw.cell
    apart = raw.positions[None, :, None] + shifts - raw.positions[:, None, None]
    distances = np.linalg.norm(apart, axis=-1)
    near = (distances > 1e-6) & (distances < 3.0)
    assert len(neighbour_pairs(frame, 3.0)[2]) == near.sum()
    found = evaluate(potential, [frame])
    assert found["n_atoms"] == len(raw.positions) and np.isfinite(found["energy_mae"])
