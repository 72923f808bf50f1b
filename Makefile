# Tasks of a developer; each runs in the active environment. `make` lists them.
.PHONY: help install test slow lint types docs wheel bench
help:  ## list the tasks
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile
install:  ## install the program with everything for development
	pip install -e '.[dev]' -c constraints.txt
test:  ## run the tests, several at a time
	python -m pytest -n auto
slow:  ## run the tests that take minutes
	python -m pytest -m slow
lint:  ## check style and format
	ruff check . && ruff format --check .
types:  ## check types
	mypy
docs:  ## draw the picture of the README again, and check README and docs
	python -m tools.draw_trace && python -m pytest tests/test_readme.py
wheel:  ## build the wheel, install it elsewhere and search with it
	folder=$$(mktemp -d) && .ci/check_wheel "$$folder" && rm -rf "$$folder"
bench:  ## measure the speed of scoring
	python -m benchmarks.scoring
