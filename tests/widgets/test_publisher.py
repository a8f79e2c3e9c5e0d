import threading

import pytest
from test_fold import node

from srlab_widgets.fold import Fold
from srlab_widgets.publisher import Publisher
from tests.waiting import PATIENCE, wait_until


class Rig:
    """A publisher with a journal, a browser and a search that the test plays."""

    def __init__(self, **options):
        self.events, self.sent, self.said, self.rests = [], [], "running", []
        self.publisher = Publisher(
            Fold(),
            self.read,
            self.sent.append,
            lambda: self.said,
            settled=lambda: self.rests.append(self.said),
            **options,
        )

    def read(self):
        events, self.events = self.events, []
        return events


def test_nothing_is_sent_before_a_page_is_ready():
    rig = Rig()
    rig.events = [node(0, -1)]
    rig.publisher.tick()
    assert rig.sent == []
    rig.publisher.ready()
    assert [m["type"] for m in rig.sent] == ["reset"] and len(rig.sent[0]["nodes"]) == 1


def test_one_patch_in_flight_and_the_next_carries_all_that_came_meanwhile():
    rig = Rig()
    rig.publisher.ready()
    for i in range(5):
        rig.events = [node(i, i - 1)]
        rig.publisher.tick()
    assert len(rig.sent) == 1  # the reset is not acknowledged yet
    rig.publisher.acknowledged(rig.sent[0]["seq"])
    rig.publisher.tick()
    assert len(rig.sent) == 2 and len(rig.sent[1]["nodes"]) == 5
    rig.publisher.tick()
    assert len(rig.sent) == 2  # no news, no patch


def play(rig, patches, delay, now):
    """As many patches to a page that takes `delay` seconds for each it is asked about; which of them it was asked
    about."""
    for _i in range(patches):
        rig.events = [node(len(rig.publisher.fold.nodes), len(rig.publisher.fold.nodes) - 1)]
        now[0] += 1.0
        rig.publisher.tick()
        if rig.sent[-1]["ask"]:
            now[0] += delay
            rig.publisher.acknowledged(rig.sent[-1]["seq"])
    return [message["ask"] for message in rig.sent]


def test_a_quick_page_is_asked_now_and_then_a_slow_one_each_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("srlab_widgets.publisher.time.monotonic", lambda: now[0])
    rig = Rig()
    rig.publisher.ready()
    now[0] += 0.05
    rig.publisher.acknowledged(1)
    assert play(rig, 8, 0.05, now) == [True, *[False, False, False, True] * 2]
    assert play(rig, 7, 0.5, now)[9:] == [False, False, False, True, True, True, True]
    assert play(rig, 5, 0.05, now)[16:] == [True, False, False, False, True]
    assert len(rig.publisher.delays) == sum(message["ask"] for message in rig.sent)


def test_a_lost_acknowledgement_is_waited_for_only_so_long(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("srlab_widgets.publisher.time.monotonic", lambda: now[0])
    rig = Rig(patience=4.0)
    rig.publisher.ready()
    rig.events = [node(0, -1)]
    rig.publisher.tick()
    assert len(rig.sent) == 1
    now[0] += 4.1
    rig.publisher.tick()
    assert len(rig.sent) == 2
    rig.publisher.acknowledged(rig.sent[0]["seq"])  # late, of an older patch: frees nothing
    rig.events = [node(1, 0)]
    rig.publisher.tick()
    assert len(rig.sent) == 2


def test_a_page_that_comes_back_gets_everything():
    rig = Rig()
    rig.publisher.ready()
    rig.publisher.acknowledged(1)
    rig.events = [node(0, -1), node(1, 0)]
    rig.publisher.tick()
    rig.publisher.ready()
    assert rig.sent[-1]["type"] == "reset" and len(rig.sent[-1]["nodes"]) == 2


def test_rest_is_told_once_each_time():
    rig = Rig()
    for said in ("running", "paused", "paused", "running", "paused", "finished", "finished"):
        rig.said = said
        rig.publisher.tick()
    assert rig.rests == ["paused", "paused", "finished"]


def test_the_thread_outlives_an_error_and_keeps_it(capfd):
    rig, broken = Rig(rate=200.0), threading.Event()

    def read():
        if not broken.is_set():
            broken.set()
            raise OSError("the disk is gone")
        return Rig.read(rig)

    rig.publisher.read = read
    rig.publisher.start()
    assert broken.wait(PATIENCE)
    rig.publisher.ready()
    rig.events = [node(0, -1)]
    rig.publisher.acknowledged(1)
    wait_until(lambda: len(rig.sent) >= 2)
    rig.publisher.close()
    assert len(rig.sent) == 2 and isinstance(rig.publisher.error, OSError)
    assert capfd.readouterr().out == ""  # a print from a thread would land in somebody's cell


def test_it_keeps_quiet_the_longer_the_longer_the_page_is_busy_and_follows_closely_what_a_person_asks(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("srlab_widgets.publisher.time.monotonic", lambda: now[0])
    rig = Rig(rate=4.0)
    assert rig.publisher.pace() == 0.25
    rig.publisher.ready()
    now[0] += 0.1
    rig.publisher.acknowledged(1)
    assert rig.publisher.pace() == pytest.approx(0.5)
    rig.publisher.ready()
    now[0] += 3.0
    rig.publisher.acknowledged(2)
    assert 0.5 < rig.publisher.pace() < 1.0  # a pause must be seen within a second, however slow the page
    rig.publisher.nudge()
    assert rig.publisher.pace() <= 0.1
    now[0] += 10.0
    assert rig.publisher.pace() > 0.4
