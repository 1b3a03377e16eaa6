"""The edges of a made-up dump by the rules in words, slowly and readably: `python3 reference.py DUMP` prints a line
`child,parent,relation` for each edge. It shares nothing with the program that it checks."""

import collections
import json
import pathlib
import sys

RELATIONS = ["finetune", "continued_pretraining", "merge", "adapter", "quantized", "unstated"]


def listings(dump):
    """The models by id; of repeated listings the one that was changed last."""
    models = {}
    for path in sorted(pathlib.Path(dump, "models").glob("*.jsonl")):
        for line in path.open():
            try:
                model = json.loads(line)
            except ValueError:
                continue
            known = models.get(model["id"])
            if known is None or model["lastModified"] > known["lastModified"]:
                models[model["id"]] = model
    return models


def stated(model):
    """The parents that a listing states, each once in any case, and their relation."""
    parents, relation = [], model["cardData"].get("base_model_relation")
    named = list(model["cardData"].get("base_model", []))
    for tag in model["tags"]:
        if tag.startswith("base_model:"):
            rest = tag[len("base_model:"):]
            if ":" in rest:
                word, rest = rest.split(":", 1)
                relation = relation or word
            named.append(rest)
    for parent in named:
        if parent.lower() not in [known.lower() for known in parents]:
            parents.append(parent)
    relation = relation or ("merge" if len(parents) > 1 else "unstated")
    return [parent for parent in parents if parent.lower() != model["id"].lower()], relation


def edges(models):
    """Child, parent and relation: a parent is the id, or the only id that differs in case alone."""
    folded = collections.defaultdict(list)
    for name in models:
        folded[name.lower()].append(name)
    unlisted = {}
    found = {}
    for model in models.values():
        parents, relation = stated(model)
        for parent in parents:
            alike = folded.get(parent.lower(), [])
            if parent not in models and len(alike) == 1:
                parent = alike[0]
            elif not alike:
                spelling = unlisted.setdefault(parent.lower(), parent)
                unlisted[parent.lower()] = min(spelling, parent)
            if parent != model["id"]:
                known = found.get((model["id"], parent), len(RELATIONS))
                found[model["id"], parent] = min(known, RELATIONS.index(relation))
    return {(child, unlisted.get(parent.lower(), parent)): relation for (child, parent), relation in found.items()}


def without_cycles(found, models):
    """The edges, put in from the most to the least certain relation; one that closes a cycle is left out."""
    on_cycles = set(found)
    while True:
        children, parents = {child for child, _ in on_cycles}, {parent for _, parent in on_cycles}
        rest = {(child, parent) for child, parent in on_cycles if child in parents and parent in children}
        if rest == on_cycles:
            break
        on_cycles = rest
    key = lambda name: (name not in models, name)
    order = sorted(on_cycles, key=lambda edge: (found[edge], key(edge[0]), key(edge[1])))
    above = collections.defaultdict(set)
    cut = set()
    for child, parent in order:
        seen, waiting = set(), [parent]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(above[node])
        if child in seen:
            cut.add((child, parent))
        else:
            above[child].add(parent)
    return {edge: relation for edge, relation in found.items() if edge not in cut}


def main():
    models = listings(sys.argv[1])
    found = without_cycles(edges(models), models)
    for (child, parent), relation in sorted(found.items()):
        print(f"{child},{parent},{RELATIONS[relation]}")


main()
