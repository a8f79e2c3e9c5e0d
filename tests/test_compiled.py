"""Ctrl-C waits for the compiler, and is not lost."""

import signal
import threading

import pytest
from numba.core import event

from srlab.compiled import njit, uninterrupted
from srlab.workers import process


@pytest.fixture
def own(monkeypatch):
    """This process as one of srlab's own."""
    monkeypatch.setattr(process, "_own", True)


class CtrlC(event.Listener):
    """Interrupts this process as soon as a function is being compiled."""

    def on_start(self, event):
        signal.raise_signal(signal.SIGINT)
        self.came = True

    def on_end(self, event):
        pass


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_it_arrives_when_the_function_is_compiled(own, handler):
    twice = njit(lambda x: 2 * x)
    before, ctrl_c = signal.signal(signal.SIGINT, handler), CtrlC()
    try:
        with event.install_listener("numba:compile", ctrl_c):
            if handler is signal.SIG_IGN:
                twice(1.0)
            else:
                with pytest.raises(KeyboardInterrupt):
                    twice(1.0)
        assert signal.getsignal(signal.SIGINT) is handler and ctrl_c.came
        assert len(twice.signatures) == 1 and twice(21) == 42
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_compile_without_it(own):
    """Only the main thread may set handlers, and only it is interrupted."""
    handler, found = signal.getsignal(signal.SIGINT), []
    thread = threading.Thread(target=lambda: found.append(njit(lambda x: x + 1)(41)))
    thread.start()
    thread.join()
    assert found == [42] and signal.getsignal(signal.SIGINT) is handler


def test_in_a_process_of_somebody_else_handlers_are_left_alone(monkeypatch):
    monkeypatch.setattr(process, "_own", False)
    seen, before = [], signal.getsignal(signal.SIGINT)

    class Looks(event.Listener):
        def on_start(self, event):
            seen.append(signal.getsignal(signal.SIGINT))

        def on_end(self, event):
            pass

    with event.install_listener("numba:compile", Looks()):
        assert njit(lambda x: 3 * x)(2) == 6
    assert seen and set(seen) == {before}


def test_an_uninterrupted_call_ends_before_the_interrupt():
    done = []

    @uninterrupted
    def call(number):
        signal.raise_signal(signal.SIGINT)
        done.append(number)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            call(7)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [7]
