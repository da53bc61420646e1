"""mpckernel.array.standard.namespace as the array API test suite takes it: ARRAY_API_TESTS_MODULE.

Its names hide Python's own (all, bool, max, ...), so nothing else stands here.
"""

from types import SimpleNamespace

from mpckernel.array.standard import namespace
from tests.array_api.cells import offered

__array_api_version__ = namespace.__array_api_version__
__array_namespace_info__ = namespace.__array_namespace_info__
__version__ = "in the clear"

linalg = SimpleNamespace(
    **offered(namespace.linalg, [k for k in vars(namespace.linalg) if not k.startswith("_")])
)
globals().update(
    offered(namespace, [k for k in dir(namespace) if k != "linalg" and not k.startswith("__")])
)
