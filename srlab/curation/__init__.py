"""Maintainers' work: the queues of the bundled data sets and the DFT reference values. Nothing else imports it."""
