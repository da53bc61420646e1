"""The demos, a folder each; installed as mpckernel.demo_notebooks."""
