"""The commands by name. Their bodies import what they need, so that ``srlab --help`` is quick."""

import typer

from srlab import __version__
from srlab.cli import data, datasets, lab, potentials, runs, searching, validating

app = typer.Typer(
    name="srlab",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Discover interatomic potentials that a person can read: symbolic search on DFT data.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"srlab {__version__}")
        raise typer.Exit()


@app.callback()
def top(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    pass


for command in (
    searching.search,
    searching.resume,
    searching.replay,
    searching.front,
    searching.recover,
    runs.runs,
    potentials.evaluate,
    potentials.fit,
    validating.validate,
    validating.judge,
    potentials.export,
    datasets.data,
    data.sample,
    data.label,
    data.learn,
):
    app.command()(command)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(lab.lab)
