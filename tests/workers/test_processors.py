"""How many workers are worth having follows from what the kernel grants, not from what the machine has."""

import math

import pytest

from srlab.workers.processors import available_processors, granted


@pytest.fixture
def kernel(tmp_path):
    """kernel(membership, **files) -> what `granted` says of these files."""

    def make(membership, **files):
        (tmp_path / "membership").write_text(membership)
        for name, text in files.items():
            path = tmp_path / "groups" / name.replace("__", "/").replace("_max", ".max").replace("cfs", "cpu.cfs")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return granted(tmp_path / "groups", tmp_path / "membership")

    return make


def test_a_quota_of_version_2_is_the_least_of_a_group_and_those_above_it(kernel):
    assert kernel("0::/job/task\n", job__task__cpu_max="400000 100000\n", job__cpu_max="150000 100000\n") == 1.5


def test_a_container_sees_its_own_group_as_the_root(kernel):
    assert kernel("0::/\n", cpu_max="200000 100000\n") == 2.0


def test_a_quota_of_version_1(kernel):
    files = {"cpu__job__cfs_quota_us": "300000\n", "cpu__job__cfs_period_us": "100000\n"}
    assert kernel("5:memory:/job\n4:cpu,cpuacct:/job\n", **files) == 3.0


def test_without_a_quota_there_is_no_limit(kernel, tmp_path):
    assert kernel("0::/job\n", job__cpu_max="max 100000\n") == math.inf
    assert granted(tmp_path / "none", tmp_path / "none") == math.inf


def test_half_a_processor_is_one_worker(monkeypatch):
    monkeypatch.setattr("srlab.workers.processors.granted", lambda: 0.5)
    assert available_processors() == 1
    monkeypatch.setattr("srlab.workers.processors.granted", lambda: math.inf)
    assert available_processors() >= 1
