"""What workers do in these tests. A module of its own, for every process imports it as it starts: without pytest that
takes a third of the time."""

import os


def build(offset):
    """A function of tasks: a number is added to; ("open", path) waits until somebody writes in the pipe of that
    name; the rest says what it does."""

    def call(task):
        if isinstance(task, tuple):
            with open(task[1]) as pipe:
                pipe.read()
            return os.getpid()
        if task == "die":
            os._exit(1)
        if task == "pid":
            return os.getpid()
        if task == "fail":
            raise ZeroDivisionError("of the task")
        return task + offset

    return call


def unable(path):
    raise FileNotFoundError(path)


def counter():
    """A call that counts, as an evaluator does."""
    count = []

    def call(path):
        count.append(path)
        with open(path) as pipe:
            pipe.read()
        return len(count)

    return call


def unable_evaluator(dataset, settings):
    raise FileNotFoundError("kernels")
