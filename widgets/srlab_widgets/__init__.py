"""The dashboard of srlab: watch, question and steer a search in Jupyter."""

from importlib import import_module

_HOME = {
    "Dashboard": "dashboard",
    "FrontTable": "front_table",
    "LearnView": "learn_view",
    "ResidualView": "residual_view",
    "SideBySide": "side_by_side",
    "StructureView": "structure_view",
    "interface_view": "interface",
}
__all__ = [*_HOME]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import anywidget  # noqa: F401
    except ImportError:
        from srlab.errors import MissingExtra

        raise MissingExtra("anywidget", "lab", "show the dashboard") from None
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
