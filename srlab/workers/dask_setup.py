"""What every worker of a Dask cluster is told once: those that are there, and those that come later. Needs the extra
`dask`."""

from distributed import WorkerPlugin

from srlab.workers.evaluators import forget, learn


class WorkerSetup(WorkerPlugin):
    """Hands `build` and its arguments to each worker. Data scattered to all would not do: on a busy machine one of
    two workers was found to have the only copy, and died with it."""

    def __init__(self, key: str, build, arguments):
        self.name, self.build, self.arguments = key, build, arguments

    def setup(self, worker):
        learn(self.name, self.build, self.arguments)

    def teardown(self, worker):
        forget(self.name)
