"""Runs: the folder of a search, its journal and its commands; everyone who shows or continues a search reads it
here."""
