"""Reference data in, reproducible splits out: bundled sets, extended XYZ files, load-atoms names."""

from srlab.datasets.dataset import Dataset
from srlab.datasets.library import bundled_names, load_dataset
from srlab.datasets.reader import read_frames

__all__ = ["Dataset", "bundled_names", "load_dataset", "read_frames"]
