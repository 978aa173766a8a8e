"""Trains trees on the spectra that export-spectra.ts wrote and writes what they say of held-out spectra.

    .cache/trees/bin/python workbench/comparison/trees/trees.py FOLDER ANSWERS MODEL RUN

(npm run workbench -- compare-trees does it)

ANSWERS/MODEL-RUN.json: {"seconds": CPU seconds, "predictions": {sigma: {descriptor: [value of each held site]}}}. Labels that are
unknown are left out of training. No score is made here: compare.ts scores all models by the same code.
"""

import glob
import json
import os
import sys
import time

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import XGBClassifier, XGBRegressor

SEED = 1
FOREST = {"n_estimators": 100, "max_features": "sqrt", "min_samples_leaf": 2, "n_jobs": 1, "random_state": SEED}
TREE = {"min_samples_leaf": 8, "random_state": SEED}
BOOST = {
    "tree_method": "hist", "max_bin": 64, "n_estimators": 60, "learning_rate": 0.2, "max_depth": 5,
    "subsample": 0.8, "colsample_bytree": 0.3, "min_child_weight": 2, "n_jobs": 1, "random_state": SEED,
}
MODELS = {
    "decision-tree": (lambda: DecisionTreeClassifier(**TREE), lambda: DecisionTreeRegressor(**TREE)),
    "random-forest": (
        lambda: RandomForestClassifier(**FOREST, max_samples=0.3),
        lambda: RandomForestRegressor(**FOREST, max_samples=0.3),
    ),
    "extra-trees": (lambda: ExtraTreesClassifier(**FOREST), lambda: ExtraTreesRegressor(**FOREST)),
    "xgboost": (lambda: XGBClassifier(**BOOST), lambda: XGBRegressor(**BOOST)),
}


def main(folder, answers, model, name):
    meta = json.load(open(os.path.join(folder, "meta.json")))
    bins, columns = meta["bins"], meta["descriptors"]
    labels = read(folder, "labels", (-1, len(columns)))
    inputs = read(folder, "inputs", (1 + meta["copies"], len(labels), bins))
    run = next(run for run in meta["runs"] if run["name"] == name)
    held = {
        os.path.basename(file)[len(name) + 1 : -4]: np.fromfile(file, "<f4").reshape(-1, bins)
        for file in glob.glob(os.path.join(folder, name + "-*.f32"))
    }
    train = np.array(run["train"])
    predictions = {sigma: {} for sigma in held}
    for column, descriptor in enumerate(columns):
        known = train[~np.isnan(labels[train, column])]
        x = inputs[:, known].reshape(-1, bins)
        y = np.tile(labels[known, column], 1 + meta["copies"])
        for sigma, values in fit(model, descriptor["kind"], x, y)(held).items():
            predictions[sigma][descriptor["name"]] = [round(float(v), 6) for v in values]
        print(f"{model} {name} {descriptor['name']}: {time.process_time():.0f} s of CPU so far", flush=True)
    file = os.path.join(answers, f"{model}-{name}.json")
    with open(file + ".partial", "w") as out:
        json.dump({"seconds": round(time.process_time(), 1), "predictions": predictions}, out)
    os.replace(file + ".partial", file)


def fit(model, kind, x, y):
    """A function from spectra by sigma to values by sigma."""
    make_classifier, make_regressor = MODELS[model]
    if kind == "real":
        regressor = make_regressor().fit(x, y)
        return lambda held: {sigma: regressor.predict(rows) for sigma, rows in held.items()}
    classes, index = np.unique(y, return_inverse=True)
    classifier = make_classifier().fit(x, index)
    return lambda held: {sigma: classes[classifier.predict(rows)] for sigma, rows in held.items()}


def read(folder, name, shape):
    return np.fromfile(os.path.join(folder, name + ".f32"), "<f4").reshape(shape)


main(*sys.argv[1:5])
