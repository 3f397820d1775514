"""Isolation forests between scikit-learn and the text of forest_text.h."""
from collections import deque

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.tree._tree import Tree


def write_forest(model, out):
    """Writes a fitted IsolationForest, breadth first."""
    print("forest", model.n_features_in_, len(model.estimators_), file=out)
    for estimator in model.estimators_:
        tree = estimator.tree_
        print("tree", tree.node_count, file=out)
        waiting = deque([0])
        while waiting:
            at = waiting.popleft()
            if tree.children_left[at] < 0:
                print("-", tree.n_node_samples[at], file=out)
                continue
            print(tree.feature[at], repr(float(tree.threshold[at])), file=out)
            waiting += [tree.children_left[at], tree.children_right[at]]


def read_text(path):
    """Returns (IsolationForest, rows, scores, parts) of a file that Sosie wrote."""
    with open(path, encoding="ascii") as file:
        lines = iter(file.read().splitlines())
    _, features, trees = next(lines).split()
    model = rebuilt(int(features), [read_tree(lines) for _ in range(int(trees))])
    rows, scores, parts = [], [], []
    for line in lines:
        scores.append(float(line.split()[1]))
        rows.append(np.array(next(lines).split(), dtype=np.float32))
        parts.append(np.array(next(lines).split(), dtype=np.float64))
    return model, np.array(rows), np.array(scores), np.array(parts)


def read_tree(lines):
    nodes = [next(lines).split() for _ in range(int(next(lines).split()[1]))]
    left, child = [], 1
    for feature, _ in nodes:
        left.append(-1 if feature == "-" else child)
        child += 0 if feature == "-" else 2
    samples = [int(value) if feature == "-" else 0 for feature, value in nodes]
    for i in reversed(range(len(nodes))):
        if left[i] > 0:
            samples[i] = samples[left[i]] + samples[left[i] + 1]
    return nodes, left, samples


def rebuilt(features, trees):
    """scikit-learn's own IsolationForest, with these trees in place of what it would have grown."""
    most = trees[0][2][0]
    model = IsolationForest(n_estimators=len(trees), max_samples=most, random_state=0)
    model.fit(np.random.default_rng(0).normal(size=(max(most, 4), features)).astype(np.float32))
    for estimator, (nodes, left, samples) in zip(model.estimators_, trees):
        state = estimator.tree_.__getstate__()
        records = np.zeros(len(nodes), dtype=state["nodes"].dtype)
        for record, (feature, value), child, count in zip(records, nodes, left, samples):
            is_leaf = feature == "-"
            record["left_child"], record["right_child"] = (-1, -1) if is_leaf else (child, child + 1)
            record["feature"] = -2 if is_leaf else int(feature)
            record["threshold"] = -2 if is_leaf else np.float64(np.float32(value))
            record["n_node_samples"] = record["weighted_n_node_samples"] = count
        tree = Tree(features, np.array([1], dtype=np.intp), 1)
        tree.__setstate__({"max_depth": 8, "node_count": len(nodes), "nodes": records,
                           "values": np.zeros((len(nodes), 1, 1))})
        estimator.tree_ = tree
    model.estimators_features_ = [np.arange(features)] * len(trees)
    # What fit() keeps to score quickly.
    model._average_path_length_per_tree, model._decision_path_lengths = zip(*[
        (_average_path_length(e.tree_.n_node_samples), e.tree_.compute_node_depths())
        for e in model.estimators_])
    return model
