"""`python -m bot`: the same as `python app.py`, from a clone and from a wheel."""

import runpy

runpy.run_module("app", run_name="__main__", alter_sys=True)
