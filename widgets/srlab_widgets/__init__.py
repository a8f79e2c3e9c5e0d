"""The dashboard of srlab: watch, question and steer a search in Jupyter."""

__all__ = ["Dashboard"]


def __getattr__(name):
    if name != "Dashboard":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import anywidget  # noqa: F401
    except ImportError:
        from srlab.errors import MissingExtra

        raise MissingExtra("anywidget", "lab", "show the dashboard") from None
    from .dashboard import Dashboard

    return Dashboard
