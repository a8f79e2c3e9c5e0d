"""Export as a torch module: one file that needs torch only, differentiable, for many structures at once, with a
self-test."""

from srlab.exports.result import as_formula_potential, write_text
from srlab.exports.source import expected_source, header, self_test_structure, settings_source

_MODULE = '''class Potential(torch.nn.Module):
    """Energies, forces and stresses of any number of structures of one element."""

    def forward(self, positions, cells, edges, shifts, batch=None):
        """
        positions : (n, 3) angstrom, of the atoms of all b structures.
        cells : (b, 3, 3) angstrom, rows are the cell vectors; zeros for a cluster.
        edges : (2, p) atoms i and j of all ordered pairs nearer than CUTOFF; pairs farther apart do no harm.
        shifts : (p, 3) whole cell vectors from the image of j that was given to the one that is meant.
        batch : (n,) structure of each atom; one structure if left out.

        Returns a dict: energy (b,) in eV, energies (n,) of the atoms, forces (n, 3) in eV/angstrom and stress (b, 3, 3) in eV/angstrom^3, in the
        sign of ASE; the stress is zero where there is no cell. All are differentiable.
        """
        batch = torch.zeros(len(positions), dtype=torch.long, device=positions.device) if batch is None else batch
        with torch.enable_grad():
            positions = positions if positions.requires_grad else positions.detach().requires_grad_(True)
            strain = torch.zeros_like(cells).requires_grad_(True)
            deform = torch.eye(3, dtype=cells.dtype, device=cells.device) + 0.5 * (strain + strain.transpose(1, 2))
            x, box = torch.einsum("na,nab->nb", positions, deform[batch]), cells @ deform
            i, j = edges
            d = x[j] - x[i] + torch.einsum("pa,pab->pb", shifts.to(x.dtype), box[batch[i]])
            energies = self.energies(d, i, len(positions))
            energy = torch.zeros_like(cells[:, 0, 0]).index_add(0, batch, energies)
            slopes = torch.autograd.grad(energy.sum(), (positions, strain), create_graph=self.training)
        volume = torch.linalg.det(cells).abs()[:, None, None]
        stress = torch.where(volume > 0.0, slopes[1] / torch.where(volume > 0.0, volume, 1.0), 0.0)
        return {{"energy": energy, "energies": energies, "forces": -slopes[0], "stress": stress}}

    def energies(self, d, i, n):
        """Energies (n,) of n atoms from the vectors d (p, 3) from i (p,) to j of all ordered pairs."""
        r = d.norm(dim=1)
        near = r < CUTOFF
        d, r, i = d[near], r[near], i[near]
        t, none = taper(r), torch.zeros(n, dtype=r.dtype, device=r.device)
{terms}
        return energies


def neighbours(positions, cell, periodic=True):
    """edges (2, p) and shifts (p, 3) of one structure by brute force, for tests and small cells; positions (n, 3), cell (3, 3) in angstrom."""
    reach = [range(1)] * 3
    if periodic:
        heights = 1.0 / torch.linalg.inv(cell).norm(dim=0)
        spread = positions @ torch.linalg.inv(cell)
        reach = [
            range(-count, count + 1)
            for count in torch.ceil(CUTOFF / heights + spread.amax(dim=0) - spread.amin(dim=0)).int().tolist()
        ]
    edges, shifts = [], []
    for shift in itertools.product(*reach):
        offset = torch.tensor(shift, dtype=positions.dtype)
        distance = (positions[None] - positions[:, None] + offset @ cell).norm(dim=2)
        pairs = torch.nonzero((distance < CUTOFF) & (distance > 0.0)).T
        edges.append(pairs)
        shifts.append(offset.expand(pairs.shape[1], 3))
    return torch.cat(edges, dim=1), torch.cat(shifts)
'''

_SELF_TEST = '''def self_test():
    """Compare with the numbers srlab found when it wrote this file, alone and in a batch of two."""
    positions, cell = torch.tensor(TEST_POSITIONS, dtype=torch.float64), torch.tensor(TEST_CELL, dtype=torch.float64)
    edges, shifts = neighbours(positions, cell)
    alone = Potential()(positions, cell[None], edges, shifts)
    two = Potential()(
        torch.cat([positions, positions]),
        torch.stack([cell, cell]),
        torch.cat([edges, edges + len(positions)], dim=1),
        torch.cat([shifts, shifts]),
        torch.arange(2).repeat_interleave(len(positions)),
    )
    forces = torch.tensor(TEST_FORCES, dtype=torch.float64)
    errors = [
        abs(alone["energy"].item() - TEST_ENERGY) / len(positions),
        (alone["forces"] - forces).abs().max().item(),
        (two["energy"] - TEST_ENERGY).abs().max().item() / len(positions),
        (two["forces"] - torch.cat([forces, forces])).abs().max().item(),
    ]
    print("energy differs by %.1e eV/atom, forces by %.1e eV/A; in a batch by %.1e and %.1e" % tuple(errors))
    if not max(errors) < 1e-8:
        raise SystemExit("self-test failed")
    print("self-test passed")


if __name__ == "__main__":
    self_test()
'''

_ANGULAR = '''LEGENDRE = {1: ((1, 1.0),), 2: ((2, 1.5), (0, -0.5)), 3: ((3, 2.5), (1, -1.5))}


def angular(a, u, i, n, rank):
    """sum_jk a_j a_k P_l(cos theta_jik) of each atom, (n,), for l = rank, from a (p,) and the unit vectors u (p, 3) of all ordered pairs."""
    total = torch.zeros(n, dtype=a.dtype, device=a.device)
    for power, weight in LEGENDRE[rank]:  # (sum_j a_j u_j^power)^2 is the sum of a_j a_k cos^power
        terms = a[:, None]
        for _ in range(power):
            terms = (terms[:, :, None] * u[:, None, :]).flatten(1)
        sums = torch.zeros((n, terms.shape[1]), dtype=a.dtype, device=a.device).index_add(0, i, terms)
        total = total + weight * (sums**2).sum(dim=1)
    return total
'''

_TAPERS = {
    "smoothstep": (
        "    x = torch.clamp((r - {start!r}) / {width!r}, 0.0, 1.0)\n    return 1.0 - "
        "x**3 * (10.0 - 15.0 * x + 6.0 * x * x)"
    ),
    "hernandez": (
        "    u = torch.clamp(r * r, {inner!r}, {outer!r})\n"
        "    return (2.0 * u - {inner3!r} + {outer!r}) * ({outer!r} - u) ** 2 / {scale!r}"
    ),
    "none": "    return torch.ones_like(r)",
}


def write(potential, path, overwrite=False):
    """Write a file with the `torch.nn.Module` `Potential` and a self-test.

    See `srlab.exports.export` for what it raises.
    """
    return write_text(path, source(as_formula_potential(potential, "torch")), overwrite)


def source(potential):
    """The text of the file."""
    present = potential.present(potential.template.functions)
    atoms, energy, forces = self_test_structure(potential)
    usage = ["out = Potential()(positions, cells, edges, shifts, batch); run the file for a self-test."]
    parts = [
        header(potential, "as a torch module", usage),
        "import itertools\n\nimport torch\n",
        settings_source(potential),
        "\n\n".join(_function(each, potential.functions[each.name]) for each in present),
        "",
        _taper(potential.taper),
        "",
        *([_ANGULAR, ""] if any(each.rank for each in present) else []),
        _MODULE.format(terms="\n".join(f"        {line}" for line in _terms(potential.template, present))),
        "",
        expected_source(atoms, energy, forces),
        _SELF_TEST,
    ]
    return "\n".join(parts)


def _function(function, formula):
    """Source of one function of torch tensors; every digit of the constants."""
    first = function.variables[0]
    text = formula.python("torch")
    body = text if any(variable in text for variable in function.variables) else f"torch.full_like({first}, {text})"
    return (
        f'def {function.name}({", ".join(function.variables)}):\n    """The {function.title}."""\n    return {body}\n'
    )


def _taper(taper):
    numbers = {}
    if taper.kind != "none":
        inner, outer = taper.start**2, taper.stop**2
        numbers = dict(start=taper.start, width=taper.stop - taper.start, inner=inner, outer=outer)
        numbers.update(inner3=3.0 * inner, scale=(outer - inner) ** 3)
    body = _TAPERS[taper.kind].format(**numbers)
    return f'def taper(r):\n    """{taper.describe()}."""\n{body}\n'


def _terms(template, present):
    """Lines that add up the energies of the atoms, of the functions that are present."""
    lines = ["energies = none + OFFSET"]
    lines += [f"energies = energies.index_add(0, i, 0.5 * {each.name}(r) * t)" for each in template.pairs]
    if template.embedding:
        sums = [f"none.index_add(0, i, {each.name}(r) * t)" for each in template.densities]
        # a root has no slope at the density of a lone atom, and needs none
        lines += [
            f"rho = [{', '.join(sums)}]",
            "rho = [torch.where(each == 0.0, torch.finfo(each.dtype).tiny, each) for each in rho]",
            f"energies = energies + {template.embedding.name}(*rho)",
        ]
    for each in (function for function in present if function.rank):
        scale = f"{each.factor!r} * r**{each.power} * "
        strength = 0.5 * each.sign
        lines.append(
            f"energies = energies + {strength!r} * angular({scale}{each.name}(r) * t, d / "
            f"r[:, None], i, n, {each.rank})"
        )
    return lines
