"""Models of mpckernel.learn in three kernels: rows of three owners, learned in one cell and used
in the next, as scikit-learn finds them on the pooled rows."""

from ast import literal_eval
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn import cluster, datasets, decomposition, naive_bayes

from tests.kernel.three import NAMES, Three, met

pytestmark = pytest.mark.slow
OWN = """from sklearn import datasets
x, y = (v[{me}::3] for v in datasets.load_iris(return_X_y=True))"""
TABLE = """%%mpc
from mpckernel import learn
rows = concat(alice.x, bob.x, carol.x, bound=8)
kinds = concat(alice.y, bob.y, carol.y, bound=2)
"""
FIT = """%%mpc
groups = learn.KMeans(3, init=rows[:3], max_iter=10).fit(rows)
axes = learn.PCA(2).fit(rows)
bayes = learn.GaussianNB(3).fit(rows, kinds)
forest = learn.RandomForestClassifier(n_classes=3, n_estimators=5, max_depth=3).fit(rows, kinds)
"""
SAY = """%%mpc
said = reveal(groups.cluster_centers_, axes.components_, bayes.predict(rows), forest.predict(rows))
[v.tolist() for v in map(np.asarray, said)]
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Met, each with a third of the rows."""
    with met(tmp_path_factory.mktemp("models")) as three:
        texts = {name: OWN.format(me=k) for k, name in enumerate(NAMES)}
        for ran in three.all("", **texts).values():
            assert ran.status == "ok", ran.text
        yield three


def test_what_is_learned_is_that_of_the_pooled_rows(room: Three) -> None:
    x, y = datasets.load_iris(return_X_y=True)
    x, y = (np.concatenate([v[k::3] for k in range(3)]) for v in (x, y))
    room.ok(TABLE)
    room.ok(FIT)
    (shown,) = {*room.ok(SAY)}
    centres, axes, bayes, forest = (np.array(v) for v in literal_eval(shown))
    clusters = cluster.KMeans(3, init=x[:3], n_init=1, max_iter=10, tol=0).fit(x)
    assert np.abs(centres - clusters.cluster_centers_).max() < 2**-13
    assert np.abs(axes - decomposition.PCA(2).fit(x).components_).max() < 2**-12
    assert (bayes == naive_bayes.GaussianNB().fit(x, y).predict(x)).all()
    assert (forest == y).mean() > 0.93
